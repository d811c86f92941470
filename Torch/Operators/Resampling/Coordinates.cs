namespace CnnOnnx.Torch.Operators;

/// <summary>
/// The tables of Resize: from the position of a resized element to its place on the axis before, and from such a place to
/// the nearest element. In single precision and in the order of operations of ONNX Runtime, since a rounding error decides
/// which element is nearest.
/// </summary>
internal static class Coordinates
{
    /// <summary>The first one holds where none is named.</summary>
    public static readonly OrderedDictionary<string, Func<float, AxisResize, float>> Transformations =
        new()
        {
            ["half_pixel"] = (x, axis) => (x + 0.5f) / axis.Scale - 0.5f,
            ["half_pixel_symmetric"] = Symmetric,
            ["pytorch_half_pixel"] = (x, axis) => axis.Resized > 1 ? (x + 0.5f) / axis.Scale - 0.5f : 0,
            ["align_corners"] = (x, axis) => axis.Resized == 1 ? 0 : x * (axis.Size - 1) / (axis.Resized - 1),
            ["asymmetric"] = (x, axis) => x / axis.Scale,
            ["tf_half_pixel_for_nn"] = (x, axis) => (x + 0.5f) / axis.Scale,
            ["tf_crop_and_resize"] = Crop,
        };

    /// <summary>The first one holds where none is named.</summary>
    public static readonly OrderedDictionary<string, Func<float, AxisResize, float>> Nearest =
        new()
        {
            ["round_prefer_floor"] = (x, _) => x - MathF.Floor(x) == 0.5f ? MathF.Floor(x) : MathF.Round(x),
            // What a rounded scale put a hair below the half still counts as the half.
            ["round_prefer_ceil"] = (x, _) => (float)Math.Floor(x + 0.5 + 1e-6),
            ["floor"] = (x, _) => MathF.Floor(x),
            ["ceil"] = (x, _) => MathF.Ceiling(x),
        };

    /// <summary>There was no choice then.</summary>
    public static float NearestBefore11(float x, AxisResize axis) => axis.Scale < 1 ? MathF.Ceiling(x) : MathF.Truncate(x);

    // The centre stays the centre where the resized size was rounded.
    private static float Symmetric(float x, AxisResize axis)
    {
        float adjustment = axis.Resized / (axis.Scale * axis.Size);
        float offset = axis.Size / 2f * (1 - adjustment);
        return (float)(offset + (x + 0.5) / axis.Scale - 0.5);
    }

    private static float Crop(float x, AxisResize axis)
    {
        float last = axis.Size - 1;
        return axis.Resized > 1
            ? axis.From * last + x * (axis.To - axis.From) * last / (axis.Resized - 1)
            : 0.5f * (axis.From + axis.To) * last;
    }
}

/// <summary>Sizes and scale of one axis that is resized.</summary>
/// <param name="Axis">Counted from 0.</param>
/// <param name="Size">Elements before.</param>
/// <param name="Resized">Elements after.</param>
/// <param name="Scale">The factor that the node gives; with it, Resized is rounded down.</param>
/// <param name="From">Start of the region, as a share of the axis; only tf_crop_and_resize looks at it.</param>
/// <param name="To">End of the region.</param>
internal sealed record AxisResize(int Axis, long Size, long Resized, float Scale, float From, float To);
