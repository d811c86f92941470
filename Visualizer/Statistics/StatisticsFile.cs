using CnnOnnx.Files;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Visualizer.Statistics;

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
            using var text = new StreamWriter(file, bufferSize: 1 << 16);
            var csv = new CsvWriter(text);
            foreach (string column in Header)
                csv.Field(column);
            csv.EndRow();
            foreach ((TensorRecord record, TensorNumbers numbers) in tensors)
                Write(csv, record, numbers);
        });

    private static void Write(CsvWriter csv, TensorRecord record, TensorNumbers numbers)
    {
        string name = CsvWriter.Escape(record.Name);
        string about = CsvWriter.Escape(record.Op, record.Node, record.Dtype, string.Join('x', record.Shape));
        csv.Escaped(name).Field("").Escaped(about);
        Facts(csv, numbers.Whole);
        foreach (double percentile in numbers.Percentiles)
            csv.Field(percentile);
        csv.EndRow();
        string nothing = new(',', numbers.Percentiles.Length - 1);
        for (int channel = 0; channel < numbers.Channels.Length; channel++)
        {
            csv.Escaped(name).Field(channel).Escaped(about);
            Facts(csv, numbers.Channels[channel]);
            csv.Escaped(nothing).EndRow();
        }
    }

    private static void Facts(CsvWriter csv, TensorStatistics facts) => csv
        .Field(facts.Count).Field(facts.Min).Field(facts.Max).Field(facts.Mean).Field(facts.Std)
        .Field(facts.ZeroShare).Field(facts.NanCount).Field(facts.PositiveInfinityCount + facts.NegativeInfinityCount);
}
