using CnnOnnx.Files;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>channels.csv: a row for each channel, with what many pictures say about it.</summary>
internal static class ChannelsFile
{
    public static void Write(string path, IEnumerable<(LayerSurvey Layer, ChannelHealth[] Channels)> judged) =>
        AtomicFile.Write(path, file => WriteTable(file, judged));

    private static void WriteTable(Stream file, IEnumerable<(LayerSurvey Layer, ChannelHealth[] Channels)> judged)
    {
        using var csv = new CsvWriter(file);
        foreach (string column in new[] { "tensor", "op", "channel", "state", "values", "min", "max", "mean", "std", "zeros", "saturated",
            "nan", "inf", "duplicate_of", "relation", "comes_from" })
            csv.Field(column);
        csv.EndRow();
        foreach ((LayerSurvey layer, ChannelHealth[] channels) in judged)
            foreach (ChannelHealth channel in channels)
            {
                TensorStatistics facts = channel.Facts;
                csv.Field(layer.Name).Field(layer.Op).Field(channel.Channel).Field(channel.State).Field(facts.Count)
                    .Field(facts.Min).Field(facts.Max).Field(facts.Mean).Field(facts.Std).Field(facts.ZeroShare).Field(channel.Saturated)
                    .Field(facts.NanCount).Field(facts.PositiveInfinityCount + facts.NegativeInfinityCount)
                    .Field(channel.DuplicateOf is { } of ? $"{of}" : "").Field(channel.Relation ?? "").Field(channel.From ?? "");
                csv.EndRow();
            }
    }
}
