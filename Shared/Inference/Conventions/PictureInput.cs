using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>The input of a network that takes the picture, and where its axes are.</summary>
/// <param name="Name">Name of the input.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Dims">Axes as the model declares them; sizes may be unknown.</param>
/// <param name="Axes">Which axis is which.</param>
internal sealed record PictureInput(string Name, ElementType Type, ImmutableArray<Dimension> Dims, PictureAxes Axes)
{
    // Where nothing says the size, the picture says it: a multiple of what deep networks halve, and not endless.
    private const int SizeStep = 32;
    private const int LargestFreeSize = 640;

    /// <summary>The first input that can take a picture; null when none can.</summary>
    public static PictureInput? Find(OnnxGraph graph) => graph.Inputs.Select(From).FirstOrDefault(input => input is not null);

    /// <summary>How many pictures one run takes; null when any number.</summary>
    public int? Batch => Size(Axes.Batch);

    public bool NeedsPictureSize => Axes != PictureAxes.Flat && (Size(Axes.Height) is null || Size(Axes.Width) is null);

    /// <summary>Suggests a preprocessing by the input's shape; sizes that it does not say come from the picture.</summary>
    public InputSpec Suggest(int pictureHeight, int pictureWidth)
    {
        InputSpec spec = new()
        {
            Size = new(Size(Axes.Width) ?? Free(pictureWidth), Size(Axes.Height) ?? Free(pictureHeight)),
            Channels = Size(Axes.Channel) == 1 ? ChannelOrder.Gray : ChannelOrder.Rgb,
            Range = Type.IsFloatingPoint() ? 1 : 255,
        };
        if (Axes != PictureAxes.Flat || Size(1) is not { } count)
            return spec;
        bool gray = Math.Sqrt(count) % 1 == 0;
        int side = (int)Math.Sqrt(gray ? count : count / 3.0);
        return spec with { Size = new(side, side), Channels = gray ? ChannelOrder.Gray : ChannelOrder.Rgb };

        int Free(int size)
        {
            double scale = Math.Min(1, (double)LargestFreeSize / Math.Max(pictureHeight, pictureWidth));
            return Math.Max(SizeStep, (int)Math.Round(size * scale / SizeStep) * SizeStep);
        }
    }

    /// <summary>The shape of a batch of pictures made with this preprocessing.</summary>
    /// <exception cref="BadInputException">The input does not take pictures of that size or number of channels.</exception>
    public TensorShape Shape(InputSpec spec, int batch, string source)
    {
        long[] dims = [.. Dims.Select(d => d.Size ?? 1)];
        if (Axes == PictureAxes.Flat)
        {
            dims[1] = (long)spec.ChannelCount * spec.Height * spec.Width;
        }
        else
        {
            dims[Axes.Channel] = spec.ChannelCount;
            dims[Axes.Height] = spec.Height;
            dims[Axes.Width] = spec.Width;
        }

        if (Axes.Batch >= 0)
            dims[Axes.Batch] = batch;
        for (int axis = 0; axis < dims.Length; axis++)
            if (axis != Axes.Batch && Dims[axis].Size is { } wanted && wanted != dims[axis])
                throw new BadInputException($"{source}: input '{Name}' takes [{string.Join(", ", Dims)}], the preprocessing makes "
                    + $"{new TensorShape(dims)} ({spec})");
        return new TensorShape(dims);
    }

    private static PictureInput? From(OnnxValue input)
    {
        if (input.Kind != OnnxValueKind.Tensor || input.ElementType is ElementType.String or ElementType.Bool)
            return null;
        ImmutableArray<Dimension> dims = input.Shape ?? [new(null), new(null), new(null), new(null)];
        return PictureAxes.Of(dims) is { } axes ? new PictureInput(input.Name, input.ElementType, dims, axes) : null;
    }

    private int? Size(int axis) => axis >= 0 && Dims[axis].Size is > 0 and <= int.MaxValue and var size ? (int)size : null;
}

/// <summary>Places of an input's axes; −1 for one that it does not have.</summary>
internal sealed record PictureAxes(int Batch, int Channel, int Height, int Width)
{
    public static PictureAxes Nchw { get; } = new(0, 1, 2, 3);

    public static PictureAxes Nhwc { get; } = new(0, 3, 1, 2);

    public static PictureAxes Chw { get; } = new(-1, 0, 1, 2);

    public static PictureAxes Hwc { get; } = new(-1, 2, 0, 1);

    /// <summary>[N, features]: a picture whose values stand in one row.</summary>
    public static PictureAxes Flat { get; } = new(0, -1, -1, -1);

    public bool ChannelsLast => Channel > Height;

    /// <summary>
    /// The axes of an input of this shape; null when a picture does not fit. Channels first unless only the last axis can be it.
    /// </summary>
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
