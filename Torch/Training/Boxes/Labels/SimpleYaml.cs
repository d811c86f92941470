using System.Text;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Reads as much of YAML as files beside data sets use: keys with a text, a list or a numbered list, on one line or on many. All else is
/// passed over.
/// </summary>
internal static class SimpleYaml
{
    /// <summary>The texts of each key at the left edge.</summary>
    /// <exception cref="BadInputException">The file cannot be read.</exception>
    public static Dictionary<string, string[]> Read(string path)
    {
        var values = new Dictionary<string, string[]>(StringComparer.Ordinal);
        string? key = null;
        var texts = new List<(int? Number, string Text)>();
        foreach (string line in Joined(SetFiles.Text(path)))
        {
            bool isIndented = line[0] is ' ' or '\t' or '-';
            string content = line.Trim();
            if (isIndented && key is not null)
                texts.Add(Item(content));
            else if (KeyIn(content) is { } colon)
            {
                Keep();
                key = Unquoted(content[..colon]);
                texts = [.. Flow(content[(colon + 1)..].Trim())];
            }
        }

        Keep();
        return values;

        void Keep()
        {
            if (key is not null)
                values[key] = [.. texts.OrderBy(t => t.Number ?? 0).Select(t => t.Text)];
        }
    }

    // Lists in brackets may go on for lines.
    private static IEnumerable<string> Joined(string text)
    {
        var open = new StringBuilder();
        foreach (string raw in text.Split('\n'))
        {
            string line = WithoutComment(raw).TrimEnd();
            if (line.Trim().Length == 0 || line is "---")
                continue;
            open.Append(open.Length > 0 ? line.Trim() : line);
            string all = open.ToString();
            if (all.Count(c => c is '[' or '{') > all.Count(c => c is ']' or '}'))
                continue;
            yield return all;
            open.Clear();
        }

        if (open.Length > 0)
            yield return open.ToString();
    }

    private static string WithoutComment(string line)
    {
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
                quote = line[i] == quote ? '\0' : quote;
            else if (line[i] is '\'' or '"')
                quote = line[i];
            else if (line[i] == '#' && (i == 0 || line[i - 1] is ' ' or '\t'))
                return line[..i];
        }

        return line;
    }

    private static int? KeyIn(string text)
    {
        int colon = text.IndexOf(':');
        return colon > 0 && (colon == text.Length - 1 || text[colon + 1] is ' ' or '\t') ? colon : null;
    }

    private static IEnumerable<(int?, string)> Flow(string text) => text switch
    {
        "" => [],
        ['[' or '{', .. string inner, ']' or '}'] => Split(inner).Select(Item),
        _ => [(null, Unquoted(text))],
    };

    // An item of a list (- cat) or of a numbered one (0: cat).
    private static (int? Number, string Text) Item(string text)
    {
        string item = text.StartsWith('-') ? text[1..].Trim() : text;
        return KeyIn(item) is { } colon && int.TryParse(item[..colon], out int number)
            ? (number, Unquoted(item[(colon + 1)..].Trim()))
            : (null, Unquoted(item));
    }

    private static IEnumerable<string> Split(string list)
    {
        var item = new StringBuilder();
        char quote = '\0';
        foreach (char c in list)
        {
            if (c == ',' && quote == '\0')
            {
                yield return item.ToString().Trim();
                item.Clear();
                continue;
            }

            quote = quote == '\0' && c is '\'' or '"' ? c : c == quote ? '\0' : quote;
            item.Append(c);
        }

        if (item.ToString().Trim() is { Length: > 0 } last)
            yield return last;
    }

    private static string Unquoted(string text) => text is ['"', .. string inside, '"'] ? inside
        : text is ['\'', .. string single, '\''] ? single.Replace("''", "'", StringComparison.Ordinal) : text.Trim();
}
