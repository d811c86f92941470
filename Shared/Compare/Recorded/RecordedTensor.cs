using CnnOnnx.Formats;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>A tensor that another program wrote down while it ran a network.</summary>
/// <param name="Key">Name that it was given: of a module, of a tensor, or of an input.</param>
/// <param name="Data">Its values.</param>
internal sealed record RecordedTensor(string Key, TensorData Data)
{
    private readonly Lazy<WeightFingerprint> _fingerprint = new(() => WeightFingerprint.Of(SideTensor.Of(Key, Data).Values));

    /// <summary>Values in few numbers.</summary>
    public WeightFingerprint Fingerprint => _fingerprint.Value;

    /// <summary>The values, for reading side by side.</summary>
    public SideTensor Values => SideTensor.Of(Key, Data);

    /// <summary>Says whether another holds the same bytes, in whatever shape.</summary>
    public bool HoldsTheSameAs(RecordedTensor other) =>
        Data.Type == other.Data.Type && Data.Bytes.Span.SequenceEqual(other.Data.Bytes.Span);

    /// <summary>Reads all tensors of a NumPy archive, in its order: that in which they were made.</summary>
    /// <param name="path">A .npz file.</param>
    /// <exception cref="BadInputException">It cannot be read, or it holds no numbers.</exception>
    public static IReadOnlyList<RecordedTensor> Read(string path)
    {
        using NpzReader archive = NpzReader.Open(path);
        RecordedTensor[] tensors = [.. archive.Keys.Select(key => new RecordedTensor(key, archive.Read(key)))
            .Where(t => FloatConversion.CanConvert(t.Data.Type) && t.Data.Shape.Count > 0)];
        return tensors.Length > 0 ? tensors
            : throw new BadInputException($"{path}: holds no tensor of numbers, expected one for each layer, such as 'conv1'");
    }
}
