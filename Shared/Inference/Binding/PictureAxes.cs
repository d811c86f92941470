using System.Collections.Immutable;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>Where an input has its axes; −1 for one that it does not have.</summary>
internal sealed record PictureAxes(int Batch, int Channel, int Height, int Width)
{
    public static PictureAxes Nchw { get; } = new(0, 1, 2, 3);

    public static PictureAxes Nhwc { get; } = new(0, 3, 1, 2);

    public static PictureAxes Chw { get; } = new(-1, 0, 1, 2);

    public static PictureAxes Hwc { get; } = new(-1, 2, 0, 1);

    /// <summary>[N, features]: a picture whose values stand in one row.</summary>
    public static PictureAxes Flat { get; } = new(0, -1, -1, -1);

    public bool ChannelsLast => Channel > Height;

    /// <summary>The axes of an input of this shape; null when a picture does not fit. Channels first unless only the last axis can be it.</summary>
    public static PictureAxes? Of(ImmutableArray<Dimension> dims) => dims.Length switch
    {
        4 => Choose(dims[1], dims[3], Nchw, Nhwc),
        3 => Choose(dims[0], dims[2], Chw, Hwc),
        2 when dims[1].Size is not null => Flat,
        _ => null,
    };

    private static PictureAxes? Choose(Dimension first, Dimension last, PictureAxes channelsFirst, PictureAxes channelsLast) =>
        first.Size is 1 or 3 ? channelsFirst
        : last.Size is 1 or 3 ? channelsLast
        : first.Size is null ? channelsFirst
        : null;
}
