namespace CnnOnnx.Torch.Attribution;

/// <summary>Relevance of each place of a layer, or of each value of an input, for one target, as a method computed it.</summary>
/// <param name="Method">Hyphenated name of the method: "grad-cam".</param>
/// <param name="Layer">Name of the tensor that the map belongs to; the input's name for methods of the input.</param>
/// <param name="Target">The scalar that is explained.</param>
/// <param name="Height">Rows of the map, in cells of the layer.</param>
/// <param name="Width">Columns of the map, in cells of the layer.</param>
/// <param name="Channels">1 for a map of places; the input's channels for a map of its values.</param>
/// <param name="Values">Raw signed numbers, channel by channel, row by row, before any ReLU or scaling to 0..1.</param>
public sealed record AttributionMap(
    string Method, string Layer, AttributionTarget Target, int Height, int Width, int Channels, float[] Values)
{
    /// <summary>Whether the method's own definition keeps positive values only when the map is shown (Grad-CAM: yes).</summary>
    public bool ShownPositive { get; init; }

    /// <summary>Remarks for the reader: a completeness gap, a blank map and why, a rule that did not apply.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
