using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>
/// The first layer that adds a difference, as a model of its own with what it was given: enough to show the fault elsewhere.
/// </summary>
/// <param name="Model">The layer of the second model, with its weights.</param>
/// <param name="Inputs">Values that the first model gives it, by input name.</param>
/// <param name="Expected">Result of the first model.</param>
/// <param name="Got">Result of the layer on these inputs.</param>
public sealed record Reproduction(
    OnnxModel Model, IReadOnlyDictionary<string, TensorData> Inputs, TensorData Expected, TensorData Got)
{
    /// <summary>Writes layer.onnx, inputs.npz, and results.npz with the keys "expected" and "got".</summary>
    /// <param name="folder">Folder for the files; made when it is missing.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public void Save(string folder)
    {
        OutputFolder.Create(folder);
        Model.Save(Path.Combine(folder, "layer.onnx"));
        Write(Path.Combine(folder, "inputs.npz"), Inputs);
        Write(Path.Combine(folder, "results.npz"), new Dictionary<string, TensorData> { ["expected"] = Expected, ["got"] = Got });
    }

    private static void Write(string path, IReadOnlyDictionary<string, TensorData> tensors) => AtomicFile.Write(path, stream =>
    {
        using var npz = new NpzWriter(stream);
        foreach ((string name, TensorData tensor) in tensors)
            npz.Add(name, tensor);
    });
}
