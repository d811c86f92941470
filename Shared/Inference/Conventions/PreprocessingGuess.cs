using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>
/// Preprocessing that a model without a card most likely wants, by what its file tells: its exporter, its metadata, its first nodes and
/// weights, its outputs.
/// </summary>
public sealed record PreprocessingGuess
{
    // Size that classifiers of ImageNet are made for where they take any.
    private const int UsualSide = 224;

    /// <summary>Name of the preset, such as imagenet; see <see cref="InputPresets"/>.</summary>
    public required string Preset { get; init; }

    /// <summary>What speaks for it, as the end of a sentence that begins with "because".</summary>
    public required string Reason { get; init; }

    /// <summary>Order of the channels where it is not the preset's.</summary>
    internal ChannelOrder? Order { get; init; }

    /// <summary>Way of resizing.</summary>
    internal ResizeMode Resize { get; init; }

    /// <summary>Exact preprocessing made of what the input's shape suggests, in place of the preset's; null for the preset.</summary>
    internal Func<InputSpec, InputSpec>? Exact { get; init; }

    /// <summary>The model tells the 1000 classes of ImageNet apart, as far as can be seen.</summary>
    internal bool IsImageNet { get; init; }

    /// <summary>Judges a model.</summary>
    /// <param name="model">A model; calls of its local functions are looked into.</param>
    /// <returns>Null for a model that takes no pictures.</returns>
    /// <exception cref="OnnxException">A weight cannot be read.</exception>
    public static PreprocessingGuess? Of(OnnxModel model) =>
        PictureInput.Find(model.Graph) is { } input ? Of(model, input) : null;

    /// <summary>Says it in a sentence, such as "guessed 'caffe' because it was exported from Caffe".</summary>
    public override string ToString() => $"guessed '{Preset}'{(Order is { } order ? $" in {order.ToString().ToLowerInvariant()}" : "")} "
        + $"because {Reason}";

    /// <inheritdoc cref="Of(OnnxModel)"/>
    /// <param name="model">A model; calls of its local functions are looked into.</param>
    /// <param name="input">The input that takes its pictures.</param>
    internal static PreprocessingGuess Of(OnnxModel model, PictureInput input)
    {
        var facts = GuessFacts.Of(model, input);
        GuessRules.Verdict verdict = GuessRules.Judge(facts);
        return new PreprocessingGuess
        {
            Preset = verdict.Preset,
            Reason = verdict.Reason,
            Order = facts.IsGray || verdict.Order == InputPresets.Parse(verdict.Preset).Channels ? null : verdict.Order,
            Resize = verdict.Resize ?? (facts.IsClassifier ? ResizeMode.Crop : ResizeMode.Stretch),
            IsImageNet = facts.IsImageNet,
        };
    }

    /// <summary>How pictures of a size become the input of a model without a card.</summary>
    internal static InputSpec SpecOf(OnnxModel model, PictureInput input, Size picture) => Of(model, input).Apply(input, picture);

    /// <summary>The preset in the size and with the channels that an input has.</summary>
    /// <param name="input">The input.</param>
    /// <param name="picture">Size of the picture, which decides where the input leaves it open.</param>
    internal InputSpec Apply(PictureInput input, Size picture)
    {
        InputSpec shape = input.Suggest(picture.Height, picture.Width);
        if (Exact is not null)
            return Exact(shape);
        if (IsImageNet && input.NeedsPictureSize)
            shape = shape with { Size = input.Suggest(UsualSide, UsualSide).Size };
        InputSpec spec = InputPresets.Fitted(InputPresets.Parse(Preset), shape.Size, shape.Channels == ChannelOrder.Gray);
        return spec with
        {
            Channels = spec.Channels == ChannelOrder.Gray ? ChannelOrder.Gray : Order ?? spec.Channels,
            Resize = Resize,
            CropMargin = Resize == ResizeMode.Crop ? spec.CropMargin : 0,
        };
    }
}
