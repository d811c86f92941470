using CnnOnnx.Trainer.Operators;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Training;

/// <summary>
/// What came of running an exported file in ONNX Runtime beside the network in memory: every output of the file, so every
/// tensor of the graph, on the same pictures.
/// </summary>
/// <param name="Tensors">How many were compared.</param>
/// <param name="LargestDifference">Largest |a − b| over all of them.</param>
/// <param name="At">The tensor that has it.</param>
/// <param name="Failed">Tensors out of tolerance; empty when the export is proven.</param>
internal sealed record ExportProof(int Tensors, double LargestDifference, string At, string[] Failed)
{
    /// <summary>‖a − b‖∞ may be so much of max(1, ‖b‖∞): float32 sums in another order.</summary>
    public const double Tolerance = 1e-4;

    public bool Holds => Failed.Length == 0;

    /// <param name="pictures">A batch as the network takes it.</param>
    public static ExportProof Of(string path, OnnxModule module, string input, Tensor pictures)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        module.eval();
        string[] names = [.. module.Model.Graph.Outputs.Select(o => o.Name)];
        Tensor[] ours = module.Run([(input, pictures)], names);

        using var options = new SessionOptions();
        using var session = new InferenceSession(path, options);
        using OrtValue given = OrtValue.CreateTensorValueFromMemory(pictures.cpu().data<float>().ToArray(), pictures.shape);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> theirs = session.Run(run, [input], [given], names);
        var differences = names.Select((name, i) => (Name: name, Difference: Difference(ours[i], theirs[i], out double magnitude), Magnitude: magnitude)).ToArray();
        var worst = differences.MaxBy(d => double.IsNaN(d.Difference) ? double.PositiveInfinity : d.Difference);
        return new ExportProof(names.Length, worst.Difference, worst.Name,
            [.. differences.Where(d => !(d.Difference <= Tolerance * Math.Max(1, d.Magnitude))).Select(d => d.Name)]);
    }

    private static double Difference(Tensor ours, OrtValue theirs, out double magnitude)
    {
        using DisposeScope scope = NewDisposeScope();
        magnitude = 0;
        if (!ours.shape.AsSpan().SequenceEqual(theirs.GetTensorTypeAndShape().Shape))
            return double.NaN;
        ReadOnlySpan<double> own = ours.cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
        ReadOnlySpan<double> values = ours.dtype == ScalarType.Int64
            ? Array.ConvertAll(theirs.GetTensorDataAsSpan<long>().ToArray(), v => (double)v)
            : Array.ConvertAll(theirs.GetTensorDataAsSpan<float>().ToArray(), v => (double)v);
        double largest = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double difference = Math.Abs(own[i] - values[i]);
            // also true for NaN, which then stays
            if (!(difference <= largest) && !double.IsNaN(largest))
                largest = difference;
            magnitude = Math.Max(magnitude, Math.Abs(values[i]));
        }

        return largest;
    }
}
