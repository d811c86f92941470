using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Live;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer live: a window with what a layer makes of a camera or a video.</summary>
internal sealed class LiveCommand : Command
{
    private readonly Argument<string> _model = SharedOptions.ModelArgument();

    private readonly Argument<string> _source = new("SOURCE")
    {
        Description = "A video, camera:N, a picture or a folder of pictures.",
        DefaultValueFactory = _ => "camera:0",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<ScaleMode> _scale = EnumOption.Create("--scale", "How values become colours.", ScaleMode.Tile);

    private readonly Option<string> _colormap = SharedOptions.ColormapOption();

    private readonly LabelsOption _labels;
    private readonly SelectionOptions _selection;
    private readonly PreprocessingOptions _preprocessing;

    public LiveCommand() : base("live", "Shows in a window what a layer makes of a camera, a video or pictures. Key h lists the keys.")
    {
        Arguments.Add(_model);
        Arguments.Add(_source);
        Options.Add(_scale);
        Options.Add(_colormap);
        _selection = new SelectionOptions(this);
        _preprocessing = new PreprocessingOptions(this);
        _labels = new LabelsOption(this);
        Options.Add(CommonOptions.Device);
        Options.Add(CommonOptions.Threads);
        this.WithMostUsed("--tensors", "--ops", "--preset", "--scale", "--device");
        this.WithExamples(
            "visualizer live models/lenet.onnx camera:0",
            "visualizer live net.onnx street.mp4 --tensors relu3      the arrow keys walk from relu3 through all layers",
            "visualizer live net.onnx photos --ops Conv --scale layer     the arrow keys walk through the convolutions");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        // Highgui may end the whole process when it finds no display, so nothing of it is touched before this.
        if (Display.Problem() is { } problem)
            throw new BadInputException($"no window can be shown: {problem}");
        using LiveSource source = LiveSource.Open(parsed.GetValue(_source)!);
        using var network = new LiveNetwork(parsed.GetValue(_model)!, new ActivationOptions
        {
            Selection = _selection.Of(parsed),
            Preprocessing = _preprocessing.Of(parsed),
            Labels = _labels.Of(parsed),
            Device = ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!),
            Threads = parsed.GetValue(CommonOptions.Threads),
        });
        terminal.Note($"device: {network.Device}{(network.DeviceRemark is { } remark ? $" ({remark})" : "")}");
        if (network.Guess is { } guess)
            terminal.Note(Assumptions.Line(guess, null));
        if (network.NamesRemark is { } names)
            terminal.Note(names);
        var view = new LiveView
        {
            Layer = network.First,
            Colormap = Colormaps.Parse(parsed.GetValue(_colormap)!),
            Scaling = parsed.GetValue(_scale),
        };
        var window = new LiveWindow(network, source);
        LiveView last = window.Show(view, cancel);
        terminal.Result($"{window.Frames} frames");
        terminal.JsonResult(new LiveSummary(window.Frames, network.Layers[last.Layer], last.Channel));
        return ExitCode.Done;
    }
}

/// <summary>The result of the live command as JSON.</summary>
/// <param name="Frames">Number of frames that were run.</param>
/// <param name="Layer">The last one: the name of its tensor.</param>
/// <param name="Channel">The last one; null for all.</param>
internal sealed record LiveSummary(int Frames, string Layer, int? Channel);
