using System.CommandLine;
using System.Diagnostics;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using CnnOnnx.Trainer.Figures;
using CnnOnnx.Trainer.Training;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Commands;

/// <summary>trainer train: from a data set to an ONNX file that is proven.</summary>
internal sealed class TrainCommand : Command
{
    private readonly Argument<string?> _model = new("model")
    {
        Description = $"What to train: {string.Join(", ", ArchitectureTable.Rows.Select(r => r.Name))}; or an ONNX file, to train on "
            + "from its weights.",
        HelpName = "ARCH|MODEL.onnx",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder of the data set: a folder a class, or IDX files such as Fashion-MNIST; for detectors, pictures with labels "
            + "of YOLO, COCO or VOC (required without --resume).",
        HelpName = "DIR",
    };

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "The ONNX file to write; figures, metrics and checkpoints go beside it (required without --resume).",
        HelpName = "FILE.onnx",
    };

    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "Weights to begin with: a PyTorch checkpoint, safetensors, or the .weights of a Darknet .cfg; the network with them "
            + "goes to NAME.start.onnx beside the results. For yolov3 also Darknet's yolov3.weights, or "
            + "darknet53.conv.74 for its backbone.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _featureCache = new("--feature-cache")
    {
        Description = "Folder for the features that --freeze-backbone computes, to be shared by trainings; NAME.features.safetensors "
            + "beside the model when not given.",
        HelpName = "DIR",
    };

    private readonly Option<double?> _width = NumberOptions.Number("--width", "Factor of all channels of yolov3 or mobilenetv2, such as "
        + "0.25; the same as yolov3-0.25.", x => x is >= ArchitectureTable.LeastWidth and <= ArchitectureTable.MostWidth,
        $"from {ArchitectureTable.LeastWidth} to {ArchitectureTable.MostWidth}");

    private readonly Option<string?> _resume = new("--resume")
    {
        Description = "Go on with a training that was stopped: its NAME.last.ckpt, or the folder of that.",
        HelpName = "FILE",
    };

    private readonly TrainingFlags _flags;
    private readonly PreprocessingOptions _preprocessing;

    public TrainCommand() : base("train", "Trains a network on labelled pictures, or on boxes in them, and exports it as ONNX, with every "
        + "tensor as an output.")
    {
        Arguments.Add(_model);
        foreach (Option option in new Option[]
            { _data, _out, _weights, _width, _resume, _featureCache, CommonOptions.Device, CommonOptions.Threads, CommonOptions.Seed })
            Options.Add(option);
        this.WithMostUsed("--data", "--out", "--epochs", "--lr", "--resume");
        _flags = new TrainingFlags(this);
        _preprocessing = new PreprocessingOptions(this);
        this.WithExamples(
            "trainer train lenet --data data/fashion-mnist --out out/lenet.onnx",
            "trainer train lenet --data data/fashion-mnist --out out/lenet.onnx --optimizer adam --lr 0.002 --schedule cosine",
            "trainer train xo --data data/xo --out out/xo.onnx --epochs 5",
            "trainer train xo --data data/shapes --size 64 --channels rgb --out out/shapes.onnx",
            "trainer train mobilenetv2-0.5 --data data/shapes --size 96 --augment flip,rotate=0.1,mixup --ema 0.99 --out out/mobile.onnx",
            "trainer train yolov3 --width 0.25 --size 160 --data data/boxes --out out/yolo.onnx --multi-scale 1.4 --ema 0.99",
            "trainer train resnet20.onnx --data data/ants-and-bees --freeze 'layer1.*' --out out/ants.onnx",
            "trainer train resnet18.onnx --weights resnet18.pth --data data/ants-and-bees --out out/ants.onnx",
            "trainer train --resume out/lenet.last.ckpt");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        (Checkpoint Checkpoint, string Path)? stopped = parsed.GetValue(_resume) is { } path ? Checkpoint.Read(path) : null;
        string network = stopped?.Checkpoint.Plan.Model ?? Started(parsed, Required(parsed.GetValue(_model), "a network to train"),
            terminal);
        var source = new ModelSource(network);
        if (stopped is null && source.GuessBehind(_preprocessing.Of(parsed)) is { } guess)
            terminal.Note(Assumptions.Line(guess, null));
        TrainingPlan plan = stopped is { } s ? Resumed(parsed, s.Checkpoint, s.Path) : Planned(parsed, network, source);
        RequireFeatures(parsed, plan.Options);
        Device device = TorchDevice.Choose(ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!));
        if (plan.Options.Threads is { } threads)
            set_num_threads(threads);
        if (OneDnn.EnsureCorrect() is { } remark)
            terminal.Note(remark);

        using PreparedTraining prepared = source.IsDetector ? Detector(plan, source, parsed.GetValue(_weights), device, terminal)
            : Classifier(plan, source, CacheOf(parsed, plan, terminal), device, terminal, cancel);
        (plan, TrainingTask task, TrainingData data) = (prepared.Plan, prepared.Task, prepared.Data);
        terminal.Note($"{plan.Model} on {data.Report.Name}: {data.Report.Train:N0} pictures to train with, "
            + $"{(data.Test is null ? "none" : $"{data.Report.Test:N0}")} to test with, "
            + $"{data.Report.Classes.Length} classes, input {plan.Input}");
        terminal.Note($"the best epoch is chosen on {data.Report.EpochChosenOn}");
        if (ParameterCount.Of(task.Module) is { NotTrained.Count: > 0 } parameters)
            terminal.Note(parameters.ToString());
        if (prepared.Remark is { } made)
            terminal.Note(made);
        terminal.Note($"{plan.Options.Optimizer}, learning rate {plan.Options.LearningRate:0.######} {plan.Options.Schedule}, batch "
            + $"{plan.Options.Batch}, seed {plan.Options.Seed}, on {device}");

        long started = Stopwatch.GetTimestamp();
        TrainingPosition position = TrainingBar.Train(plan, task, data, device, stopped, terminal, cancel);
        (TrainingReport report, Measurement measured) =
            TrainingExport.Write(plan, task, data, position, device, Stopwatch.GetElapsedTime(started), cancel);
        PictureLoading.TellLeftOut(terminal, prepared.Streams);
        report = report with { Files = [.. report.Files, .. prepared.Figures] };
        TrainingFigures.Write(plan.Files, report, measured, data.Measured);
        AtomicFile.WriteText(plan.Files.Metrics, report.ToJson().ToJsonString(JsonSettings.Indented));
        TrainingSummary.Print(report, task.ChosenBy.Metric, terminal);
        return report.Proof.Holds ? ExitCode.Done : ExitCode.No;
    }

    private FeatureCache CacheOf(ParseResult parsed, TrainingPlan plan, Terminal terminal) => parsed.GetValue(_featureCache) is { } folder
        ? FeatureCache.In(folder, terminal.Note) : FeatureCache.At(plan.Files.Features, terminal.Note);

    private void RequireFeatures(ParseResult parsed, TrainingOptions options)
    {
        if (parsed.GetValue(_featureCache) is { } folder && !(options.FreezeBackbone && options.Augment.Length == 0))
            throw new BadInputException($"--feature-cache is '{folder}', but no features are computed in this training; expected it with "
                + "--freeze-backbone and without --augment");
    }

    private static PreparedTraining Classifier(TrainingPlan plan, ModelSource source, FeatureCache cache, Device device,
        Terminal terminal, CancellationToken cancel)
    {
        var owned = new Stack<IDisposable>();
        try
        {
            TrainingData pictures = Load(plan, terminal, cancel);
            owned.Push(pictures);
            Classifier classifier = source.Build(plan.Input, pictures.Report.Classes, plan.Options, device);
            owned.Push(classifier);
            TrainingData data = pictures;
            if (classifier.StartsFromFeatures)
                owned.Push(data = Features(pictures, classifier, device, cache, terminal, cancel));
            return new PreparedTraining(plan, ClassificationTask.Of(classifier, data.Train, plan.Options), data, owned)
            {
                Remark = classifier.Remark,
                Figures = data.Train.Augmentation.IsEmpty ? plan.Files.Results[1..]
                    : [.. plan.Files.Results[1..], plan.Files.Augmented],
                Streams = [.. pictures.All.OfType<PictureStream>()],
            };
        }
        catch
        {
            foreach (IDisposable each in owned)
                each.Dispose();
            throw;
        }
    }

    private static PreparedTraining Detector(TrainingPlan plan, ModelSource source, string? weights, Device device, Terminal terminal)
    {
        TrainingData data = BoxLoading.Open(plan, terminal);
        try
        {
            DetectorTraining detector = DetectorTraining.Prepare(plan,
                (classes, anchors) => source.BuildDetector(plan.Input, classes, anchors), source.IsFile, data.Report.Classes,
                BoxLoading.SizesIn(data, plan.Input), source.IsFile ? null : weights, device, terminal.Note);
            return new PreparedTraining(detector.Plan, detector.Task, data, new Stack<IDisposable>([data, detector]))
            {
                Figures = BoxSheets(plan, (BoxSource)data.Train),
                Streams = data.All,
            };
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    // Before the long work, as with a classifier's.
    private static string[] BoxSheets(TrainingPlan plan, BoxSource train)
    {
        AtomicFile.WriteBytes(plan.Files.Samples, BoxSampleSheet.Draw(train));
        string[] files = [plan.Files.Metrics, plan.Files.Curves, plan.Files.Samples];
        if (train.Augmentation.IsEmpty)
            return files;
        AtomicFile.WriteBytes(plan.Files.Augmented, BoxSampleSheet.DrawAugmented(train, plan.Options.Seed));
        return [.. files, plan.Files.Augmented];
    }

    /// <summary>The network with the weights that were given, as a file beside the results; without any the network itself.</summary>
    private string Started(ParseResult parsed, string network, Terminal terminal)
    {
        if (parsed.GetValue(_width) is { } width)
            network = ArchitectureTable.NameOf(network, width);
        // weights of Darknet go straight into the layers of a detector, those of a backbone into the first of them
        if (parsed.GetValue(_weights) is not { } weights
            || (ArchitectureTable.Find(network) is { IsDetector: true } && WeightedNetwork.IsDarknet(weights)))
            return network;
        string started = Path.ChangeExtension(Target(parsed), ".start.onnx");
        using var source = WeightedNetwork.Open(network, weights, new WeightedNetworkOptions(), terminal);
        source.Model.Save(started);
        return started;
    }

    private string Target(ParseResult parsed)
    {
        string target = Required(parsed.GetValue(_out), "--out FILE.onnx");
        return target.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? target
            : throw new BadInputException($"--out is '{target}', expected a path that ends in .onnx");
    }

    private TrainingPlan Planned(ParseResult parsed, string model, ModelSource source)
    {
        string target = Target(parsed);
        if (source.IsFile && Path.GetFullPath(model) == Path.GetFullPath(target))
            throw new BadInputException($"--out is the model that is trained on ({target}), expected another file");
        Recipe? recipe = source.IsDetector ? null : _flags.RecipeOf(parsed);
        InputSpec usual = recipe?.Input ?? source.Input;
        InputSpec input = _preprocessing.Of(parsed)?.Invoke(usual) ?? usual;
        return new TrainingPlan(source.IsFile ? Path.GetFullPath(model) : model,
            Path.GetFullPath(Required(parsed.GetValue(_data), "--data DIR")),
            Path.GetFullPath(target), input.Checked("the preprocessing"), _flags.Of(parsed, recipe?.Options
                ?? (_flags.IsBackboneFrozen(parsed) && !source.IsDetector ? TrainingOptions.FrozenBackbone : source.Recipe)));
    }

    /// <summary>A plan from a checkpoint. The results go beside the checkpoint, wherever it lies now.</summary>
    private TrainingPlan Resumed(ParseResult parsed, Checkpoint checkpoint, string path)
    {
        TrainingPlan saved = checkpoint.Plan;
        if (parsed.GetValue(_weights) is not null)
            throw new BadInputException("--weights cannot come with --resume; the checkpoint has its own");
        if (parsed.GetValue(_width) is not null)
            throw new BadInputException("--width cannot come with --resume; the checkpoint has its own");
        if (parsed.GetValue(_out) is not null)
            throw new BadInputException("--out cannot change with --resume; the results go beside the checkpoint");
        if (parsed.GetValue(_model) is { } model && model != saved.Model && Path.GetFullPath(model) != saved.Model)
            throw new BadInputException($"{path}: is a training of {saved.Model}, not of {model}");
        if (_preprocessing.Of(parsed) is not null)
            throw new BadInputException($"the preprocessing cannot change with --resume; the checkpoint has {saved.Input}");
        TrainingOptions options = _flags.OfResumed(parsed, saved.Options);
        if (options.Epochs < checkpoint.Position.Epoch)
            throw new BadInputException($"--epochs is {options.Epochs}, but {path} has {checkpoint.Position.Epoch} behind it; expected "
                + "at least as many");
        return saved with
        {
            Data = parsed.GetValue(_data) is { } data ? Path.GetFullPath(data) : saved.Data,
            Out = TrainingFiles.OfCheckpoint(Path.GetFullPath(path)).Model,
            Options = options,
        };
    }

    private static TrainingData Load(TrainingPlan plan, Terminal terminal, CancellationToken cancel) => TrainingData.Open(
        PictureLoading.Open(plan.Data, terminal), plan.Options, part => PictureLoading.Load(part, plan.Input, terminal, cancel),
        // Before the long work, because it shows at once whether results can be written there.
        train =>
        {
            AtomicFile.WriteBytes(plan.Files.Samples, SampleSheet.Draw(train));
            if (!train.Augmentation.IsEmpty)
                AtomicFile.WriteBytes(plan.Files.Augmented, SampleSheet.DrawAugmented(train, plan.Options.Seed));
        });

    private static TrainingData Features(
        TrainingData pictures, Classifier classifier, Device device, FeatureCache cache, Terminal terminal, CancellationToken cancel)
    {
        int count = pictures.All.Sum(p => p.Count);
        using Progress bar = terminal.Start("computing features", count, "pictures");
        return FeatureSet.Of(pictures, classifier, device, done => bar.Advance(done), cancel, cache);
    }

    private static string Required(string? value, string what) =>
        value ?? throw new BadInputException($"{what} is missing. See 'trainer train --help'.");
}
