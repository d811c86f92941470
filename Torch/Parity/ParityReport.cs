using CnnOnnx.Compare;
using CnnOnnx.Inference;

namespace CnnOnnx.Torch.Parity;

/// <summary>Every tensor of a model, TorchSharp against ONNX Runtime.</summary>
/// <param name="Tensors">The tensors that were compared, in the order in which they are made.</param>
/// <param name="Skipped">Tensors that could not be compared, with reasons.</param>
internal sealed record ParityReport(IReadOnlyList<TensorParity> Tensors, IReadOnlyList<SkippedTensor> Skipped)
{
    /// <summary>Classes that the engines think most likely, where rules of a comparison were given; none without scores.</summary>
    public IReadOnlyList<ScorePair> Scores { get; init; } = [];

    /// <summary>The tensor with the largest difference in units of what is allowed, among those that agree.</summary>
    public TensorParity? Largest => With(Finding.Agrees).MaxBy(t => t.OfAllowed);

    /// <summary>The first tensor whose node is wrong itself; null when there is none.</summary>
    public TensorParity? First => Tensors.FirstOrDefault(t => t.Finding == Finding.Wrong);

    /// <summary>True when no node is wrong itself.</summary>
    public bool Holds => First is null;

    /// <summary>Largest ‖a − b‖∞ of tensors that agree directly.</summary>
    public double LargestDifference => With(Finding.Agrees).Select(t => t.Difference).DefaultIfEmpty(0).Max();

    /// <summary>The tensors of which this was found out, in the order in which they are made.</summary>
    public IReadOnlyList<TensorParity> With(Finding finding) => [.. Tensors.Where(t => t.Finding == finding)];
}
