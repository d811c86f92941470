using System.Collections.Frozen;
using System.Text;

namespace CnnOnnx.Formats;

/// <summary>Makes a value of what a pickle calls a class or function with.</summary>
/// <param name="arguments">The arguments, none of them checked.</param>
/// <returns>The value.</returns>
/// <exception cref="PickleCallException">The arguments are others than that class has.</exception>
internal delegate object? PickleCall(object?[] arguments);

/// <summary>
/// The classes that one reader of pickles understands: an object of any other becomes a record of what the pickle says of it. The
/// list is all that a pickle can have an effect by.
/// </summary>
internal sealed class PickleClasses
{
    // Of entries and bytes that calls copy: one line of a pickle can ask for a long list again and again.
    private const long MostCopied = 64 << 20;

    private readonly FrozenDictionary<string, PickleCall> _calls;
    private readonly Func<object?, object?> _persistent;
    private long _copied;

    /// <param name="calls">By full name, such as torch.Size: what makes a value of the arguments.</param>
    /// <param name="persistent">Answers a persistent id, which stands for data outside the pickle.</param>
    public PickleClasses(IEnumerable<KeyValuePair<string, PickleCall>> calls, Func<object?, object?> persistent)
    {
        _persistent = persistent;
        // What every pickle may hold: collections, and how old protocols write bytes.
        KeyValuePair<string, PickleCall>[] basic =
        [
            new("collections.OrderedDict", Dictionary),
            new("collections.Counter", Dictionary),
            new("collections.defaultdict", arguments => Dictionary(arguments.Length > 1 ? arguments[1..] : [])),
            new("builtins.dict", Dictionary),
            new("builtins.list", Items),
            new("builtins.set", Items),
            new("builtins.frozenset", Items),
            new("builtins.bytearray", arguments => arguments is [byte[] bytes, ..] ? bytes : Array.Empty<byte>()),
            new("_codecs.encode", Encoded),
            new("copyreg._reconstructor", arguments => arguments is [PickleGlobal made, ..] ? new PickleRecord(made.FullName, arguments)
                : throw new PickleCallException("expected a class")),
        ];
        _calls = basic.Concat(calls).GroupBy(c => c.Key).ToFrozenDictionary(c => c.Key, c => c.Last().Value);
    }

    /// <summary>The value of a call; a record where the class is not known.</summary>
    public object? Call(PickleGlobal name, object?[] arguments)
    {
        if (!_calls.TryGetValue(name.FullName, out PickleCall? call))
            return new PickleRecord(name.FullName, arguments);
        try
        {
            return call(arguments);
        }
        catch (PickleCallException fault)
        {
            throw new PickleCallException($"{name.FullName} with {arguments.Length} arguments: {fault.Message}");
        }
    }

    /// <summary>What a persistent id stands for.</summary>
    public object? Persistent(object? id) => _persistent(id);

    // Python 2 gives an ordered dictionary its entries as a list of lists.
    private PickleDictionary Dictionary(object?[] arguments)
    {
        var made = new PickleDictionary();
        if (arguments is [PickleDictionary other, ..])
        {
            Charge(other.Entries.Count);
            foreach (KeyValuePair<object?, object?> entry in other.Entries)
                made.Set(entry.Key, entry.Value);
        }
        else if (arguments is [List<object?> pairs, ..])
        {
            Charge(pairs.Count);
            foreach (object? pair in pairs)
            {
                if (pair is not IReadOnlyList<object?> { Count: 2 } entry)
                    throw new PickleCallException("expected pairs of key and value");
                made.Set(entry[0], entry[1]);
            }
        }

        return made;
    }

    private List<object?> Items(object?[] arguments)
    {
        if (arguments is not [IReadOnlyList<object?> items, ..])
            return arguments is [] ? [] : throw new PickleCallException("expected a list");
        Charge(items.Count);
        return [.. items];
    }

    private byte[] Encoded(object?[] arguments)
    {
        if (arguments is not [string text, ..])
            throw new PickleCallException("expected a text");
        Charge(text.Length);
        return Encoding.Latin1.GetBytes(text);
    }

    private void Charge(int count)
    {
        _copied += count;
        if (_copied > MostCopied)
            throw new PickleCallException($"copies more than {MostCopied} entries or bytes");
    }
}

/// <summary>A call in a pickle that cannot be answered; the reader adds where.</summary>
internal sealed class PickleCallException(string problem) : Exception(problem);
