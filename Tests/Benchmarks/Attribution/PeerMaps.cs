using System.Diagnostics;
using System.Globalization;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Attribution;

/// <summary>
/// Maps beside those of pytorch-grad-cam and Captum, which peer_attribution.py has written into a folder: correlation, largest difference
/// and time, as a Markdown table. Run with the argument --attribution and the folder.
/// </summary>
internal static class PeerMaps
{
    private static readonly Dictionary<string, Convention> Conventions = new()
    {
        ["pytorch-grad-cam"] = Convention.PytorchGradCam,
        ["captum"] = Convention.Captum,
    };

    /// <param name="folder">Folder of models and maps.</param>
    /// <param name="methods">Methods that are compared; none for all.</param>
    public static void Run(string folder, string[] methods)
    {
        Console.WriteLine("| network | method | of | correlation | largest difference | its time | ours |");
        Console.WriteLine("|---|---|---|---:|---:|---:|---:|");
        foreach (string path in Directory.EnumerateFiles(folder, "*.npz").Order())
            Compare(Path.ChangeExtension(path, ".onnx"), path, methods);
    }

    private static void Compare(string model, string maps, string[] methods)
    {
        using NpzReader reader = NpzReader.Open(maps);
        using DisposeScope scope = NewDisposeScope();
        Tensor input = TorchTensors.From(reader.Read("input"), CPU);
        var target = new AttributionTarget("281", "logit of class 281", [new TargetTerm("logits", [0, 281], 1)]);
        foreach ((string tool, Convention convention) in Conventions)
        {
            // Captum's Saliency was asked for its signed gradient, as ours is of the other conventions.
            using var explainer = new Explainer(OnnxModel.Read(model), new() { Convention = convention });
            using var plain = new Explainer(OnnxModel.Read(model));
            foreach (string key in reader.Keys.Where(key => key.StartsWith(tool + "/", StringComparison.Ordinal)))
            {
                string method = key[(tool.Length + 1)..];
                if (methods.Length > 0 && !methods.Contains(method))
                    continue;
                Explainer own = method == "gradient" ? plain : explainer;
                // The first time opens sessions and modules.
                float[] found = own.Explain([("input", input)], [target], [method], []).Last().Values;
                var watch = Stopwatch.StartNew();
                if (method is not ("score-cam" or "ablation-cam"))
                    _ = own.Explain([("input", input)], [target], [method], []);
                double seconds = watch.Elapsed.TotalSeconds;
                float[] theirs = reader.Read(key).As<float>().ToArray();
                (double correlation, double largest) = Agreement(theirs, found, method.StartsWith("eigen", StringComparison.Ordinal));
                float their = reader.Read($"seconds/{key}").As<float>()[0];
                string ours = method is "score-cam" or "ablation-cam" ? "" : $"{seconds:F2} s";
                string network = Path.GetFileNameWithoutExtension(model);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {network} | {method} | {tool} | {correlation:F6} | {largest:E1} | {their:F2} s | {ours} |"));
            }
        }
    }

    /// <summary>Pearson's correlation, and the largest difference as a share of the largest value.</summary>
    /// <param name="theirs">Map of the tool.</param>
    /// <param name="ours">Map of the library.</param>
    /// <param name="hasNoSign">The tool leaves the sign open: the map may be the other's negative.</param>
    private static (double Correlation, double Largest) Agreement(float[] theirs, float[] ours, bool hasNoSign)
    {
        if (theirs.Length != ours.Length)
            throw new InvalidOperationException($"{theirs.Length} values of the tool, {ours.Length} of ours.");
        double a = theirs.Average(), b = ours.Average();
        double both = theirs.Zip(ours, (x, y) => (x - a) * (y - b)).Sum();
        double correlation = both / Math.Sqrt(theirs.Sum(x => (x - a) * (x - a)) * ours.Sum(y => (y - b) * (y - b)));
        float sign = hasNoSign && correlation < 0 ? -1 : 1;
        double largest = theirs.Zip(ours, (x, y) => Math.Abs(x - sign * y)).Max() / theirs.Max(Math.Abs);
        return (sign * correlation, largest);
    }
}
