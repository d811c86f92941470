using System.Diagnostics;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Trains a classifier from an ONNX file on labelled pictures and exports it as ONNX, with every tensor as an output. The same
/// model, data, options and seed give the same file, to the byte (on the CPU, with as many threads).
/// <code>
/// var trainer = new ModelTrainer(OnnxModel.Read("net.onnx")) { Options = TrainingOptions.FineTuning with { Epochs = 5 } };
/// TrainingReport report = trainer.Run(PictureFolder.Open("pictures"), "trained.onnx");
/// </code>
/// </summary>
/// <param name="model">
/// A network that takes pictures [N, C, H, W], [N, H, W, C] or in one row, as numbers of any type. Its last layer with weights is
/// replaced by one for the data's classes, unless the options keep it; the other weights are the start, float16 ones as float32.
/// </param>
public sealed class ModelTrainer(OnnxModel model)
{
    private const int UsualSide = 224;

    /// <summary>Options of the training; when not given, the usual ones for a network that has learned already.</summary>
    public TrainingOptions Options { get; init; } = TrainingOptions.FineTuning;

    /// <summary>
    /// Preprocessing of the pictures; when not given, as the model card has it, or else as is guessed from the file.
    /// </summary>
    public InputSpec? Input { get; init; }

    /// <summary>Device to compute on: a CUDA device or the CPU; the first CUDA device where there is one.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>
    /// Folder for the features that a frozen backbone makes of pictures, shared by any trainings; beside the model when not given. Features
    /// are used again by a training with the same backbone, preprocessing and pictures.
    /// </summary>
    public string? FeatureCache { get; init; }

    /// <summary>Trains, exports the weights of the best epoch and proves the file in ONNX Runtime. Blocks until all is done.</summary>
    /// <param name="data">The pictures. What the best epoch is chosen on is held out where the set has no validation pictures.</param>
    /// <param name="path">
    /// The ONNX file to write, which is written only when it is proven; the checkpoints NAME.last.ckpt and NAME.best.ckpt go beside
    /// it.
    /// </param>
    /// <param name="progress">Told of every batch and every epoch, on the calling thread.</param>
    /// <param name="cancel">Stops after the batch that is under way.</param>
    /// <exception cref="OperationCanceledException">Cancelled; with <see cref="Resume"/> the training goes on from there.</exception>
    /// <exception cref="BadInputException">The model, the data or an option will not do, or a file cannot be written.</exception>
    public TrainingReport Run(PictureFolder data, string path, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancel = default)
    {
        string source = File.Exists(model.Source) ? Path.GetFullPath(model.Source) : model.Source;
        InputSpec input = (Input ?? UsualInput(model)).Checked("the input");
        var plan = new TrainingPlan(source, Path.GetFullPath(data.Folder), Path.GetFullPath(path), input, Options.Checked());
        return Run(plan, data, null, progress, cancel);
    }

    /// <summary>
    /// Goes on with a training that was stopped, to the same file as if it had not been, or with one that is done to more epochs.
    /// The model and the data must be those that it began with; the options are the checkpoint's.
    /// </summary>
    /// <param name="data">The pictures that the training began with.</param>
    /// <param name="checkpoint">NAME.last.ckpt, or the folder with it. Files are written beside it.</param>
    /// <param name="epochs">
    /// Epochs in all, at least as many as are behind the checkpoint; as many as were planned when not given. A schedule other than
    /// constant spreads over the new number from here on.
    /// </param>
    /// <param name="progress">Told of every batch and every epoch, on the calling thread.</param>
    /// <param name="cancel">Stops after the batch that is under way.</param>
    /// <inheritdoc cref="Run(PictureFolder, string, IProgress{TrainingProgress}, CancellationToken)"/>
    public TrainingReport Resume(PictureFolder data, string checkpoint, int? epochs = null, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancel = default)
    {
        (Checkpoint Checkpoint, string Path) stopped = Checkpoint.Read(checkpoint);
        TrainingFiles files = TrainingFiles.OfCheckpoint(Path.GetFullPath(stopped.Path));
        TrainingPlan plan = stopped.Checkpoint.Plan;
        int wanted = epochs ?? plan.Options.Epochs, behind = stopped.Checkpoint.Position.Epoch;
        if (wanted < behind)
            throw new BadInputException($"{stopped.Path}: has {behind} epochs behind it, got {wanted} in all; expected at least as many");
        return Run(plan with { Out = files.Model, Options = plan.Options with { Epochs = wanted } }, data, stopped, progress, cancel);
    }

