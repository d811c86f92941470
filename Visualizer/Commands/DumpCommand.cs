using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Inputs;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Shards;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer dump: what every layer makes of a picture.</summary>
internal sealed class DumpCommand : Command
{
    // What a scheduler leaves a worker between asking it to end and ending it: 30 s or more with Slurm and Kubernetes.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(25);

    private readonly Argument<string> _model = SharedOptions.ModelArgument();

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Pictures, .npy or .npz files, videos, camera:N, folders or patterns.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly OutputOptions _out;
    private readonly DumpContentOptions _content;
    private readonly DumpRunOptions _runs;
    private readonly ShardOptions _shards;

    public DumpCommand() : base("dump", "Runs the model and draws what every layer makes of the input, with numbers and a report.")
    {
        _model.Arity = ArgumentArity.ZeroOrOne;
        Arguments.Add(_model);
        Arguments.Add(_inputs);
        _out = new OutputOptions(this, unless: "--video");
        _content = new DumpContentOptions(this);
        _runs = new DumpRunOptions(this);
        _shards = new ShardOptions(this, _model, _inputs);
        this.WithMostUsed("--out", "--preset", "--labels", "--tensors", "--open");
        this.WithTimeToEnd(TimeToEnd);
        this.WithExamples(
            "visualizer dump models/lenet.onnx shoe.png --out dump",
            "visualizer dump net.onnx *.jpg --out dump --ops Conv,Relu --scale layer --colormap inferno",
            "visualizer dump net.onnx cat.jpg --out dump --preset imagenet --raw npz",
            "visualizer dump net.onnx cat.jpg --out dump --tensor relu1 --channel 5",
            "visualizer dump net.onnx cat.jpg --out dump --each-channel --without mosaics,report,kernels,pca",
            "visualizer dump net.onnx pictures --recursive --out dump --batch 8 --resume",
            "visualizer dump vgg16.onnx cat.jpg --out dump --memory 512MB --profile",
            "visualizer dump net.onnx clip.mp4 --out dump --every 10",
            "visualizer dump net.onnx camera:0 --tensors relu1 --video relu1.avi --frames 250",
            "visualizer dump --plan plan.json --shard auto --out shards");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        using var libraries = new NativeLibraries();
        if (_shards.Plan(parsed) is { } plan)
            return Run(parsed, plan, terminal, cancel);
        InputList inputs = _runs.Inputs(parsed, parsed.GetValue(_inputs)!, _out.Folder(parsed));
        (string Name, string Path)[] given = [.. _content.Given(parsed)];
        var run = new DumpRun
        {
            Model = parsed.GetValue(_model)!,
            Inputs = inputs,
            Options = _runs.Of(parsed, _content.Of(parsed, inputs.IsSingle), given.Select(g => g.Path)) with { Force = _out.Force(parsed) },
            Others = given.ToDictionary(g => g.Name, g => NpyFile.Read(g.Path)),
            Show = page => _out.Show(parsed, page, terminal),
        };
        return _runs.Video(parsed) is { } video ? run.ToVideo(video, terminal, cancel) : run.ToFolder(Folder(parsed), terminal, cancel);
    }

    private int Run(ParseResult parsed, string path, Terminal terminal, CancellationToken cancel)
    {
        ShardPlan plan = ShardPlan.Read(path);
        plan.RequireVersion();
        PlannedDump planned = PlannedDump.Of(plan);
        planned.Refuse(parsed);
        (int shard, string? source) = _shards.Shard(parsed, plan);
        if (source is not null)
            terminal.Note($"shard {shard} of {plan.Shards.Length}, from {source}");
        return new ShardRun
        {
            Plan = plan,
            Shard = shard,
            Model = parsed.GetValue(_model) ?? plan.Model,
            Root = _shards.Root(parsed) ?? plan.Root,
            Options = _runs.Local(parsed, planned.Options) with { Force = _out.Force(parsed) },
            Others = planned.Others(),
        }.ToFolder(Folder(parsed), terminal, cancel);
    }

    private string Folder(ParseResult parsed) => _out.Folder(parsed) ?? throw new BadInputException(
        "--out DIR is missing: the folder for the results. See 'visualizer dump --help'.");

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
