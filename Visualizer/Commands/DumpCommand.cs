using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Statistics;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer dump: what every layer makes of a picture.</summary>
internal sealed class DumpCommand
{
    private readonly Argument<string> _model = ModelArgument.Create();

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Pictures, .npy or .npz files, folders or patterns.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _out = new("--out", "-o") { Description = "The folder for the results.", HelpName = "DIR", Required = true };

    private readonly Option<string[]> _given = new("--input")
    {
        Description = "A tensor for another input of the model.",
        HelpName = "NAME=FILE.npy",
    };

    private readonly Option<string> _tensor = new("--tensor") { Description = "Only this tensor.", HelpName = "NAME" };

    private readonly Option<int?> _channel = new("--channel") { Description = "Only this channel of --tensor, counted from 0.", HelpName = "K" };

    private readonly Option<bool> _eachChannel = new("--each-channel")
    {
        Description = "Also one picture for each channel: channels/<tensor>/out<k>.png, a pixel for each value.",
    };

    private readonly Option<string> _raw = new("--raw") { Description = "Also the numbers, as activations.npz.", HelpName = "npz", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<bool> _npy = new("--npy") { Description = "Also each tensor as arrays/<tensor>.npy." };

    private readonly Option<bool> _interchange = new("--interchange") { Description = "Also files that show the numbers in Netron and in Model Explorer." };

    private readonly Option<bool?> _pca = new("--pca")
    {
        Description = "Also one coloured picture for all channels of a layer; done for a single input when not said.",
        HelpName = "true|false",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _noKernels = new("--no-kernels") { Description = "Leave the weights out of the report." };

    private readonly Option<OptimizationLevel> _optimization =
        EnumOption.Create("--optimization", "How far ONNX Runtime may rewrite the graph.", OptimizationLevel.Extended);

    private readonly MosaicCommandOptions _mosaic;
    private readonly SelectionOptions _selection;
    private readonly PreprocessingOptions _preprocessing;

    private DumpCommand()
    {
        _raw.AcceptOnlyFromAmong("npz");
        Command = new Command("dump", "Runs the model and draws what every layer makes of the input, with numbers and a report.") { _model, _inputs, _out };
        _mosaic = new MosaicCommandOptions(Command);
        _selection = new SelectionOptions(Command);
        foreach (Option option in new Option[] { _tensor, _channel, _eachChannel, _raw, _npy, _interchange, _pca, _noKernels, _given, _optimization })
            Command.Options.Add(option);
        _preprocessing = new PreprocessingOptions(Command, channelsAlone: "the same as --each-channel.");
        Command.WithExamples(
            "visualizer dump models/lenet.onnx shoe.png --out dump",
            "visualizer dump net.onnx *.jpg --out dump --ops Conv,Relu --scale layer --colormap inferno",
            "visualizer dump net.onnx cat.jpg --out dump --preset imagenet --raw npz",
            "visualizer dump net.onnx cat.jpg --out dump --tensor relu1 --channel 5");
        Command.Does(Run);
    }

    private Command Command { get; }

    public static Command Create() => new DumpCommand().Command;

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        IReadOnlyList<string> inputs = InputFiles.Expand(parsed.GetValue(_inputs)!);
        DumpOptions options = Options(parsed, inputs.Count);
        string folder = parsed.GetValue(_out)!;
        OutputFolder.Create(folder);
        using var dumper = new Dumper(parsed.GetValue(_model)!, options, GivenTensors(parsed), folder);
        Describe(dumper.Session, terminal);

        DumpSummary.Entry[] entries = inputs.Count == 1
            ? [DumpOne(dumper, inputs[0], folder, terminal, cancel)]
            : DumpEach(dumper, inputs, folder, terminal, cancel);
        terminal.JsonResult(new DumpSummary(parsed.GetValue(_model)!, dumper.Session.Device, entries), DumpJson.Readable.DumpSummary);
        terminal.Result(Path.Combine(folder, ReportPage.FileName));
        return entries.Any(e => e.Fault is not null) ? ExitCode.BadInput : ExitCode.Done;
    }

    private static DumpSummary.Entry DumpOne(Dumper dumper, string path, string folder, Terminal terminal, CancellationToken cancel)
    {
        using Progress progress = terminal.Start("drawing", dumper.Session.Tensors.Count, "tensors");
        using DumpInput input = DumpInput.Read(path);
        return Report(dumper.Dump(input, folder, _ => progress.Advance(), cancel), folder, progress, terminal);
    }

    // An input that cannot be used is told and left out; the others are done.
    private static DumpSummary.Entry[] DumpEach(
        Dumper dumper, IReadOnlyList<string> paths, string folder, Terminal terminal, CancellationToken cancel)
    {
        var names = new SafeNames();
        var entries = new List<DumpSummary.Entry>();
        var cards = new List<OverviewCard>();
        using Progress progress = terminal.Start("dumping", paths.Count, "inputs");
        foreach (string path in paths)
        {
            cancel.ThrowIfCancellationRequested();
            string subfolder = names.Unique(Path.GetFileNameWithoutExtension(path));
            try
            {
                DumpManifest manifest = DumpInto(dumper, path, Path.Combine(folder, subfolder), cancel);
                cards.Add(OverviewCard.Of(subfolder, manifest));
                entries.Add(Report(manifest, Path.Combine(folder, subfolder), progress, terminal));
            }
            catch (BadInputException fault)
            {
                progress.Note($"error: {fault.Message}");
                entries.Add(new DumpSummary.Entry(path, null, 0, 0, null, fault.Message));
            }

            progress.Advance();
        }

        SurveyRecord survey = dumper.Survey!.Write(folder);
        terminal.Result(survey.ToString());
        OverviewPage.Write(folder, dumper.Session.Model.Source, cards, survey);
        return [.. entries];
    }

    private static DumpManifest DumpInto(Dumper dumper, string path, string folder, CancellationToken cancel)
    {
        using DumpInput input = DumpInput.Read(path);
        return dumper.Dump(input, folder, _ => { }, cancel);
    }

    private static DumpSummary.Entry Report(DumpManifest manifest, string folder, Progress progress, Terminal terminal)
    {
        foreach (string remark in manifest.Remarks)
            progress.Note(remark);
        if (manifest.ExposureDifference.Count > 0)
            progress.Note($"final outputs differ from the plain model's by {Numbers.Short(manifest.ExposureDifference.Max(d => d.Largest))} ({manifest.Optimization.ToString().ToLowerInvariant()} optimisation)");
        progress.Note($"preprocessing: {manifest.Preprocessing?.ToString() ?? "none"} ({manifest.PreprocessingSource})");
        terminal.Result($"{manifest.Input.File}: {manifest.Tensors.Length} tensors in {folder}");
        if (manifest.Scores is { } scores)
            terminal.Result($"  {scores}");
        return new DumpSummary.Entry(manifest.Input.File, folder, manifest.Tensors.Length, manifest.Skipped.Count, manifest.Scores, null);
    }

    private static void Describe(ActivationSession session, Terminal terminal)
    {
        terminal.Note($"device: {session.Device}{(session.DeviceRemark is { } remark ? $" ({remark})" : "")}");
        terminal.Note(session.Selection.ToString());
        foreach (SkippedTensor skipped in session.Skipped)
            terminal.Note($"skipped: '{skipped.Name}' {skipped.Reason}");
    }

    private DumpOptions Options(ParseResult parsed, int inputs)
    {
        TensorSelection selection = _selection.Of(parsed);
        if (parsed.GetValue(_tensor) is { } only)
            selection = selection with { Globs = [only], Constants = true };
        else if (parsed.GetValue(_channel) is not null)
            throw new BadInputException("--channel needs --tensor NAME, whose channel it is");
        int threads = parsed.GetValue(CommonOptions.Threads) ?? Environment.ProcessorCount;
        return new DumpOptions
        {
            Activation = new ActivationOptions
            {
                Selection = selection,
                Preprocessing = _preprocessing.Of(parsed),
                Device = ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!),
                Threads = threads,
                Optimization = parsed.GetValue(_optimization),
            },
            Mosaic = _mosaic.Of(parsed, selection.MaxChannels),
            EachChannel = parsed.GetValue(_eachChannel) || _preprocessing.ChannelsAlone(parsed),
            ChannelTileSize = _mosaic.TileSize(parsed),
            Channel = parsed.GetValue(_channel),
            Raw = parsed.GetResult(_raw) is not null,
            Npy = parsed.GetValue(_npy),
            Interchange = parsed.GetValue(_interchange),
            Pca = parsed.GetResult(_pca) is null ? inputs == 1 : parsed.GetValue(_pca) ?? true,
            Survey = inputs > 1,
            Kernels = !parsed.GetValue(_noKernels),
            Threads = threads,
        };
    }

    private Dictionary<string, TensorData> GivenTensors(ParseResult parsed) => (parsed.GetValue(_given) ?? [])
        .Select(text => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } path]
            ? (name, tensor: NpyFile.Read(path))
            : throw new BadInputException($"--input is '{text}', expected NAME=FILE.npy"))
        .ToDictionary(p => p.name, p => p.tensor);
}
