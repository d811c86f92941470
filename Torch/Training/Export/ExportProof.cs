using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Parity;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// What came of running an exported file in ONNX Runtime beside the network in memory: every tensor of the graph, on the same
/// pictures.
/// </summary>
/// <param name="Tensors">How many were compared.</param>
/// <param name="LargestDifference">Largest |a − b| over all of them.</param>
/// <param name="At">The tensor that has it.</param>
/// <param name="Failed">Tensors out of tolerance, also where they inherit it; empty when the export is proven.</param>
public sealed record ExportProof(int Tensors, double LargestDifference, string At, string[] Failed)
{
    /// <summary>True when every tensor agrees within the tolerance of its type.</summary>
    public bool Holds => Failed.Length == 0;

    /// <summary>Runs a file and compares.</summary>
    /// <param name="path">The exported file.</param>
    /// <param name="module">The network in memory; left in eval mode.</param>
    /// <param name="input">Name of the input that takes pictures.</param>
    /// <param name="pictures">A batch as the network takes it.</param>
    internal static ExportProof Of(string path, OnnxModule module, string input, Tensor pictures)
    {
        using var check = new ParityCheck(OnnxModel.Read(path), module);
        using Activations theirs = check.Session.Run(new Dictionary<string, Tensors.TensorData> { [input] = TorchTensors.ToData(pictures) });
        IReadOnlyList<TensorParity> tensors = check.Compare(theirs).Tensors;
        TensorParity worst = tensors.MaxBy(t => double.IsNaN(t.Difference) ? double.PositiveInfinity : t.Difference)!;
        return new ExportProof(tensors.Count, worst.Difference, worst.Tensor, [.. tensors.Where(t => !t.Agrees).Select(t => t.Tensor)]);
    }
}
