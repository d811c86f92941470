using CnnOnnx.Inference;
using CnnOnnx.Onnx;
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
        Tensor a = ours.cpu(), b = ToTorch(theirs, CPU);
        double difference = Distance(a, b);
        bool quantized = quantizes && theirs.ElementType is ElementType.UInt8 or ElementType.Int8;
        string? problem = double.IsFinite(difference) ? null : "has NaN or infinity where the other has none";
        return new TensorParity(theirs.Name, node, problem is null ? difference : double.NaN, Tolerance.For(theirs.ElementType, Magnitude(b), quantized), Problem: problem);
    }

    /// <summary>‖a − b‖∞; NaN equals NaN and infinity equals infinity.</summary>
    public static double Distance(Tensor a, Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        (a, b) = (a.to(ScalarType.Float64), b.to(ScalarType.Float64));
        Tensor same = a.eq(b).logical_or(a.isnan().logical_and(b.isnan()));
        return where(same, zeros_like(a), a.sub(b).abs()).max().item<double>();
    }

    /// <summary>The largest finite |b|.</summary>
    public static double Magnitude(Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        b = b.to(ScalarType.Float64);
        return where(b.isfinite(), b.abs(), zeros_like(b)).max().item<double>();
    }

    /// <summary>A copy in TorchSharp; the caller disposes it, or its scope does.</summary>
    public static Tensor ToTorch(Activation activation, Device device) =>
        TorchTensors.From(activation.ElementType, activation.Shape, activation.Raw, device);
}
