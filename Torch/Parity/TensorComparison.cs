using System.Runtime.InteropServices;
using CnnOnnx.Compare;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Parity;

/// <summary>Compares a tensor of TorchSharp with ONNX Runtime's.</summary>
internal static class TensorComparison
{
    /// <summary>Compares shapes and elements. A NaN agrees with nothing, not even with another one.</summary>
    /// <param name="ours">TorchSharp's tensor.</param>
    /// <param name="theirs">ONNX Runtime's tensor.</param>
    /// <param name="node">The node that makes the tensor.</param>
    /// <param name="quantizes">True when the model rounds to integers inside, where a tie may fall either way.</param>
    /// <param name="rules">Rules of a comparison of models, which then decide; null for the usual bound of one element.</param>
    public static TensorParity Between(Tensor ours, Activation theirs, OnnxNode node, bool quantizes, ParityRules? rules = null)
    {
        TensorParity direct = Direct(ours, theirs, node, quantizes);
        if (rules is null || direct.HasOtherShape || !FloatConversion.CanConvert(theirs.ElementType))
            return direct;
        PairTolerance tolerance = rules.For(theirs.Name, node, theirs.ElementType, IsQuantized(theirs, quantizes));
        var measured = direct with { Metrics = ParityRules.Measure(Floats(ours), theirs.Values, tolerance), Tolerance = tolerance };
        return measured with { Finding = measured.Agrees ? Finding.Agrees : Finding.Wrong };
    }

    /// <summary>A copy of the elements as floats.</summary>
    public static float[] Floats(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(tensor.cpu().to(ScalarType.Float32).contiguous().bytes).ToArray();
    }

    private static bool IsQuantized(Activation tensor, bool quantizes) =>
        quantizes && tensor.ElementType is ElementType.UInt8 or ElementType.Int8;

    private static TensorParity Direct(Tensor ours, Activation theirs, OnnxNode node, bool quantizes)
    {
        using DisposeScope scope = NewDisposeScope();
        var shape = new TensorShape(ours.shape);
        if (shape != theirs.Shape)
        {
            string shapes = $"is {shape} in TorchSharp and {theirs.Shape} in ONNX Runtime";
            return new TensorParity(theirs.Name, node, double.NaN, 0, shapes) { HasOtherShape = true };
        }

        if (ours.numel() == 0)
            return new TensorParity(theirs.Name, node, 0, 0);
        ReadOnlySpan<double> a = Elements(ours), b = Elements(ToTorch(theirs, CPU));
        Difference difference = Difference.Between(a, b);
        double allowed = Tolerance.Of(theirs.ElementType, IsQuantized(theirs, quantizes)).Allowed(difference.Magnitude);
        if (difference.NonFinite > 0)
            return new TensorParity(theirs.Name, node, double.NaN, allowed, "has NaN or infinity where the other has none");
        long nans = CountNaN(b);
        return nans == 0
            ? new TensorParity(theirs.Name, node, difference.Largest, allowed)
            : new TensorParity(theirs.Name, node, double.NaN, allowed, $"has {nans} NaN of {b.Length} in both engines")
            {
                SharesNaN = difference.Largest <= allowed,
            };
    }

    /// <summary>Compares two tensors of one shape, on any device.</summary>
    public static Difference Between(Tensor a, Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        return Difference.Between(Elements(a), Elements(b));
    }

    /// <summary>A copy in TorchSharp; the caller disposes it, or its scope does.</summary>
    public static Tensor ToTorch(Activation activation, Device device) =>
        TorchTensors.From(activation.ElementType, activation.Shape, activation.Raw, device);

    // The memory belongs to the caller's scope.
    private static ReadOnlySpan<double> Elements(Tensor tensor) =>
        MemoryMarshal.Cast<byte, double>(tensor.cpu().to(ScalarType.Float64).contiguous().bytes);

    private static long CountNaN(ReadOnlySpan<double> elements)
    {
        long count = 0;
        foreach (double element in elements)
            count += double.IsNaN(element) ? 1 : 0;
        return count;
    }
}
