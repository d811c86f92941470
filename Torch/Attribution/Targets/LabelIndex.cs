using System.Globalization;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Class names, found as people write them: the whole label, one of its synonyms, in any case, with _ for a space.</summary>
internal sealed class LabelIndex
{
    private readonly IReadOnlyList<string> _labels;
    private readonly ILookup<string, int> _whole, _synonyms;

    /// <param name="labels">One name a class, in the order of the classes; "tabby, tabby cat" has two synonyms. Empty for none.</param>
    public LabelIndex(IReadOnlyList<string> labels)
    {
        _labels = labels;
        _whole = Enumerable.Range(0, labels.Count).ToLookup(i => Plain(labels[i]));
        _synonyms = Enumerable.Range(0, labels.Count)
            .SelectMany(i => labels[i].Split(',').Select(word => (Word: Plain(word), Class: i))).Where(pair => pair.Word.Length > 0)
            .ToLookup(pair => pair.Word, pair => pair.Class);
    }

    /// <summary>Number of names.</summary>
    public int Count => _labels.Count;

    /// <summary>Short name of a class for headings: its first synonym, or its number.</summary>
    public string Short(int index) => index < _labels.Count && _labels[index].Split(',')[0].Trim() is { Length: > 0 } name
        ? name : string.Create(CultureInfo.InvariantCulture, $"class {index}");

    /// <summary>Class in words: "class 281 'tabby, tabby cat'".</summary>
    public string Describe(int index) => string.Create(CultureInfo.InvariantCulture,
        $"class {index}{(index < _labels.Count ? $" '{_labels[index]}'" : "")}");

    /// <summary>True for what names exactly one class, or several, which is then an error to be told.</summary>
    public bool Knows(string text) => _whole.Contains(Plain(text)) || _synonyms.Contains(Plain(text));

    /// <summary>The class that a text names; null for none.</summary>
    /// <exception cref="BadInputException">Several classes have that name.</exception>
    public int? Find(string text)
    {
        int[] found = [.. _whole[Plain(text)]];
        if (found.Length == 0)
            found = [.. _synonyms[Plain(text)].Distinct()];
        return found switch
        {
            [] => null,
            [int one] => one,
            _ => throw new BadInputException($"'{text}' is the name of several classes: "
                + $"{string.Join(", ", found.Select(Describe))}; expected the index of one of them"),
        };
    }

    /// <summary>Names that come closest, in words; empty where there are none.</summary>
    public string Offer(string text) => NearestNames.Offer(text, _labels);

    private static string Plain(string text) => text.Replace('_', ' ').Trim().ToLowerInvariant();
}
