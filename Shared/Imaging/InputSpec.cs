using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CnnOnnx.Files;
using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>
/// Describes how a picture becomes a network's input: resized to <see cref="Size"/>, channels put in order, divided by 255 when
/// <see cref="Range"/> is 1, then (value − mean) / std per channel, in that channel order; NCHW. Equal when all numbers are.
/// </summary>
public sealed record InputSpec
{
    /// <summary>Most pixels of a side of an input.</summary>
    internal const int MaxSide = 16384;

    /// <summary>Makes a description with the usual values: RGB, stretched, 0 to 1.</summary>
    public InputSpec()
    {
    }

    // Without it, what a card leaves out would become 0 and null and not the defaults below.
    [JsonConstructor]
    [SetsRequiredMembers]
    internal InputSpec(Size size, ChannelOrder channels = ChannelOrder.Rgb, ResizeMode resize = ResizeMode.Stretch,
        double range = 1, ImmutableArray<double> mean = default, ImmutableArray<double> std = default, double cropMargin = 0) =>
        (Size, Channels, Resize, Range, Mean, Std, CropMargin) = (size, channels, resize, range, mean, std, cropMargin);

    /// <summary>Width and height of the input in pixels. In JSON: [height, width].</summary>
    [JsonConverter(typeof(HeightWidthConverter))]
    public required Size Size { get; init; }

    /// <summary>Colour channels of the input, and their order.</summary>
    public ChannelOrder Channels { get; init; } = ChannelOrder.Rgb;

    /// <summary>How a picture of another aspect ratio is fitted.</summary>
    public ResizeMode Resize { get; init; } = ResizeMode.Stretch;

    /// <summary>
    /// Share of the input's sides that <see cref="ResizeMode.Crop"/> resizes to in excess and cuts off, from 0 to below 1: torchvision's
    /// Resize(256) and CenterCrop(224) are 0.125 with a size of 224. 0, the default, cuts off nothing but what makes the picture longer
    /// than the input.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double CropMargin { get; init; }

    /// <summary>Value of a white pixel before mean and std: 1 or 255.</summary>
    public double Range { get; init; } = 1;

