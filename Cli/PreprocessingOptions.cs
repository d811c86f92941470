using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Cli;

/// <summary>
/// How a picture becomes a network's input, on the command line. What is not given stays as the model card or the shape of
/// the input has it.
/// </summary>
internal sealed class PreprocessingOptions
{
    private readonly Option<string> _preset = new("--preset")
    {
        Description = "Range, mean, std, order of channels and way of resizing by name, which other options change: "
            + $"{InputPresets.Names}; or as others call them, such as torchvision, keras-tf or darknet.",
        HelpName = "NAME",
    };

    private readonly Option<string> _size = new("--size")
    {
        Description = "Height and width in pixels, such as 224x224.",
        HelpName = "HxW",
    };

    private readonly Option<ResizeMode?> _resize = EnumOption.Create<ResizeMode>("--resize",
        "How another aspect ratio comes to that size.");

    private readonly Option<ChannelOrder?> _channels = EnumOption.Create<ChannelOrder>("--channels", "Colour order of the input.");

    private readonly Option<string> _range = new("--range")
    {
        Description = "What white is before mean and std: 1 or 255. Where it changes, mean and std are only what is given.",
        HelpName = "1|255",
    };

    private readonly Option<string> _margin = new("--crop-margin")
    {
        Description = "Share of the size that --resize crop takes more and cuts off: 0.125 for 224 of 256, as torchvision does.",
        HelpName = "X",
    };

    private readonly Option<double[]> _mean = Numbers("--mean", "Subtracted, one number a channel, in units of the range.");

    private readonly Option<double[]> _std = Numbers("--std", "Divided by, one number a channel, in units of the range.");

    /// <param name="command">The options are added to it.</param>
    public PreprocessingOptions(Command command)
    {
        foreach (Option option in new Option[] { _preset, _size, _resize, _channels, _range, _mean, _std })
            command.Options.Add(option);
        command.Options.Add(_margin);
    }

    /// <summary>The changes that were asked for; null when none were.</summary>
    /// <exception cref="BadInputException">A value that cannot be read.</exception>
    public Func<InputSpec, InputSpec>? Of(ParseResult parsed)
    {
        InputSpec? preset = parsed.GetValue(_preset) is { } name ? InputPresets.Parse(name) : null;
        Size? size = parsed.GetValue(_size) is { } text ? ParseSize(text) : null;
        ResizeMode? resize = parsed.GetValue(_resize);
        ChannelOrder? channels = parsed.GetValue(_channels);
        double? range = parsed.GetValue(_range) is { } white ? ParseRange(white) : null;
        ImmutableArray<double>? mean = parsed.GetValue(_mean) is { Length: > 0 } means ? [.. means] : null;
        ImmutableArray<double>? std = parsed.GetValue(_std) is { Length: > 0 } stds ? [.. stds] : null;
        double? margin = parsed.GetValue(_margin) is { } share ? ParseMargin(share) : null;
        if (preset is null && size is null && resize is null && channels is null && range is null && mean is null && std is null
            && margin is null)
            return null;
        return spec =>
        {
            InputSpec sized = spec with { Size = size ?? spec.Size };
            bool isGray = (channels ?? spec.Channels) == ChannelOrder.Gray;
            InputSpec start = preset is null ? sized : InputPresets.Fitted(preset, sized.Size, isGray);
            ResizeMode way = resize ?? start.Resize;
            double white = range ?? (preset is null ? RangeOf(mean, std) : null) ?? start.Range;
            // What was meant for another range means nothing in this one.
            if (white != start.Range)
                start = start with { Mean = [], Std = [] };
            return start with
            {
                Resize = way,
                CropMargin = margin ?? (way != ResizeMode.Crop ? 0
                    : start.Resize == ResizeMode.Crop ? start.CropMargin
                    : InputPresets.MarginFor(start.Size)),
                Channels = channels ?? start.Channels,
                Range = white,
                Mean = mean ?? start.Mean,
                Std = std ?? start.Std,
            };
        };
    }

    // Nobody subtracts 104 from a white of 1, or 0.485 from one of 255; null where the numbers say neither.
    private static double? RangeOf(ImmutableArray<double>? mean, ImmutableArray<double>? std)
    {
        double[] numbers = [.. (mean ?? []).Concat(std ?? []).Select(Math.Abs)];
        return numbers.Any(number => number > 2) ? 255 : numbers.Any(number => number is > 0 and < 1) ? 1 : null;
    }

    private static double ParseMargin(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) && share is >= 0 and < 1
            ? share
            : throw new BadInputException($"--crop-margin is '{text}', expected 0 to below 1, such as 0.125");

    private static Size ParseSize(string text)
    {
        string[] parts = text.Split('x', 'X');
        int[] sides = [.. parts.Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int side) ? side : -1)];
        return sides switch
        {
            [> 0] => new Size(sides[0], sides[0]),
            [> 0, > 0] => new Size(width: sides[1], height: sides[0]),
            _ => throw new BadInputException($"--size is '{text}', expected height and width such as 224x224"),
        };
    }

    private static double ParseRange(string text) => text switch
    {
        "1" => 1,
        "255" => 255,
        _ => throw new BadInputException($"--range is '{text}', expected 1 or 255"),
    };

    private static Option<double[]> Numbers(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "A,B,C",
        CustomParser = result =>
        {
            string[] parts = [.. result.Tokens.SelectMany(t =>
                t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
            double[] numbers = new double[parts.Length];
            for (int i = 0; i < parts.Length; i++)
                if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
                    result.AddError($"{name} has '{parts[i]}', expected numbers such as 0.485,0.456,0.406.");
            return numbers;
        },
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };
}
