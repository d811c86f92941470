using CnnOnnx.Import;

namespace CnnOnnx.Tests.Import;

/// <summary>Darknet files for tests: cfgs with other sizes, weights drawn from a seed.</summary>
internal static class DarknetFiles
{
    /// <summary>
    /// Writes weights that keep values in a sound range: kernels of He's spread, variances from 0.5 to 1.5. Places and names are the
    /// reader's; a referee that reads them otherwise would take roots of negative numbers.
    /// </summary>
    /// <param name="cfg">The network.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="header">Bytes before the values; those of version 0.2.0 when null.</param>
    /// <returns>Number of values.</returns>
    public static long WriteWeights(string cfg, string path, byte[]? header = null)
    {
        (_, DarknetGraph graph) = DarknetNetwork.Build(CfgFile.Read(cfg), new DarknetOptions());
        var random = new Random(7);
        using var file = new BinaryWriter(File.Create(path));
        file.Write(header ?? [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, .. new byte[8]]);
        foreach (DarknetValues values in graph.Values)
        {
            double spread = Math.Sqrt(2.0 / Math.Max(1, values.Count / Math.Max(1, values.Rows)));
            for (long i = 0; i < values.Count; i++)
                file.Write((float)(values.Name.Split('.')[^1] switch
                {
                    "running_var" => 0.5 + random.NextDouble(),
                    "weight" when values.Name.StartsWith("bn", StringComparison.Ordinal) => 0.8 + (0.4 * random.NextDouble()),
                    "weight" => Math.Sqrt(3) * spread * ((2 * random.NextDouble()) - 1),
                    _ => 0.2 * (random.NextDouble() - 0.5),
                }));
        }

        return graph.Values.Sum(values => values.Count);
    }

    /// <summary>
    /// A cfg with another input size, without what OpenCV would do to its heads, and without [crop], which it cannot read.
    /// </summary>
    public static void WriteCfg(string from, string to, int side) => File.WriteAllLines(to, WithoutCrop(File.ReadLines(from))
        .Select(line => line.Replace(" ", "")).Select(line => line.StartsWith("height=", StringComparison.Ordinal) ? $"height={side}"
            : line.StartsWith("width=", StringComparison.Ordinal) ? $"width={side}" : line)
        .Where(line => !line.StartsWith("thresh=", StringComparison.Ordinal))
        .SelectMany(line => line.Trim() is "[yolo]" or "[region]" ? [line, "thresh=0", "nms_threshold=0"] : new[] { line }));

    /// <summary>Gives a cfg of YOLOv3 fewer filters and other classes, in place.</summary>
    /// <param name="cfg">Path of the cfg.</param>
    /// <param name="part">Divisor of the filters; 8 are the fewest that are left.</param>
    /// <param name="classes">Number of classes that its heads tell apart.</param>
    public static void Narrow(string cfg, int part, int classes)
    {
        const string filters = "filters=", headFilters = "filters=255";
        File.WriteAllLines(cfg, File.ReadAllLines(cfg).Select(line => line.Replace(" ", "")).Select(line =>
            line == headFilters ? $"{filters}{3 * (5 + classes)}"
            : line.StartsWith(filters, StringComparison.Ordinal) ? $"{filters}{Math.Max(8, int.Parse(line[filters.Length..]) / part)}"
            : line.StartsWith("classes=", StringComparison.Ordinal) ? $"classes={classes}" : line));
    }

    private static IEnumerable<string> WithoutCrop(IEnumerable<string> lines)
    {
        bool inside = false;
        foreach (string line in lines)
        {
            if (line.StartsWith('['))
                inside = line.StartsWith("[crop]", StringComparison.Ordinal);
            if (!inside)
                yield return line;
        }
    }
}
