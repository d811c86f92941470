using System.CommandLine;
using System.Globalization;
using CnnOnnx.Cli;
using CnnOnnx.Compare;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Compare;
using CompareOptions = CnnOnnx.Compare.CompareOptions;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer compare: do two models compute the same, and if not, where does it begin?</summary>
internal sealed class CompareCommand : Command
{
    private readonly Argument<string> _a = new("A.onnx") { Description = "The reference." };

    private readonly Argument<string[]> _rest = new("B.onnx INPUT")
    {
        Description = "The other model, and pictures, folders, patterns, videos or .npy files. Without B, A is compared with itself "
            + "under --device-b or --optimization-b, or with --against.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _out = new("--out", "-o") { Description = "Folder for the report.", HelpName = "DIR" };

    private readonly Option<string?> _against = new("--against")
    {
        Description = "Tensors that another program wrote while it ran the network, such as PyTorch with hooks: the reference.",
        HelpName = "FILE.npz",
    };

    private readonly Option<string[]> _tensors = new("--tensors")
    {
        Description = "Only pairs of these names, of either model; * and ? stand for any characters.",
        HelpName = "GLOB",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _pairs = new("--pair")
    {
        Description = "A pair that is given, such as conv1=features.0; the rest is found. @FILE reads one pair a line.",
        HelpName = "A=B",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<double?> _relative = NumberOptions.Tolerance("--rtol",
        "Bound of the relative error; the table in the documentation when not given.");

    private readonly Option<double?> _absolute = NumberOptions.Tolerance("--atol", "Difference that never counts.");

    private readonly Option<string[]> _tolerances = new("--tolerance")
    {
        Description = "Relative tolerance of tensors by name, such as 'head*=0.01'.",
        HelpName = "GLOB=X",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int?> _local = CountOption.Create("--local",
        "On how many inputs each layer is run alone, to tell where a difference begins; 4 when not given.");

    private readonly Option<OptimizationLevel?> _optimization = EnumOption.Create<OptimizationLevel>("--optimization",
        "How far ONNX Runtime may rewrite A; disabled when not given.");

    private readonly Option<OptimizationLevel?> _optimizationB = EnumOption.Create<OptimizationLevel>("--optimization-b",
        "The same for B.");

    private readonly Option<string?> _deviceB = new("--device-b") { Description = "The device for B.", HelpName = "DEVICE" };

    private readonly Option<string?> _junit = new("--junit") { Description = "Writes the result as JUnit XML.", HelpName = "FILE" };

    private readonly Option<string?> _baseline = new("--baseline")
    {
        Description = "An earlier result: the answer is no only where a pair got worse than it was then.",
        HelpName = "FILE.json",
    };

    private readonly Option<string?> _writeBaseline = new("--write-baseline")
    {
        Description = "Writes this result for --baseline.",
        HelpName = "FILE.json",
    };

    private readonly PreprocessingOptions _preprocessing;

    public CompareCommand() : base("compare", "Tells whether two models compute the same, and if not, where it begins.")
    {
        Arguments.Add(_a);
        Arguments.Add(_rest);
        foreach (Option option in new Option[]
            { _out, _against, _tensors, _pairs, _relative, _absolute, _tolerances, _local, _optimization, _optimizationB, _deviceB, _junit,
                _baseline, _writeBaseline, CommonOptions.Device, CommonOptions.Threads })
            Options.Add(option);
        _preprocessing = new PreprocessingOptions(this);
        this.WithMostUsed("--out", "--against", "--rtol", "--tensors", "--pair", "--preset");
        this.WithExamples(
            "visualizer compare pytorch.onnx trained.onnx photos --out compared",
            "visualizer compare net.onnx net-int8.onnx cat.jpg --rtol 0.1",
            "visualizer compare net.onnx --against activations.npz             what PyTorch has, layer by layer",
            "visualizer compare net.onnx net-int8.onnx photos --baseline last-week.json --junit result.xml",
            "visualizer compare net.onnx cat.jpg --optimization-b extended     what the optimiser of ONNX Runtime changes");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        string pathA = parsed.GetValue(_a)!;
        string[] rest = parsed.GetValue(_rest) ?? [];
        OnnxModel a = OnnxModel.Read(pathA);
        CompareOptions options = OptionsOf(parsed);
        // Before the work, so that a file that cannot be read is known at once.
        BaselineFile? before = parsed.GetValue(_baseline) is { } baseline ? BaselineFile.Read(baseline) : null;
        var input = new FirstInput();
        ComparisonResult result = parsed.GetValue(_against) is { } recorded ? Against(a, recorded, rest, options, input, cancel)
            : Models(parsed, a, rest, options, input, terminal, cancel);
        foreach (string note in result.Notes)
            terminal.Note(note);
        string? page = parsed.GetValue(_out) is { } folder ? ComparisonFolder.Write(folder, result, input.Jpeg, input.Name) : null;
        if (parsed.GetValue(_junit) is { } junit)
            JUnitFile.Write(junit, result);
        terminal.Result(result.Verdict.Headline);
        terminal.Result(result.Verdict.Detail);
        if (result.Predictions is { Count: > 1 } same)
            terminal.Result(string.Create(CultureInfo.InvariantCulture,
                $"Both name the same class first on {same.Same} of {same.Count} inputs ({same.Share:0.0 %}, "
                + $"{same.Interval.Low:0.0 %} to {same.Interval.High:0.0 %} with 95 % confidence)."));
        if (result.Boxes is { } boxes)
            terminal.Result(boxes.ToString());
        if (page is not null)
            terminal.Result(page);
        terminal.JsonResult(ComparisonJson.Of(result));
        if (parsed.GetValue(_writeBaseline) is { } written)
            BaselineFile.Write(written, result);
        if (before is null)
            return result.Verdict.Holds ? ExitCode.Done : ExitCode.No;
        IReadOnlyList<PairComparison> worse = before.Worse(result);
        terminal.Result(before.Describe(Path.GetFileName(parsed.GetValue(_baseline)!), worse));
        return worse.Count == 0 ? ExitCode.Done : ExitCode.No;
    }

    private static ComparisonResult Against(
        OnnxModel model, string recorded, string[] paths, CompareOptions options, FirstInput first, CancellationToken cancel)
    {
        if (paths.Length > 1 || paths.Any(p => p.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)))
            throw new BadInputException(
                $"compare got --against and '{paths[^1]}', expected one model and at most the picture that was recorded");
        using ModelInput? input = paths is [{ } path] ? ModelInput.Read(path) : null;
        if (input is { Picture: null })
            throw new BadInputException($"{input.Path} is no picture; a tensor that the model is run on belongs into "
                + $"{recorded} as 'input'");
        first.Take(input?.Picture, Path.GetFileName(input?.Path ?? recorded));
        return RecordedComparer.Compare(model, recorded, options, input?.Picture, cancel);
    }

    private ComparisonResult Models(ParseResult parsed, OnnxModel a, string[] rest, CompareOptions options, FirstInput first,
        Terminal terminal, CancellationToken cancel)
    {
        bool hasB = rest is [{ } second, ..] && second.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        OnnxModel b = hasB ? OnnxModel.Read(rest[0]) : a;
        string[] paths = hasB ? rest[1..] : rest;
        if (!hasB && parsed.GetValue(_deviceB) is null && parsed.GetValue(_optimizationB) is null)
            throw new BadInputException($"compare got one model, '{a.Source}', expected two, or --against, or --device-b or "
                + "--optimization-b to compare it with itself");
        if (paths.Length == 0)
            throw new BadInputException("compare got no input, expected a picture, a folder, a video or a .npy file");
        using ModelComparer comparer = ModelComparer.Open(a, b, options);
        InputList inputs = InputList.Of(paths);
        using (Progress progress = terminal.Start("comparing", inputs.Count(), "inputs"))
            foreach (InputItem item in inputs.Items(terminal.Note))
            {
                cancel.ThrowIfCancellationRequested();
                using ModelInput input = item.Open();
                first.Take(input.Picture, Path.GetFileName(item.Path));
                comparer.Add(input, cancel);
                progress.Advance();
            }

        return comparer.Finish();
    }

    /// <summary>Picture and name of the first input, for the page.</summary>
    private sealed class FirstInput
    {
        public byte[]? Jpeg { get; private set; }

        public string Name { get; private set; } = "";

        public void Take(OpenCvSharp.Mat? picture, string name)
        {
            if (Name.Length > 0)
                return;
            Name = name;
            Jpeg = picture is null ? null : InputPicture.Jpeg(picture, ComparisonFolder.PictureSide);
        }
    }

    private CompareOptions OptionsOf(ParseResult parsed)
    {
        var a = new ActivationOptions
        {
            Device = ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!),
            Threads = parsed.GetValue(CommonOptions.Threads),
            Optimization = parsed.GetValue(_optimization) ?? OptimizationLevel.Disabled,
            Preprocessing = _preprocessing.Of(parsed),
        };
        return new CompareOptions
        {
            A = a,
            B = a with
            {
                Device = parsed.GetValue(_deviceB) is { } device ? ComputeDevice.Parse(device) : a.Device,
                Optimization = parsed.GetValue(_optimizationB) ?? a.Optimization,
            },
            Pairs = [.. Pairs(parsed.GetValue(_pairs) ?? [])],
            Tensors = parsed.GetValue(_tensors) ?? [],
            Relative = parsed.GetValue(_relative),
            Absolute = parsed.GetValue(_absolute),
            ByName = [.. (parsed.GetValue(_tolerances) ?? []).Select(Tolerance)],
            KeepsMaps = parsed.GetValue(_out) is not null,
            LocalInputs = parsed.GetValue(_local) ?? new CompareOptions().LocalInputs,
        };
    }

    private static IEnumerable<(string, string)> Pairs(string[] given)
    {
        foreach (string text in given)
            if (text.StartsWith('@'))
                foreach ((string, string) pair in Pairs(LinesOf(text[1..])))
                    yield return pair;
            else if (text.Split('=', 2) is [{ Length: > 0 } left, { Length: > 0 } right])
                yield return (left.Trim(), right.Trim());
            else
                throw new BadInputException($"--pair is '{text}', expected two tensor names such as conv1=features.0");
    }

    private static string[] LinesOf(string path)
    {
        try
        {
            return [.. File.ReadLines(path).Where(line => line.Trim().Length > 0)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--pair is '@{path}', expected a file of pairs: {fault.Message}", fault);
        }
    }

    private static (string, PairTolerance) Tolerance(string text) =>
        text.LastIndexOf('=') is > 0 and var at && double.TryParse(text[(at + 1)..], NumberStyles.Float,
            CultureInfo.InvariantCulture, out double relative) && relative >= 0 && double.IsFinite(relative)
            ? (text[..at], new PairTolerance(relative, 0))
            : throw new BadInputException($"--tolerance is '{text}', expected a tensor name and a number such as head*=0.01");
}
