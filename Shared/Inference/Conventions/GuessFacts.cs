using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>What a model's file tells about the pictures that it wants.</summary>
/// <param name="Model">The model, without calls of local functions.</param>
/// <param name="Input">The input that takes pictures.</param>
/// <param name="IsGray">The input has one channel.</param>
/// <param name="Start">Its first nodes.</param>
/// <param name="First">Its first convolution; null where none comes first, or its weights are not known.</param>
/// <param name="Scores">Number of values that the first output has for a picture, when it is a row of them; else null.</param>
internal sealed record GuessFacts(
    OnnxModel Model, PictureInput Input, bool IsGray, InputStart Start, FirstConvolution? First, int? Scores)
{
    // Smaller ones are of other data, such as CIFAR-10, whose pictures nobody crops.
    private const int LeastSide = 128;

    /// <summary>The model sorts whole pictures, or makes features of them: its answer has no place in the picture.</summary>
    public bool IsClassifier => IsImageNet || (Scores > 1 && IsLarge && !IsGray && !Input.NeedsPictureSize);

    /// <summary>The model has the 1000 classes of ImageNet, or these and the background.</summary>
    public bool IsImageNet => Scores is 1000 or 1001 && !IsGray && IsLarge;

    private bool IsLarge =>
        Input.NeedsPictureSize || (Input.Suggest(1, 1).Size is var size && Math.Min(size.Width, size.Height) >= LeastSide);

    public static GuessFacts Of(OnnxModel model, PictureInput input)
    {
        OnnxModel inlined = model.Inlined;
        bool isGray = input.Suggest(1, 1).Channels == ChannelOrder.Gray;
        var start = InputStart.Of(inlined.Graph, input.Name, isGray ? 1 : 3);
        FirstConvolution? first = start.Convolution is { } node ? FirstConvolution.Of(inlined.Graph, node) : null;
        return new GuessFacts(inlined, input, isGray, start, first, ScoresOf(inlined.Graph));
    }

    /// <summary>
    /// Number of scores a picture in an output of this shape, [N, K] or [N, K, 1, 1] or [N, 1, K]; null for any other, such as the
    /// [N, K, 1] of a detector's boxes.
    /// </summary>
    public static int? RowLength(ImmutableArray<Dimension> dims)
    {
        if (dims is [_, { Size: not 1 }, _])
            return null;
        // The batch comes first where there is more than one axis.
        Dimension[] own = [.. dims.Skip(dims.Length > 1 ? 1 : 0).Where(d => d.Size != 1)];
        return own is [{ Size: > 1 and <= int.MaxValue and var count }] ? (int)count : null;
    }

    private static int? ScoresOf(OnnxGraph graph) => graph.Outputs is [{ Shape: { } dims }, ..] ? RowLength(dims) : null;
}
