using CnnOnnx.Files;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>
/// Tables of the layers over many pictures: layers.csv, a row for each tensor, and top.csv, the pictures that each channel answers to
/// most.
/// </summary>
internal static class LayersFile
{
    public const string FileName = "layers.csv", TopFileName = "top.csv";

    private static readonly string[] Header =
    [
        "tensor", "op", "channels", "values", "min", "max", "mean", "std", "zeros", "nan", "inf",
        .. TensorNumbers.Percentages.Select(p => $"p{p}"),
    ];

    /// <param name="path">Path of the table.</param>
    /// <param name="judged">Layers with their channels. Percentiles are estimates, off by no more than 1/32 of their value.</param>
    public static void Write(string path, IEnumerable<(LayerSurvey Layer, ChannelHealth[] Channels)> judged) =>
        AtomicFile.Write(path, file =>
        {
            using var csv = new CsvWriter(file);
            foreach (string column in Header)
                csv.Field(column);
            csv.EndRow();
            foreach ((LayerSurvey layer, ChannelHealth[] channels) in judged)
            {
                var facts = TensorStatistics.Merge([.. channels.Select(channel => channel.Facts)]);
                csv.Field(layer.Name).Field(layer.Op).Field(layer.Channels).Field(facts.Count).Field(facts.Min).Field(facts.Max)
                    .Field(facts.Mean).Field(facts.Std).Field(facts.ZeroShare).Field(facts.NanCount)
                    .Field(facts.PositiveInfinityCount + facts.NegativeInfinityCount);
                foreach (double percentage in TensorNumbers.Percentages)
                    csv.Field((float)layer.Values.Quantile(percentage / 100, facts.Min, facts.Max));
                csv.EndRow();
            }
        });

    /// <param name="path">Path of the table.</param>
    /// <param name="judged">Layers with their channels.</param>
    /// <param name="names">Names of pictures by their numbers.</param>
    public static void WriteTop(string path, IEnumerable<(LayerSurvey Layer, ChannelHealth[] Channels)> judged,
        IReadOnlyDictionary<long, string> names) => AtomicFile.Write(path, file =>
        {
            using var csv = new CsvWriter(file);
            foreach (string column in new[] { "tensor", "op", "channel", "rank", "max", "number", "input" })
                csv.Field(column);
            csv.EndRow();
            foreach ((LayerSurvey layer, ChannelHealth[] channels) in judged)
            {
                byte[] about = CsvWriter.Escape(layer.Name, layer.Op);
                // A channel that is the same everywhere answers to nothing.
                foreach (ChannelHealth channel in channels.Where(channel => channel.State is not ("dead" or "constant")))
                {
                    int rank = 0;
                    foreach ((float value, long number) in layer.Top.Of(channel.Channel))
                    {
                        csv.Escaped(about).Field(channel.Channel).Field(++rank).Field(value).Field(number).Field(names[number]);
                        csv.EndRow();
                    }
                }
            }
        });
}