    /// <summary>Preprocessing as the model's card has it, or as is guessed from the file.</summary>
    /// <exception cref="OnnxException">It takes no pictures.</exception>
    internal static InputSpec UsualInput(OnnxModel model) => model.Card.Input
        ?? (PictureInput.Find(model.Graph) is { } input
            ? PreprocessingGuess.SpecOf(model, input, new OpenCvSharp.Size(UsualSide, UsualSide))
            : throw new OnnxException(model.Source, "no input takes a picture, expected one of shape [N, C, H, W]"));

    /// <summary>The network for these classes, with first weights for what is new in it. The caller disposes it.</summary>
    /// <exception cref="BadInputException">The model cannot be trained so: the message says why.</exception>
    internal static Classifier Prepare(OnnxModel model, InputSpec input, string[] classes, TrainingOptions options, Device device)
    {
        _ = manual_seed(options.Seed);
        // An export is proven in every tensor: what the runtime would not do after the training is found before it.
        RuntimeLimits.RequireTime(model.Source, model.Graph.Nodes.Length, model.Graph.Nodes.Length);
        Classifier made = TrainableModel.Of(model, input, classes, options, device);
        try
        {
            RequireScores(made, input, made.Names?.Labels.Length ?? classes.Length, device);
        }
        catch
        {
            made.Dispose();
            throw;
        }

        return made.Started(options);
    }

    // What looks like a classifier may give its scores for each of many places, as a detector's head does.
    private static void RequireScores(Classifier made, InputSpec input, int expected, Device device)
    {
        int scores = made.CountClasses(input, device);
        if (scores != expected)
            throw new OnnxException(made.Module.Model.Source, $"gives {scores} scores ('{made.Logits}') for a picture of "
                + $"{input.Height}x{input.Width}, expected one for each of {expected} classes; its output may be a map");
    }

    private FeatureCache CacheOf(TrainingPlan plan) =>
        FeatureCache is { } folder ? Training.FeatureCache.In(folder, null) : Training.FeatureCache.At(plan.Files.Features, null);

    private TrainingReport Run(TrainingPlan plan, PictureFolder folder, (Checkpoint Checkpoint, string Path)? stopped,
        IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        Device device = TorchDevice.Choose(Device);
        if (plan.Options.Threads is { } threads)
            set_num_threads(threads);
        using DisposeScope scope = NewDisposeScope();
        using var pictures = TrainingData.Open(folder, plan.Options, part => part.Load(plan.Input, null, cancel));
        using Classifier classifier = Prepare(model, plan.Input, pictures.Report.Classes, plan.Options, device);
        using TrainingData? features =
            classifier.StartsFromFeatures ? FeatureSet.Of(pictures, classifier, device, null, cancel, CacheOf(plan)) : null;
        TrainingData data = features ?? pictures;
        var task = ClassificationTask.Of(classifier, data.Train, plan.Options);
        using var run = new TrainingRun(plan, task, data, device) { OnProgress = progress is null ? null : progress.Report };
        if (stopped is { } at)
            run.Restore(at.Checkpoint, at.Path);
        long started = Stopwatch.GetTimestamp();
        run.Run(cancel);
        return TrainingExport.Write(plan, task, data, run.Position, device, Stopwatch.GetElapsedTime(started), cancel).Report;
    }
}
