using System.Runtime.InteropServices;
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
    /// <param name="node">The node that makes the tensor.</param>
    /// <param name="quantizes">The model rounds to integers inside, where a tie may fall either way.</param>
    public static TensorParity Between(Tensor ours, Activation theirs, OnnxNode node, bool quantizes)
    {
        using DisposeScope scope = NewDisposeScope();
        var shape = new TensorShape(ours.shape);
        if (shape != theirs.Shape)
            return new TensorParity(theirs.Name, node, double.NaN, 0, Problem: $"is {shape}, expected {theirs.Shape}");
        if (ours.numel() == 0)
            return new TensorParity(theirs.Name, node, 0, 0);
        Difference difference = Between(ours, ToTorch(theirs, CPU));
        bool isQuantized = quantizes && theirs.ElementType is ElementType.UInt8 or ElementType.Int8;
        double allowed = Tolerance.Of(theirs.ElementType, isQuantized).Allowed(difference.Magnitude);
        string? problem = difference.NonFinite == 0 ? null : "has NaN or infinity where the other has none";
        return new TensorParity(theirs.Name, node, problem is null ? difference.Largest : double.NaN, allowed, Problem: problem);
    }

    /// <summary>Of two tensors of one shape, on any device.</summary>
    public static Difference Between(Tensor a, Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        return Difference.Between(Elements(a), Elements(b));
    }

    /// <summary>A copy in TorchSharp; the caller disposes it, or its scope does.</summary>
    public static Tensor ToTorch(Activation activation, Device device) =>
        TorchTensors.From(activation.ElementType, activation.Shape, activation.Raw, device);

    // Of the caller's scope.
    private static ReadOnlySpan<double> Elements(Tensor tensor) =>
        MemoryMarshal.Cast<byte, double>(tensor.cpu().to(ScalarType.Float64).contiguous().bytes);
}
