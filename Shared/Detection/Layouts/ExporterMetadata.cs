using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>What exporters of the ultralytics family write into a file's metadata, as texts of Python.</summary>
/// <param name="Names">Names of the classes, in their order.</param>
/// <param name="Task">Task of the model: detect, segment, pose, obb, classify; empty in files of v3 and v5.</param>
/// <param name="Size">Size of the pictures that it was trained for; null when not said.</param>
/// <param name="Keypoints">Numbers of a box's keypoints together; 0 for none.</param>
internal sealed record ExporterMetadata(ImmutableArray<string> Names, string Task, Size? Size, int Keypoints)
{
    private const int MostPoints = 1000;

    /// <summary>Null for files of other exporters.</summary>
    public static ExporterMetadata? Of(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue("names", out string? names) || !(metadata.ContainsKey("stride") || metadata.ContainsKey("task")))
            return null;
        ImmutableArray<string> labels = ReadNames(names);
        if (labels.Length == 0)
            return null;
        Size? size = Numbers(metadata.GetValueOrDefault("imgsz", "")) switch
        {
            [> 0 and var height, > 0 and var width] => new Size(width, height),
            [> 0 and var side] => new Size(side, side),
            _ => null,
        };
        int[] points = Numbers(metadata.GetValueOrDefault("kpt_shape", ""));
        return new ExporterMetadata(labels, metadata.GetValueOrDefault("task", ""), size,
            points is [> 0 and < MostPoints, > 0 and < MostPoints] ? points[0] * points[1] : 0);
    }

    /// <summary>Reads {0: 'person', 1: "it's"} and ['person', 'bicycle']; empty for what is neither, or has gaps.</summary>
    internal static ImmutableArray<string> ReadNames(string text)
    {
        bool isDictionary = text.TrimStart().StartsWith('{');
        var names = new SortedDictionary<int, string>();
        int at = 0, key = -1;
        while (at < text.Length)
        {
            if (char.IsAsciiDigit(text[at]))
            {
                int from = at;
                while (at < text.Length && char.IsAsciiDigit(text[at]))
                    at++;
                if (!int.TryParse(text.AsSpan(from, at - from), NumberStyles.None, CultureInfo.InvariantCulture, out key))
                    return [];
            }
            else if (text[at] is '\'' or '"')
            {
                string name = ReadText(text, ref at);
                if (!names.TryAdd(isDictionary ? key : names.Count, name))
                    return [];
            }
            else
            {
                at++;
            }
        }

        return names.Keys.SequenceEqual(Enumerable.Range(0, names.Count)) ? [.. names.Values] : [];
    }

    // From a quote to its partner; a backslash takes the next letter as it is.
    private static string ReadText(string text, ref int at)
    {
        var name = new StringBuilder();
        char quote = text[at++];
        for (; at < text.Length && text[at] != quote; at++)
            name.Append(text[at] == '\\' && at + 1 < text.Length ? text[++at] : text[at]);
        at++;
        return name.ToString();
    }

    private static int[] Numbers(string text) => [.. text.Split(['[', ']', '(', ')', ',', ' '], StringSplitOptions.RemoveEmptyEntries)
        .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
}
