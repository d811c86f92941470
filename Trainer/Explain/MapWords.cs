using System.Globalization;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Gathers what is said of maps: the same words of a hundred maps are one line.</summary>
internal static class MapWords
{
    /// <summary>Makes a line of each kind of remark, in the order in which they first come.</summary>
    /// <param name="said">Keys of maps, what is said of each, and what makes two remarks the same kind: the words, or a fault.</param>
    /// <returns>"grad-cam/conv1/cat: words", "grad-cam/conv1/cat and 62 more maps: words".</returns>
    public static IEnumerable<string> Lines(IEnumerable<(string Key, string Words, string Kind)> said)
    {
        foreach (var same in said.GroupBy(one => one.Kind))
        {
            int others = same.Select(one => one.Key).Distinct().Count() - 1;
            string more = others == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
                $"{(same.All(one => one.Words == same.First().Words) ? " and" : ", and the like of")} {others} more "
                + $"{(others == 1 ? "map" : "maps")}");
            yield return $"{same.First().Key}{more}: {same.First().Words}";
        }
    }
}
