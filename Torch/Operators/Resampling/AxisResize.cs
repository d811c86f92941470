namespace CnnOnnx.Torch.Operators;

/// <summary>How one axis is resized.</summary>
/// <param name="Axis">Counted from 0.</param>
/// <param name="Size">Elements before.</param>
/// <param name="Resized">Elements after.</param>
/// <param name="Scale">As the node gives it; with it, Resized is rounded down.</param>
/// <param name="From">Start of the region, as a share of the axis; only tf_crop_and_resize looks at it.</param>
/// <param name="To">End of the region.</param>
internal sealed record AxisResize(int Axis, long Size, long Resized, float Scale, float From, float To);
