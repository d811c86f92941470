using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Imaging;

/// <summary>
/// How a picture becomes a network's input: resized to <see cref="Size"/>, channels put in order, divided by 255 when
/// <see cref="Range"/> is 1, then (value − mean) / std per channel, in that channel order; NCHW.
/// </summary>
public sealed record InputSpec
{
    public InputSpec()
    {
    }

    // Without it, what a card leaves out would become 0 and null and not the defaults below.
    [JsonConstructor]
    [SetsRequiredMembers]
    internal InputSpec(int[] size, ChannelOrder channels = ChannelOrder.Rgb, ResizeMode resize = ResizeMode.Stretch,
        double range = 1, double[]? mean = null, double[]? std = null) =>
        (Size, Channels, Resize, Range, Mean, Std) = (size ?? [], channels, resize, range, mean ?? [], std ?? []);

    /// <summary>[height, width] in pixels.</summary>
    public required int[] Size { get; init; }

    public ChannelOrder Channels { get; init; } = ChannelOrder.Rgb;

    public ResizeMode Resize { get; init; } = ResizeMode.Stretch;

    /// <summary>Largest value of a white pixel before mean and std: 1 or 255.</summary>
    public double Range { get; init; } = 1;

    /// <summary>One number a channel, in units of <see cref="Range"/>; empty for 0.</summary>
    public double[] Mean { get; init; } = [];

    /// <summary>One number a channel, in units of <see cref="Range"/>; empty for 1.</summary>
    public double[] Std { get; init; } = [];

    [JsonIgnore]
    public int Height => Size[0];

    [JsonIgnore]
    public int Width => Size[1];

    [JsonIgnore]
    public int ChannelCount => Channels == ChannelOrder.Gray ? 1 : 3;

    public override string ToString()
    {
        string numbers = string.Concat(new[] { ("mean", Mean), ("std", Std) }.Where(n => n.Item2.Length > 0)
            .Select(n => $", {n.Item1} [{string.Join(", ", n.Item2)}]"));
        return $"{Height}x{Width} {Channels.ToString().ToLowerInvariant()}, {Resize.ToString().ToLowerInvariant()}, 0..{Range}{numbers}";
    }

    /// <exception cref="BadInputException">A size below 1, a mean or std of the wrong length, a std of 0, another range.</exception>
    public InputSpec Checked(string where)
    {
        if (Size is not [> 0 and <= 16384, > 0 and <= 16384])
            throw new BadInputException($"{where}: size is [{string.Join(", ", Size)}], expected height and width of 1 to 16384");
        if (Range is not (1 or 255))
            throw new BadInputException($"{where}: range is {Range}, expected 1 or 255");
        foreach ((string name, double[] numbers) in new[] { ("mean", Mean), ("std", Std) })
            if (numbers.Length != 0 && numbers.Length != ChannelCount)
                throw new BadInputException($"{where}: {name} has {numbers.Length} numbers, expected {ChannelCount} for {Channels.ToString().ToLowerInvariant()}");
        if (Std.Contains(0) || Std.Concat(Mean).Any(v => !double.IsFinite(v)))
            throw new BadInputException($"{where}: mean [{string.Join(", ", Mean)}] and std [{string.Join(", ", Std)}] must be finite and std not 0");
        return this;
    }
}

/// <summary>Which colour channels a network takes, and in which order. Pictures themselves are BGR, as OpenCV has them.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    Rgb,
    Bgr,
    Gray,
}

/// <summary>How a picture of another aspect ratio comes to a network's size.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ResizeMode>))]
public enum ResizeMode
{
    /// <summary>Both axes scaled on their own.</summary>
    Stretch,

    /// <summary>Scaled until the shorter side fits, the rest cut off evenly.</summary>
    Crop,

    /// <summary>Scaled until the longer side fits, the rest filled evenly with grey (114).</summary>
    Letterbox,
}

/// <summary>Preprocessing that many networks share, by name. The size is that of ImageNet networks; change it with <c>with</c>.</summary>
public static class InputPresets
{
    public static FrozenDictionary<string, InputSpec> All { get; } = new Dictionary<string, InputSpec>
    {
        // Mean and standard deviation of ImageNet's training set, RGB, as torchvision's models expect.
        ["imagenet"] = new()
        {
            Size = [224, 224],
            Resize = ResizeMode.Crop,
            Mean = [0.485, 0.456, 0.406],
            Std = [0.229, 0.224, 0.225],
        },
        ["unit"] = new() { Size = [224, 224] },
        ["raw255"] = new() { Size = [224, 224], Range = 255 },
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="BadInputException">Not the name of a preset; the message lists them.</exception>
    public static InputSpec Parse(string name) => All.TryGetValue(name, out InputSpec? spec)
        ? spec
        : throw new BadInputException($"'{name}' is not a preset; expected one of {string.Join(", ", All.Keys.Order(StringComparer.Ordinal))}");
}
