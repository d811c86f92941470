using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Parity;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Comparison of an exported file in ONNX Runtime with the network in memory: every tensor of the graph, on the same
/// pictures.
/// </summary>
/// <param name="Tensors">Number of tensors that were compared.</param>
/// <param name="LargestDifference">Largest |a − b| over all of them; NaN when one holds NaN.</param>
/// <param name="At">The tensor that has it.</param>
/// <param name="Failed">
/// Tensors out of tolerance, also where they inherit it, and tensors that hold NaN, also where both engines say so; empty when the
/// export is proven.
/// </param>
public sealed record ExportProof(int Tensors, double LargestDifference, string At, string[] Failed)
{
    /// <summary>True when every tensor agrees within the tolerance of its type.</summary>
    public bool Holds => Failed.Length == 0;

    /// <summary>Runs an exported file and compares every tensor with the network in memory.</summary>
    /// <param name="path">The exported file.</param>
    /// <param name="module">The network in memory; left in eval mode.</param>
    /// <param name="input">Name of the input that takes pictures.</param>
    /// <param name="pictures">A batch as that input takes it.</param>
    internal static ExportProof Of(string path, OnnxModule module, string input, Tensor pictures)
    {
        using var check = new ParityCheck(OnnxModel.Read(path), module);
        var given = new Dictionary<string, Tensors.TensorData> { [input] = TorchTensors.ToData(pictures) };
        using Activations theirs = check.Session.Run(given);
        HashSet<string> notNumbers = [.. theirs.Where(t => t.Statistics.NanCount > 0).Select(t => t.Name)];
        IReadOnlyList<TensorParity> tensors = check.Compare(theirs).Tensors;
        double DifferenceOf(TensorParity tensor) => notNumbers.Contains(tensor.Tensor) ? double.NaN : tensor.Difference;
        TensorParity worst = tensors.MaxBy(t => double.IsNaN(DifferenceOf(t)) ? double.PositiveInfinity : t.Difference)!;
        return new ExportProof(tensors.Count, DifferenceOf(worst), worst.Tensor,
            [.. tensors.Where(t => !t.Agrees || notNumbers.Contains(t.Tensor)).Select(t => t.Tensor)]);
    }
}
