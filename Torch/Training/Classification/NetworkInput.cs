using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Operators;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// The one input of a network that takes pictures, and how a batch [N, C, H, W] in float32 becomes what it takes: channels first or
/// last or all values in one row, in its own type of numbers.
/// </summary>
/// <param name="Name">Name in the graph.</param>
/// <param name="Axes">Meaning of each axis.</param>
/// <param name="Type">Type of the numbers.</param>
internal sealed record NetworkInput(string Name, PictureAxes Axes, ScalarType Type)
{
    /// <summary>Finds the input of a model that takes pictures and nothing else.</summary>
    /// <exception cref="OnnxException">There is no such input, there are others, or it takes one picture without a batch axis.</exception>
    public static NetworkInput Of(OnnxModel model)
    {
        const string expected = "[N, C, H, W], [N, H, W, C] or [N, features]";
        PictureInput picture = PictureInput.Find(model.Graph)
            ?? throw new OnnxException(model.Source, $"no input takes a picture, expected one of shape {expected}");
        return TorchTensors.SameInMemory(picture.Type) is { } type && picture.Axes.Batch == 0 && model.Graph.Inputs.Length == 1
            ? new NetworkInput(picture.Name, picture.Axes, type)
            : throw new OnnxException(model.Source, $"takes {string.Join(", ", model.Graph.Inputs)}; expected one input of shape "
                + $"{expected}");
    }

    /// <summary>Sizes of a batch in the input's own order of axes; the batch is left out, at axis 0.</summary>
    /// <param name="spec">Size and channels of the pictures.</param>
    public long[] SizesBehindBatch(InputSpec spec)
    {
        (long channels, long height, long width) = (spec.ChannelCount, spec.Height, spec.Width);
        return Axes == PictureAxes.Flat ? [channels * height * width]
            : Axes.ChannelsLast ? [height, width, channels]
            : [channels, height, width];
    }

    /// <summary>The input's whole shape for a number of pictures, as a model declares it with all sizes but the batch.</summary>
    public long[] ShapeIn(OnnxModel model, int pictures) =>
        [pictures, .. model.Graph.Inputs.First(i => i.Name == Name).Shape!.Value.Skip(1).Select(d => d.Size!.Value)];

    /// <summary>Pictures as the input takes them; integers are rounded and kept in their type's range.</summary>
    /// <param name="pictures">[N, C, H, W], float32.</param>
    /// <returns>In the caller's scope; the same tensor where nothing is to be done.</returns>
    public Tensor Fit(Tensor pictures)
    {
        Tensor ordered = Axes == PictureAxes.Flat ? pictures.flatten(1)
            : Axes.ChannelsLast ? pictures.permute(0, 2, 3, 1)
            : pictures;
        if (Type == ScalarType.Float32)
            return ordered;
        if (Ranges.TryGetValue(Type, out (double Least, double Most) range))
            ordered = ordered.round().clamp(range.Least, range.Most);
        return ordered.to(Type);
    }

    private static readonly Dictionary<ScalarType, (double Least, double Most)> Ranges = new()
    {
        [ScalarType.Byte] = (byte.MinValue, byte.MaxValue),
        [ScalarType.Int8] = (sbyte.MinValue, sbyte.MaxValue),
        [ScalarType.Int16] = (short.MinValue, short.MaxValue),
        // wider ones hold every value that a picture has
        [ScalarType.Int32] = (int.MinValue, int.MaxValue),
        [ScalarType.Int64] = (int.MinValue, int.MaxValue),
    };
}
