using System.Diagnostics.CodeAnalysis;

namespace CnnOnnx.Formats;

/// <summary>A class or function that a pickle names. Nothing of that name is ever looked for or run.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    // What Python 2, and protocols 0 to 2, call modules of Python 3.
    private static readonly Dictionary<string, string> Renamed = new() { ["__builtin__"] = "builtins", ["copy_reg"] = "copyreg" };

    /// <summary>Module and name with a dot between, under the module's present name.</summary>
    public string FullName { get; } = $"{Renamed.GetValueOrDefault(Module, Module)}.{Name}";

    public override string ToString() => FullName;
}

/// <summary>An object of a class that its reader does not know: what the pickle says of it.</summary>
/// <param name="Class">Name of its class, or of the function that would have made it.</param>
/// <param name="Arguments">What that would have been called with.</param>
internal sealed class PickleRecord(string Class, object?[] Arguments)
{
    public string Class { get; } = Class;

    public object?[] Arguments { get; } = Arguments;

    /// <summary>Its state, most often a dictionary of its attributes.</summary>
    public object? State { get; set; }

    /// <summary>Its entries, where the class is a kind of dictionary.</summary>
    public PickleDictionary Entries => field ??= new PickleDictionary();

    /// <summary>Its items, where the class is a kind of list.</summary>
    public List<object?> Items => field ??= [];

    /// <summary>Its attributes by name; null where its state is none.</summary>
    public PickleDictionary? Attributes => State switch
    {
        PickleDictionary attributes => attributes,
        // of a class with slots
        object?[] and [PickleDictionary attributes, _] => attributes,
        _ => null,
    };
}

/// <summary>A dictionary whose entries stay in the order in which they came; a key that comes again keeps its place.</summary>
internal sealed class PickleDictionary
{
    private readonly List<KeyValuePair<object?, object?>> _entries = [];
    private readonly Dictionary<object, int> _places = [];

    public IReadOnlyList<KeyValuePair<object?, object?>> Entries => _entries;

    /// <summary>Entries whose key is a text.</summary>
    public IEnumerable<(string Key, object? Value)> Named =>
        _entries.Where(e => e.Key is string or byte[]).Select(e => (PickleText.Of(e.Key)!, e.Value));

    public void Set(object? key, object? value)
    {
        object known = PickleText.Of(key) ?? key ?? DBNull.Value;
        if (_places.TryGetValue(known, out int place))
        {
            _entries[place] = KeyValuePair.Create(key, value);
            return;
        }

        _places[known] = _entries.Count;
        _entries.Add(KeyValuePair.Create(key, value));
    }

    public bool TryGet(string key, [NotNullWhen(true)] out object? value)
    {
        value = _places.TryGetValue(key, out int place) ? _entries[place].Value : null;
        return value is not null;
    }
}

/// <summary>Texts of pickles, which Python 2 wrote as bytes.</summary>
internal static class PickleText
{
    /// <summary>A text, or bytes as Latin-1; null for anything else.</summary>
    public static string? Of(object? value) => value switch
    {
        string text => text,
        byte[] bytes => System.Text.Encoding.Latin1.GetString(bytes),
        _ => null,
    };
}