    /// <summary>One number a channel, in units of <see cref="Range"/>, which is subtracted; empty for 0.</summary>
    public ImmutableArray<double> Mean { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>One number a channel, in units of <see cref="Range"/>, by which is divided; empty for 1.</summary>
    public ImmutableArray<double> Std { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Rows of the input.</summary>
    [JsonIgnore]
    public int Height => Size.Height;

    /// <summary>Columns of the input.</summary>
    [JsonIgnore]
    public int Width => Size.Width;

    /// <summary>Size that a picture has to cover before its middle is cut out; the size itself without a margin.</summary>
    [JsonIgnore]
    internal Size Covered => new(Grown(Width), Grown(Height));

    /// <summary>Number of colour channels: 1 or 3.</summary>
    [JsonIgnore]
    public int ChannelCount => Channels == ChannelOrder.Gray ? 1 : 3;

    /// <summary>Compares all values, those of mean and std too.</summary>
    /// <param name="other">Another description.</param>
    public bool Equals(InputSpec? other) => other is not null
        && (Size, Channels, Resize, Range, CropMargin) == (other.Size, other.Channels, other.Resize, other.Range, other.CropMargin)
        && Mean.AsSpan().SequenceEqual(other.Mean.AsSpan()) && Std.AsSpan().SequenceEqual(other.Std.AsSpan());

    /// <summary>Hashes what <see cref="Equals(InputSpec)"/> compares, but for mean and std.</summary>
    public override int GetHashCode() => HashCode.Combine(Size, Channels, Resize, Range, Mean.Length, Std.Length);

    /// <summary>
    /// Describes it in a line, such as "224x224 rgb, crop of 256x256, 0..1, mean [0.485, 0.456, 0.406]"; height comes first.
    /// </summary>
    public override string ToString()
    {
        string numbers = string.Concat(new[] { ("mean", Mean), ("std", Std) }.Where(n => n.Item2.Length > 0)
            .Select(n => $", {n.Item1} [{string.Join(", ", n.Item2)}]"));
        string margin = Resize == ResizeMode.Crop && CropMargin > 0 ? $" of {Covered.Height}x{Covered.Width}" : "";
        return $"{Height}x{Width} {Channels.ToString().ToLowerInvariant()}, {Resize.ToString().ToLowerInvariant()}{margin}, "
            + $"0..{Range}{numbers}";
    }

    /// <summary>Refuses what no picture can be brought to; gives the description itself.</summary>
    /// <param name="where">Source of the description, for messages.</param>
    /// <exception cref="BadInputException">A size below 1, a mean or std of the wrong length, a std of 0, another range.</exception>
    public InputSpec Checked(string where)
    {
        if (Size is not { Height: > 0 and <= MaxSide, Width: > 0 and <= MaxSide })
            throw new BadInputException($"{where}: size is [{Height}, {Width}], expected height and width of 1 to {MaxSide}");
        if (Range is not (1 or 255))
            throw new BadInputException($"{where}: range is {Range}, expected 1 or 255");
        if (CropMargin is not (>= 0 and < 1) || Covered is not { Height: <= MaxSide, Width: <= MaxSide })
            throw new BadInputException($"{where}: crop margin is {CropMargin}, expected 0 to below 1, such as 0.125 for 224 of 256, and "
                + $"no more than {MaxSide} pixels with it");
        foreach ((string name, ImmutableArray<double> numbers) in new[] { ("mean", Mean), ("std", Std) })
            if (numbers.Length != 0 && numbers.Length != ChannelCount)
                throw new BadInputException($"{where}: {name} has {numbers.Length} numbers, "
                    + $"expected {ChannelCount} for {Channels.ToString().ToLowerInvariant()}");
        if (Std.Contains(0) || Std.Concat(Mean).Any(v => !double.IsFinite(v)))
            throw new BadInputException(
                $"{where}: mean [{string.Join(", ", Mean)}] and std [{string.Join(", ", Std)}] must be finite and std not 0");
        return this;
    }

    private int Grown(int side) => CropMargin is >= 0 and < 1 ? (int)Math.Min(int.MaxValue, Math.Round(side / (1 - CropMargin))) : side;
}

/// <summary>Writes a size as [height, width], in the order of a tensor's axes, and reads it.</summary>
internal sealed class HeightWidthConverter : JsonConverter<Size>
{
    public override Size Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        List<int> sides = [];
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("size is no array, expected [height, width]");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            sides.Add(reader.GetInt32());
        return Of([.. sides]);
    }

    public override void Write(Utf8JsonWriter writer, Size value, JsonSerializerOptions options)
    {
        // In one line, also in indented JSON.
        writer.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $"[{value.Height},{value.Width}]"), skipInputValidation: true);
    }

    /// <summary>Reads two numbers.</summary>
    /// <param name="sides">Height and width.</param>
    /// <exception cref="JsonException">More or fewer than two.</exception>
    public static Size Of(int[] sides) => sides is [int height, int width]
        ? new Size(width, height)
        : throw new JsonException($"size is [{string.Join(", ", sides)}], expected [height, width]");
}

/// <summary>Colour channels that a network takes, in their order. Pictures themselves are BGR, as OpenCV has them.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    /// <summary>Red, green, blue: PyTorch, TensorFlow.</summary>
    Rgb,
    /// <summary>Blue, green, red: Caffe, and OpenCV itself.</summary>
    Bgr,
    /// <summary>One channel of brightness.</summary>
    Gray,
}

/// <summary>Ways to bring a picture of another aspect ratio to a network's size.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ResizeMode>))]
public enum ResizeMode
{
    /// <summary>Both axes scaled on their own.</summary>
    Stretch,

    /// <summary>Scaled until it covers the input and its <see cref="InputSpec.CropMargin"/>, the rest cut off evenly.</summary>
    Crop,

    /// <summary>Scaled until the longer side fits, the rest filled evenly with grey (114).</summary>
    Letterbox,

    /// <summary>Scaled until the longer side fits, in the upper left corner; the rest, right and below, filled with grey (114).</summary>
    LetterboxTopLeft,
}
