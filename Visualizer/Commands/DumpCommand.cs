using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer dump: what every layer makes of a picture.</summary>
internal sealed class DumpCommand : Command
{
    private readonly Argument<string> _model = VisualizerCommands.ModelArgument();

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Pictures, .npy or .npz files, videos, camera:N, folders or patterns.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]> _given = new("--input")
    {
        Description = "A tensor for another input of the model.",
        HelpName = "NAME=FILE.npy",
    };

    private readonly Option<string> _tensor = new("--tensor") { Description = "Only this tensor.", HelpName = "NAME" };

    private readonly Option<int?> _channel = new("--channel")
    {
        Description = "Only this channel of --tensor, counted from 0.",
        HelpName = "K",
    };

    private readonly Option<bool> _eachChannel = new("--each-channel")
    {
        Description = "Also one picture for each channel: channels/<tensor>/out<kkk>.png, a pixel for each value.",
    };

    private readonly Option<string> _raw = new("--raw")
    {
        Description = "Also the numbers, as activations.npz.",
        HelpName = "npz",
        Arity = ArgumentArity.ZeroOrOne
    };

    private readonly Option<bool> _npy = new("--npy") { Description = "Also each tensor as arrays/<tensor>.npy." };

    private readonly Option<bool> _interchange = new("--interchange")
    {
        Description = "Also files that show the numbers in Netron and in Model Explorer.",
    };

    private readonly Option<bool?> _pca = new("--pca")
    {
        Description = "Also one coloured picture for all channels of a layer; done for a single input when not said.",
        HelpName = "true|false",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<DumpParts> _without = WithoutOption.Create();

    private readonly Option<bool> _noKernels = new("--no-kernels") { Description = "The same as --without kernels." };

    private readonly Option<OptimizationLevel> _optimization =
        EnumOption.Create("--optimization", "How far ONNX Runtime may rewrite the graph.", OptimizationLevel.Extended);

    private readonly Option<LayoutName?> _layout = EnumOption.Create<LayoutName>("--layout",
        "Where the channels of all tensors of four and more axes are, in place of what the graph says.");

    private readonly LabelsOption _labels;
    private readonly OutputOptions _out;
    private readonly DumpRunOptions _runs;
    private readonly MosaicCommandOptions _mosaic;
    private readonly SelectionOptions _selection;
    private readonly PreprocessingOptions _preprocessing;

    public DumpCommand() : base("dump", "Runs the model and draws what every layer makes of the input, with numbers and a report.")
    {
        _raw.AcceptOnlyFromAmong("npz");
        Arguments.Add(_model);
        Arguments.Add(_inputs);
        _out = new OutputOptions(this, unless: "--video");
        _mosaic = new MosaicCommandOptions(this);
        _selection = new SelectionOptions(this);
        foreach (Option option in new Option[] { _tensor, _channel, _eachChannel, _raw, _npy, _interchange, _layout, _pca, _without,
            _noKernels, _given, _optimization, CommonOptions.Device, CommonOptions.Threads })
            Options.Add(option);
        _labels = new LabelsOption(this);
        _runs = new DumpRunOptions(this);
        _preprocessing = new PreprocessingOptions(this);
        this.WithMostUsed("--out", "--preset", "--labels", "--tensors", "--open");
        this.WithExamples(
            "visualizer dump models/lenet.onnx shoe.png --out dump",
            "visualizer dump net.onnx *.jpg --out dump --ops Conv,Relu --scale layer --colormap inferno",
            "visualizer dump net.onnx cat.jpg --out dump --preset imagenet --raw npz",
            "visualizer dump net.onnx cat.jpg --out dump --tensor relu1 --channel 5",
            "visualizer dump net.onnx cat.jpg --out dump --each-channel --without mosaics,report,kernels,pca",
            "visualizer dump net.onnx pictures --recursive --out dump --batch 8 --resume",
            "visualizer dump vgg16.onnx cat.jpg --out dump --memory 512MB --profile",
            "visualizer dump net.onnx clip.mp4 --out dump --every 10",
            "visualizer dump net.onnx camera:0 --tensors relu1 --video relu1.avi --frames 250");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        using var libraries = new NativeLibraries();
        InputList inputs = _runs.Inputs(parsed, parsed.GetValue(_inputs)!, _out.Folder(parsed));
        (string Name, string Path)[] given = [.. GivenFiles(parsed)];
        var run = new DumpRun
        {
            Model = parsed.GetValue(_model)!,
            Inputs = inputs,
            Options = _runs.Of(parsed, WhatToWrite(parsed, inputs.IsSingle), given.Select(g => g.Path)),
            Others = given.ToDictionary(g => g.Name, g => NpyFile.Read(g.Path)),
            Show = page => _out.Show(parsed, page, terminal),
        };
        return _runs.Video(parsed) is { } video
            ? run.ToVideo(video, terminal, cancel)
            : run.ToFolder(_out.Folder(parsed) ?? throw new BadInputException(
                "--out DIR is missing: the folder for the results. See 'visualizer dump --help'."),
                terminal, cancel);
    }

    private DumpOptions WhatToWrite(ParseResult parsed, bool isSingle)
    {
        TensorSelection selection = _selection.Of(parsed);
        if (parsed.GetValue(_tensor) is { } only)
            selection = selection with { Globs = [only], Constants = true };
        else if (parsed.GetValue(_channel) is not null)
            throw new BadInputException("--channel needs --tensor NAME, whose channel it is");
        bool hasPca = parsed.GetResult(_pca) is null ? isSingle : parsed.GetValue(_pca) ?? true;
        int threads = parsed.GetValue(CommonOptions.Threads) ?? Environment.ProcessorCount;
        return new DumpOptions
        {
            Activation = new ActivationOptions
            {
                Selection = selection,
                Preprocessing = _preprocessing.Of(parsed),
                Labels = _labels.Of(parsed),
                Device = ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!),
                Threads = threads,
                Optimization = parsed.GetValue(_optimization),
                SharesProcessor = true,
            },
            Mosaic = _mosaic.Of(parsed, selection.MaxChannels),
            EachChannel = parsed.GetValue(_eachChannel),
            ChannelTileSize = _mosaic.TileSize(parsed),
            Channel = parsed.GetValue(_channel),
            Layout = (ChannelLayout?)parsed.GetValue(_layout),
            Raw = parsed.GetResult(_raw) is not null,
            Npy = parsed.GetValue(_npy),
            Interchange = parsed.GetValue(_interchange),
            Without = parsed.GetValue(_without)
                | (parsed.GetValue(_noKernels) ? DumpParts.Kernels : DumpParts.None)
                | (hasPca ? DumpParts.None : DumpParts.Pca),
            Survey = !isSingle,
            SelfContained = isSingle,
            PcaOfStages = (parsed.GetValue(_pca) ?? true) && (parsed.GetValue(_without) & DumpParts.Pca) == 0,
            Threads = threads,
            Force = _out.Force(parsed),
        };
    }

    private IEnumerable<(string Name, string Path)> GivenFiles(ParseResult parsed) => (parsed.GetValue(_given) ?? [])
        .Select(text => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } path]
            ? (name, path)
            : throw new BadInputException($"--input is '{text}', expected NAME=FILE.npy"));

    // The layouts by the names that users know, in their order.
    private enum LayoutName
    {
        Nchw,
        Nhwc,
    }

    /// <summary>
    /// ONNX Runtime and OpenCV, which take long to load, brought in while the model is read. Dispose waits for them: a process must
    /// not end while a library is set up.
    /// </summary>
    private sealed class NativeLibraries : IDisposable
    {
        private readonly Task[] _loading = [Task.Run(() => OrtEnv.Instance()), Task.Run(() => Cv2.GetTickCount())];

        // Whoever needs a library that cannot be loaded says so.
        public void Dispose() => Task.WhenAll(_loading).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
    }
}
