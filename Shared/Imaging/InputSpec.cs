using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

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
