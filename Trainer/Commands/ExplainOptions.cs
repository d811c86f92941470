using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;
using CnnOnnx.Trainer.Explain;

namespace CnnOnnx.Trainer.Commands;

/// <summary>Options of trainer explain that say which maps are made, and how they are drawn.</summary>
internal sealed class ExplainOptions
{
    private const long Megabyte = 1 << 20;

    private readonly Option<string> _methods = new("--method")
    {
        Description = "Methods with commas between them, or all: "
            + $"{string.Join(", ", AttributionMethods.All.Select(method => method.Name))}.",
        HelpName = "M,M",
        DefaultValueFactory = _ => "grad-cam",
    };

    private readonly Option<string[]> _targets = new("--target")
    {
        Description = "What is explained: top, an index, a label, A-B, box:K, box:K.w, box:all, at:x,y,w,h=LABEL, region:x,y,w,h=LABEL or "
            + "name[i,j]; several with commas between them.",
        HelpName = "T,T",
        DefaultValueFactory = _ => ["top"],
    };

    private readonly Option<string> _layers = new("--layer")
    {
        Description = "last, all, a stage, names of tensors, or patterns with * and ?, with commas between them.",
        HelpName = "L,L",
        DefaultValueFactory = _ => ExplainRequest.Last,
    };

    private readonly Option<string> _convention = new("--convention")
    {
        Description = $"Whose numbers: {string.Join(", ", Conventions.Names)}.",
        HelpName = "C",
        DefaultValueFactory = _ => Conventions.Names[0],
    };

    private readonly Option<bool> _check = new("--check")
    {
        Description = "Also how far to trust it: parity, differences, completeness, another class, random weights.",
    };

    private readonly Option<int?> _samples = CountOption.Create("--samples", "Noisy copies of SmoothGrad and its kin.");

    private readonly Option<double?> _noise =
        NumberOptions.Number("--noise", "Their noise, as a share of the input's range.", value => value > 0, "above 0");

    private readonly Option<double?> _baseline =
        NumberOptions.Number("--baseline", "What says nothing, in units of the input; 0 when not given.", double.IsFinite,
            "that is finite");

    private readonly Option<string?> _baselines = new("--baselines")
    {
        Description = "Pictures that expected gradients start from: a folder or a pattern.",
        HelpName = "DIR",
    };

    private readonly Option<string[]> _given = new("--input")
    {
        Description = "A tensor for another input of the model.",
        HelpName = "NAME=FILE.npy",
    };

    private readonly Option<int?> _window = CountOption.Create("--window", "Side of the square that occlusion covers, in pixels.");

    private readonly Option<int?> _stride = CountOption.Create("--stride", "Pixels from one square of occlusion to the next.");

    private readonly Option<int?> _memory = CountOption.Create("--memory", "Megabytes that a batch may take; 1024 when not given.");

    private readonly Option<string?> _colormap = new("--colormap")
    {
        Description = "Colours of the overlays: a tint of one colour when not given, or one of turbo, jet, viridis …",
        HelpName = "NAME",
    };

    private readonly Option<AttributionSign?> _sign = EnumOption.Create<AttributionSign>("--sign",
        "What overlays show: positive, what speaks for the target; negative, what speaks against it; both. As in the method's paper when "
        + "not given.");

    private readonly Option<double?> _percentile = NumberOptions.Number("--percentile",
        "Percentile at which the colours of overlays end.", value => value is > 0 and <= 100, "above 0 and up to 100");

    private readonly Option<double?> _opacity = NumberOptions.Number("--opacity",
        "Most of the picture that a map covers.", value => value is > 0 and <= 1, "above 0 and up to 1");

    /// <param name="command">The options are added to it.</param>
    public ExplainOptions(Command command)
    {
        foreach (Option option in new Option[]
        {
            _methods, _targets, _layers, _convention, _check, _samples, _noise, _baseline, _baselines, _given, _window, _stride, _memory,
            _colormap, _sign, _percentile, _opacity,
        })
            command.Options.Add(option);
    }

    /// <summary>Reads what is wanted.</summary>
    /// <exception cref="BadInputException">A value that cannot be read.</exception>
    public ExplainRequest Of(ParseResult parsed) => new()
    {
        Methods = List(parsed.GetValue(_methods)!),
        Targets = parsed.GetValue(_targets)!,
        Layers = List(parsed.GetValue(_layers)!),
        Checks = parsed.GetValue(_check),
        Baselines = parsed.GetValue(_baselines),
        Others = (parsed.GetValue(_given) ?? []).Select(Given).ToDictionary(given => given.Name, given => NpyFile.Read(given.Path)),
        Options = new ExplainerOptions
        {
            Threads = parsed.GetValue(CommonOptions.Threads),
            Memory = (parsed.GetValue(_memory) ?? 1024) * Megabyte,
            Seed = parsed.GetResult(CommonOptions.Seed) is { Implicit: false } ? parsed.GetValue(CommonOptions.Seed)
                : new ExplainerOptions().Seed,
            Convention = Conventions.Parse(parsed.GetValue(_convention)!),
            Samples = parsed.GetValue(_samples),
            Noise = parsed.GetValue(_noise),
            Baseline = (float)(parsed.GetValue(_baseline) ?? 0),
            OcclusionWindow = parsed.GetValue(_window),
            OcclusionStride = parsed.GetValue(_stride),
        },
        Overlay = Drawn(parsed),
    };

    private static (string Name, string Path) Given(string text) =>
        text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } path] ? (name, path)
            : throw new BadInputException($"--input is '{text}', expected NAME=FILE.npy");

    private OverlayOptions Drawn(ParseResult parsed)
    {
        var usual = new OverlayOptions();
        return usual with
        {
            Colormap = parsed.GetValue(_colormap) is { } name ? Colormaps.Parse(name) : null,
            Sign = parsed.GetValue(_sign),
            Percentile = parsed.GetValue(_percentile),
            Opacity = parsed.GetValue(_opacity) ?? usual.Opacity,
        };
    }

    private static string[] List(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        is { Length: > 0 } items ? items : throw new BadInputException("an empty list was given, expected names with commas between them");
}

/// <summary>Conventions by the names of the command line.</summary>
internal static class Conventions
{
    private static readonly Dictionary<string, Convention> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["paper"] = Convention.Paper,
        ["pytorch-grad-cam"] = Convention.PytorchGradCam,
        ["torch-cam"] = Convention.TorchCam,
        ["captum"] = Convention.Captum,
        ["pytorch-cnn-visualizations"] = Convention.PytorchCnnVisualizations,
    };

    /// <summary>All names, the usual one first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys];

    /// <summary>Reads a name.</summary>
    /// <exception cref="BadInputException">No convention of that name.</exception>
    public static Convention Parse(string name) => ByName.TryGetValue(name, out Convention convention) ? convention
        : throw new BadInputException($"--convention is '{name}', expected one of {string.Join(", ", Names)}");
}
