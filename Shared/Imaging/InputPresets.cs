using System.Collections.Frozen;
using System.Collections.Immutable;
using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>
/// Preprocessing that many networks share, by name. The size is that of ImageNet networks; change it with <c>with</c>. The presets of
/// classifiers resize the shorter side and cut the middle out: imagenet and tf resize to 256/224 of the size, as torchvision does, caffe
/// to the size itself.
/// </summary>
public static class InputPresets
{
    // 224 of 256, torchvision's way to measure ImageNet networks.
    private const double ClassifierMargin = 0.125;

    // Nobody cuts the borders off pictures of 32 pixels.
    private const int LeastSideWithMargin = 128;

    private static readonly Size UsualSize = new(224, 224);

    // Other names of a preset, by what they are called elsewhere.
    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["torchvision"] = "imagenet",
        ["pytorch"] = "imagenet",
        ["torch"] = "imagenet",
        ["timm"] = "imagenet",
        ["keras-torch"] = "imagenet",
        ["keras-caffe"] = "caffe",
        ["caffe2"] = "caffe",
        ["vgg"] = "caffe",
        ["keras-tf"] = "tf",
        ["tensorflow"] = "tf",
        ["inception"] = "tf",
        ["-1..1"] = "tf",
        ["ultralytics"] = "yolo",
        ["darknet"] = "yolo",
        ["yolov5"] = "yolo",
        ["yolov8"] = "yolo",
        ["0..1"] = "unit",
        ["0..255"] = "raw255",
        ["raw"] = "raw255",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Names that mean several presets, with the way to say which.
    private static readonly FrozenDictionary<string, string> Ambiguous = new Dictionary<string, string>
    {
        ["keras"] = "keras-tf (MobileNet, Inception, Xception), keras-caffe (ResNet, VGG) or keras-torch (DenseNet)",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>All presets, by their names.</summary>
    public static FrozenDictionary<string, InputSpec> All { get; } = new Dictionary<string, InputSpec>
    {
        // Mean and standard deviation of ImageNet's training set, RGB, as torchvision's models expect.
        ["imagenet"] = new()
        {
            Size = UsualSize,
            Resize = ResizeMode.Crop,
            CropMargin = ClassifierMargin,
            Mean = [0.485, 0.456, 0.406],
            Std = [0.229, 0.224, 0.225],
        },
        // The same mean in whole pixel values, blue first, as the models of Caffe's zoo were trained. Without a margin: SqueezeNet knows
        // 20 of 30 ImageNet pictures so, and 17 with it.
        ["caffe"] = new()
        {
            Size = UsualSize,
            Channels = ChannelOrder.Bgr,
            Resize = ResizeMode.Crop,
            Range = 255,
            Mean = [104, 117, 123],
        },
        ["tf"] = new()
        {
            Size = UsualSize,
            Resize = ResizeMode.Crop,
            CropMargin = ClassifierMargin,
            Mean = [0.5, 0.5, 0.5],
            Std = [0.5, 0.5, 0.5],
        },
        ["yolo"] = new() { Size = UsualSize, Resize = ResizeMode.Letterbox },
        ["unit"] = new() { Size = UsualSize },
        ["raw255"] = new() { Size = UsualSize, Range = 255 },
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds a preset.</summary>
    /// <param name="name">Name in any case, such as imagenet, or one that it has elsewhere, such as torchvision or keras-caffe.</param>
    /// <exception cref="BadInputException">Not the name of a preset; the message lists them.</exception>
    public static InputSpec Parse(string name) =>
        All.TryGetValue(Aliases.GetValueOrDefault(name, name), out InputSpec? spec) ? spec
        : Ambiguous.TryGetValue(name, out string? choice) ? throw new BadInputException($"'{name}' is several presets: say {choice}")
        : throw new BadInputException($"'{name}' is not a preset; expected one of {Names}");

    /// <summary>The names of all presets, for messages.</summary>
    internal static string Names => string.Join(", ", All.Keys.Order(StringComparer.Ordinal));

    /// <summary>
    /// A preset for an input of another size and number of channels: of one channel the mean and std are those of the three together,
    /// and an input of less than 128 pixels keeps the border.
    /// </summary>
    /// <param name="preset">Range, mean, std, order of channels and way of resizing.</param>
    /// <param name="size">Size of the input.</param>
    /// <param name="isGray">The input has one channel.</param>
    internal static InputSpec Fitted(InputSpec preset, Size size, bool isGray) => preset with
    {
        Size = size,
        Channels = isGray ? ChannelOrder.Gray : preset.Channels,
        CropMargin = preset.CropMargin == 0 ? 0 : MarginFor(size),
        Mean = isGray ? Together(preset.Mean) : preset.Mean,
        Std = isGray ? Together(preset.Std) : preset.Std,
    };

    /// <summary>Margin with which classifiers of a size crop.</summary>
    internal static double MarginFor(Size size) => Math.Min(size.Width, size.Height) < LeastSideWithMargin ? 0 : ClassifierMargin;

    private static ImmutableArray<double> Together(ImmutableArray<double> channels) =>
        channels.Length == 0 ? [] : [Math.Round(channels.Average(), 3)];
}
