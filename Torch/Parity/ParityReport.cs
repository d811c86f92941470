using CnnOnnx.Inference;

namespace CnnOnnx.Torch.Parity;

/// <summary>Every tensor of a model, TorchSharp against ONNX Runtime.</summary>
/// <param name="Tensors">In the order in which they are made.</param>
/// <param name="Skipped">Tensors that could not be compared, with reasons.</param>
/// <param name="Rounds">
/// The model quantises inside, or computes in 16 bits. A value on the edge between two steps may then fall either way, and what
/// follows differs by a step that no node introduced.
/// </param>
internal sealed record ParityReport(IReadOnlyList<TensorParity> Tensors, IReadOnlyList<SkippedTensor> Skipped, bool Rounds)
{
    /// <summary>The tensor with the largest difference in units of what is allowed, among those that count.</summary>
    public TensorParity Largest => Tensors.Where(t => !t.IsCleared && !t.FollowsCleared).DefaultIfEmpty(Tensors[0]).MaxBy(t => double.IsNaN(t.Difference) ? double.PositiveInfinity : t.Difference / Math.Max(t.Allowed, 1e-12))!;

    /// <summary>The first tensor that breaks the tolerance; null when all hold.</summary>
    public TensorParity? First => Tensors.FirstOrDefault(Breaks);

    public bool Holds => First is null;

    /// <summary>How many differ only because of what is before them.</summary>
    public int Inherited => Tensors.Count(t => t.IsInherited);

    /// <summary>Tensors in which ONNX Runtime is the less exact engine, within the bounds of a verdict.</summary>
    public IReadOnlyList<TensorParity> Cleared => [.. Tensors.Where(t => t.IsCleared)];

    /// <summary>Largest ‖a − b‖∞ of tensors that agree directly.</summary>
    public double LargestDifference => Tensors.Where(t => t.Agrees).Select(t => t.Difference).DefaultIfEmpty(0).Max();

    private bool Breaks(TensorParity tensor) => !tensor.Agrees && !tensor.IsCleared && !(tensor.IsInherited && (Rounds || tensor.FollowsCleared));
}
