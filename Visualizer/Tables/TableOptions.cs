using CnnOnnx.Onnx;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>What is wanted as tables of all inputs.</summary>
/// <param name="Vectors">Names of tensors, with * and ?, whose pooled vectors are wanted, too: the mean of each channel.</param>
internal sealed record TableOptions(IReadOnlyList<string> Vectors)
{
    /// <summary>True for a tensor whose pooled vectors are wanted.</summary>
    public bool HasVectorsOf(string tensor) => Vectors.Any(glob => TensorSelection.Matches(glob, tensor));

    /// <exception cref="BadInputException">A name stands for none of the tensors.</exception>
    public void Require(IReadOnlyList<string> tensors)
    {
        const int MostNamed = 8;
        foreach (string glob in Vectors)
            if (!tensors.Any(tensor => TensorSelection.Matches(glob, tensor)))
                throw new BadInputException($"--vectors is '{glob}', which names none of the {tensors.Count} tensors of this dump: "
                    + string.Join(", ", tensors.Take(MostNamed)) + (tensors.Count > MostNamed ? ", …" : ""));
    }
}
