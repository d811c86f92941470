using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CnnOnnx.Onnx;

/// <summary>Reads class names from text in the forms that people and exporters write them.</summary>
internal static partial class ClassNameText
{
    // Objects that hold the names beside other things: Hugging Face's config.json, a data set's description.
    private static readonly string[] Wrappers = ["id2label", "names", "labels", "classes"];

    /// <param name="text">Text of a file or of an entry of metadata.</param>
    /// <param name="where">Its origin, for messages.</param>
    /// <returns>The names by index, from 0.</returns>
    /// <exception cref="BadInputException">No names, or indices that are missing.</exception>
    public static string[] Parse(string text, string where)
    {
        text = text.Trim('\uFEFF', ' ', '\t', '\r', '\n');
        string[] names = text.Length == 0 ? []
            : text[0] is '[' or '{' ? Structured(text, where)
            : Lines(text, where);
        return names.Length > 0 ? names : throw new BadInputException($"{where}: holds no class names");
    }

    private static string[] Structured(string text, string where)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return Json(document.RootElement, where);
        }
        catch (JsonException fault)
        {
            return Python(text, where) ?? throw new BadInputException($"{where}: is neither JSON nor a dictionary or list of Python: "
                + fault.Message.Split(" LineNumber")[0], fault);
        }
    }

    private static string[] Json(JsonElement root, string where)
    {
        if (root.ValueKind == JsonValueKind.Array)
            return [.. root.EnumerateArray().Select((element, i) => Name(element, $"{where}: element {i}"))];
        JsonProperty[] entries = [.. root.EnumerateObject()];
        if (entries.FirstOrDefault(e => Wrappers.Contains(e.Name) && e.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) is
            { Value.ValueKind: not JsonValueKind.Undefined } inner)
            return Json(inner.Value, $"{where}: {inner.Name}");
        bool isByName = entries.Length > 0 && entries.All(e => e.Value.ValueKind == JsonValueKind.Number);
        return Ordered(entries.Select(e => isByName
            ? (Index(e.Value.GetRawText(), where), e.Name)
            : (Index(e.Name, where), Name(e.Value, $"{where}: '{e.Name}'"))), where);
    }

    // Of Keras' [WordNet number, name] the name.
    private static string Name(JsonElement element, string where) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.Array when element.GetArrayLength() > 0 => Name(element[element.GetArrayLength() - 1], where),
        _ => throw new BadInputException($"{where} is {element.GetRawText()}, expected a class name"),
    };

    // {0: 'person', 1: "driver's seat"} or ['person', 'car'], as str() prints them; null for anything else.
    private static string[]? Python(string text, string where)
    {
        bool isList = text[0] == '[';
        var found = new List<(int, string)>();
        int at = 1;
        foreach (Match entry in PythonEntry().Matches(text))
        {
            bool isKeyed = entry.Groups["key"].Success;
            if (text[at..entry.Index].Trim(' ', '\r', '\n', '\t', ',').Length > 0 || isKeyed == isList)
                return null;
            string name = PythonEscape().Replace(entry.Groups["text"].Value, "$1");
            found.Add((isKeyed ? Index(entry.Groups["key"].Value, where) : found.Count, name));
            at = entry.Index + entry.Length;
        }

        return found.Count > 0 && text[at..].Trim(' ', '\r', '\n', '\t', ',') is "]" or "}" ? Ordered(found, where) : null;
    }

    private static string[] Lines(string text, string where)
    {
        string[] lines = [.. text.Split('\n').Select(line => line.Trim())];
        int empty = Array.IndexOf(lines, "");
        if (empty >= 0)
            throw new BadInputException($"{where}: line {empty + 1} is empty, expected a class name on every line");
        if (lines.All(line => WordNetNumber().IsMatch(line)))
            return [.. lines.Select(line => WordNetNumber().Replace(line, ""))];
        Match[] numbered = [.. lines.Select(line => NumberedLine().Match(line))];
        return numbered.Where((line, i) => !line.Success || Index(line.Groups["index"].Value, where) != i).Any() ? lines
            : [.. numbered.Select(line => line.Groups["name"].Value)];
    }

    private static string[] Ordered(IEnumerable<(int Index, string Name)> entries, string where)
    {
        (int Index, string Name)[] sorted = [.. entries.OrderBy(e => e.Index)];
        for (int i = 0; i < sorted.Length; i++)
            if (sorted[i].Index != i)
                throw new BadInputException($"{where}: has {sorted.Length} names, but none of index {i}; "
                    + $"expected 0 to {sorted.Length - 1}");
        return [.. sorted.Select(e => e.Name)];
    }

    private static int Index(string text, string where) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index
            : throw new BadInputException($"{where}: '{text}' is no index of a class, expected 0, 1, 2 …");

    [GeneratedRegex("""(?:['"]?(?<key>\d+)['"]?\s*:\s*)?(?<quote>['"])(?<text>(?:\\.|(?!\k<quote>).)*)\k<quote>""")]
    private static partial Regex PythonEntry();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex PythonEscape();

    [GeneratedRegex(@"^n\d{8}\s+")]
    private static partial Regex WordNetNumber();

    [GeneratedRegex(@"^(?<index>\d{1,6})\s*[,;:\t]\s*(?<name>.+)$")]
    private static partial Regex NumberedLine();
}
