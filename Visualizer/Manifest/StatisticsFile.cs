using System.Globalization;
using CnnOnnx.Files;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>stats.csv: a row for each tensor, whose channel is empty, and after it a row for each of its channels.</summary>
internal static class StatisticsFile
{
    public const string FileName = "stats.csv";

    private static readonly string[] Header =
    [
        "tensor", "channel", "op", "node", "dtype", "shape", "count", "min", "max", "mean", "std", "zeros", "nan", "inf",
        .. TensorNumbers.Percentages.Select(p => $"p{p}"),
    ];

    public static void Write(string folder, IReadOnlyList<(TensorRecord Record, TensorNumbers Numbers)> tensors) =>
        AtomicFile.Write(Path.Combine(folder, FileName), file =>
        {
            using var csv = new CsvWriter(file);
            foreach (string column in Header)
                csv.Field(column);
            csv.EndRow();
            foreach ((TensorRecord record, TensorNumbers numbers) in tensors)
                Write(csv, record, numbers);
        });

    private static void Write(CsvWriter csv, TensorRecord record, TensorNumbers numbers)
    {
        byte[] name = CsvWriter.Escape(record.Name);
        string shape = string.Join('x', record.Shape);
        byte[] about = CsvWriter.Escape(record.Op, record.Node, record.Dtype, shape);
        TensorStatistics whole = numbers.Whole;
        csv.Escaped(name).Field("").Escaped(about)
            .Field(whole.Count).Field(whole.Min).Field(whole.Max).Field(whole.Mean).Field(whole.Std)
            .Field(whole.ZeroShare).Field(whole.NanCount).Field(whole.PositiveInfinityCount + whole.NegativeInfinityCount);
        foreach (double percentile in numbers.Percentiles)
            csv.Field(percentile);
        csv.EndRow();
        byte[] nothing = CsvWriter.Escape([.. numbers.Percentiles.Select(_ => "")]);
        // The digits of the manifest.
        ChannelTable table = record.ByChannel;
        long count = table.Count == 0 ? 0 : numbers.Channels[0].Count;
        byte[] aboutChannel = CsvWriter.Escape(record.Op, record.Node, record.Dtype, shape, count.ToString(CultureInfo.InvariantCulture));
        for (int channel = 0; channel < table.Count; channel++)
        {
            csv.Escaped(name).Field(channel).Escaped(aboutChannel)
                .Escaped(table.Min.TextOf(channel)).Escaped(table.Max.TextOf(channel)).Escaped(table.Mean.TextOf(channel))
                .Escaped(table.Std.TextOf(channel)).Escaped(table.Zeros.TextOf(channel)).Field(table.Nan?[channel] ?? 0)
                    .Field(table.Inf?[channel] ?? 0)
                .Escaped(nothing).EndRow();
        }
    }
}
