using CnnOnnx.Files;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Writes scores.csv: a row for each map of each input.</summary>
internal static class ScoreTable
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "scores.csv";

    private static readonly string[] Columns =
    [
        "input", "target", "expression", "value", "probability", "rank", "method", "layer", "channels", "height", "width", "min", "max",
        "negative_share", "peak_row", "peak_column", "finding",
    ];

    /// <summary>Makes the rows of an input.</summary>
    public static IReadOnlyList<ScoreRow> Rows(Explained explained) => [.. explained.Maps.Select(map =>
    {
        ExplainedTarget target = explained.Targets.First(own => ReferenceEquals(own.Target, map.Map.Target));
        int rank = explained.Classes is null ? -1
            : Enumerable.Range(0, explained.Classes.Ranked.Count)
                .FirstOrDefault(i => explained.Classes.Ranked[i].Label == target.Target.Name, -1);
        return new ScoreRow(explained.Path, target, rank < 0 ? null : explained.Classes!.Ranked[rank].Probability,
            rank < 0 ? null : rank + 1, MapRecord.Of(map, new MapPictures("")));
    })];

    /// <summary>Writes rows as a whole file.</summary>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="rows">Rows of one input or of many.</param>
    public static void Write(string folder, IEnumerable<ScoreRow> rows) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        using var csv = new CsvWriter(stream);
        foreach (string column in Columns)
            csv.Field(column);
        csv.EndRow();
        foreach (ScoreRow row in rows)
        {
            csv.Field(row.Input).Field(row.Target.Target.Name).Field(row.Target.Expression).Field(row.Target.Value);
            _ = row.Probability is { } probability ? csv.Field(probability) : csv.Field("");
            _ = row.Rank is { } rank ? csv.Field(rank) : csv.Field("");
            csv.Field(row.Map.Method).Field(row.Map.Layer).Field(row.Map.Shape[0]).Field(row.Map.Shape[1]).Field(row.Map.Shape[2])
                .Field(row.Map.Min).Field(row.Map.Max).Field(row.Map.NegativeShare).Field(row.Map.Peak[0]).Field(row.Map.Peak[1])
                .Field(string.Join("; ", row.Map.Findings.Select(finding => finding.Fault.ToString())));
            csv.EndRow();
        }
    });
}

/// <summary>One row of scores.csv.</summary>
/// <param name="Input">Path of the input.</param>
/// <param name="Target">Target of the map.</param>
/// <param name="Probability">Probability of the target's class; null for what is no class.</param>
/// <param name="Rank">Place of the class among all, from 1; null for what is no class.</param>
/// <param name="Map">The map.</param>
internal sealed record ScoreRow(string Input, ExplainedTarget Target, double? Probability, int? Rank, MapRecord Map);
