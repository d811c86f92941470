using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>Options of a comparison.</summary>
public sealed record CompareOptions
{
    /// <summary>
    /// Device, threads, optimisation and preprocessing of the first model. Unoptimised when nothing is said, so that each node
    /// computes its own tensor.
    /// </summary>
    public ActivationOptions A { get; init; } = new() { Optimization = OptimizationLevel.Disabled };

    /// <summary>The same for the second model; the first's when null.</summary>
    public ActivationOptions? B { get; init; }

    /// <summary>Pairs that are given: tensor of the first model, tensor of the second. The rest is found.</summary>
    public IReadOnlyList<(string A, string B)> Pairs { get; init; } = [];

    /// <summary>Names of tensors, with * and ?, of either model; all pairs when empty.</summary>
    public IReadOnlyList<string> Tensors { get; init; } = [];

    /// <summary>Bound of the relative error of every tensor; the table of <see cref="Tolerances"/> decides when null.</summary>
    public double? Relative { get; init; }

    /// <summary>Difference that never counts; the table of <see cref="Tolerances"/> decides when null.</summary>
    public double? Absolute { get; init; }

    /// <summary>Tolerances of tensors by name, with * and ?; the first that fits counts.</summary>
    public IReadOnlyList<(string Tensor, PairTolerance Tolerance)> ByName { get; init; } = [];

    /// <summary>On how many inputs each layer is also run alone on the first model's values; the first ones are taken.</summary>
    public int LocalInputs { get; init; } = 4;

    /// <summary>Number of layers, of those that add most, whose own change of the output is measured.</summary>
    public int Effects { get; init; } = 16;

    /// <summary>
    /// Keeps the channels of every pair that differ most, as a page shows them, up to some 25 MB; else only those of the pair that the
    /// verdict names.
    /// </summary>
    public bool KeepsMaps { get; init; }

    /// <summary>The tolerance of a pair.</summary>
    internal PairTolerance For(TensorPair pair, ElementType a, ElementType b, bool isQuantized)
    {
        foreach ((string pattern, PairTolerance given) in ByName)
            if (TensorSelection.Matches(pattern, pair.A) || TensorSelection.Matches(pattern, pair.B))
                return given;
        return With(Tolerances.Of(a, b, isQuantized));
    }

    /// <summary>The tolerance of tensors of a type, whatever their names.</summary>
    internal PairTolerance For(ElementType type, bool isQuantized) => With(Tolerances.Of(type, type, isQuantized));

    private PairTolerance With(PairTolerance usual) => new(Relative ?? usual.Relative, Absolute ?? usual.Absolute);
}

/// <summary>Differences that two runs of the same weights may have, for the coarser of the two element types.</summary>
public static class Tolerances
{
    /// <summary>
    /// The usual tolerance. float32: sums of thousands of products in another order differ by some 1e-6 of the tensor, and a
    /// hundred layers add up to less than 1e-4. float16 has 11 bits, bfloat16 8, and an 8-bit quantiser rounds to 1/255 of its
    /// range: each again with room for a hundred layers.
    /// </summary>
    /// <param name="a">Element type of the first tensor.</param>
    /// <param name="b">Element type of the second tensor.</param>
    /// <param name="isQuantized">True when one of the models has quantised tensors, or both.</param>
    public static PairTolerance Of(ElementType a, ElementType b, bool isQuantized)
    {
        PairTolerance left = Of(a), right = Of(b);
        PairTolerance coarser = left.Relative >= right.Relative ? left : right;
        return isQuantized && coarser.Relative < Quantized.Relative ? Quantized : coarser;
    }

    private static readonly PairTolerance Quantized = new(0.2, 1e-6);

    private static PairTolerance Of(ElementType type) => type switch
    {
        ElementType.Float or ElementType.Double => new(1e-4, 1e-7),
        ElementType.Float16 => new(1e-2, 1e-5),
        ElementType.BFloat16 => new(8e-2, 1e-4),
        ElementType.Int8 or ElementType.UInt8 => Quantized,
        _ => new(0, 0),
    };
}
