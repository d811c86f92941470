using CnnOnnx.Onnx;

namespace CnnOnnx.Import;

/// <summary>
/// A network with weights from another file, which are read when the model is saved: no more than one of them is in memory at a
/// time.
/// </summary>
public sealed class WeightedModel : IDisposable
{
    private readonly Func<OnnxTensor, ReadOnlyMemory<byte>?> _weights;
    private readonly IDisposable? _file;

    /// <param name="model">The graph, with its card.</param>
    /// <param name="weights">Bytes of an initializer; null to keep what the model has.</param>
    /// <param name="remarks">What a user should know.</param>
    /// <param name="file">The file of weights, which is closed with the model; null where the caller closes it.</param>
    internal WeightedModel(OnnxModel model, Func<OnnxTensor, ReadOnlyMemory<byte>?> weights, IReadOnlyList<string> remarks,
        IDisposable? file = null) => (Model, _weights, Remarks, _file) = (model, weights, remarks, file);

    /// <summary>
    /// The network. Its initializers have the shapes of the new weights, and no values or those of the file it came from.
    /// </summary>
    public OnnxModel Model { get; }

    /// <summary>What a user should know of how the weights came to their places, each a sentence without its stop.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Writes the model with its weights as a whole file.</summary>
    /// <param name="path">The ONNX file; replaced only when the new one is complete.</param>
    /// <param name="card">Replaces the model's card; null to keep it.</param>
    /// <exception cref="BadInputException">The weights cannot be read, or the place cannot be written.</exception>
    public void Save(string path, ModelCard? card = null) => Model.Save(path, _weights, card);

    /// <summary>Closes the file of weights.</summary>
    public void Dispose() => _file?.Dispose();
}
