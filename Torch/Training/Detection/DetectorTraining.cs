using CnnOnnx.Import;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Detection;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Builds a detector for a set of boxes: anchors from the data, first weights, the task.</summary>
/// <param name="Plan">The plan, whose options have the anchors themselves, so that a training that goes on has the same.</param>
/// <param name="Network">The network; disposed with this.</param>
/// <param name="Task">What it is trained for.</param>
internal sealed record DetectorTraining(TrainingPlan Plan, DetectorNetwork Network, DetectionTask Task) : IDisposable
{
    /// <summary>Builds a network for classes and anchors; for its own anchors where none are given.</summary>
    public delegate OnnxModel Builder(int classes, IReadOnlyList<BoxSize>? anchors);

    /// <summary>Options for a detector that knows nothing yet.</summary>
    public static TrainingOptions Usual { get; } = new()
    {
        Epochs = 100,
        Batch = 16,
        LearningRate = 0.001,
        Optimizer = "momentum",
        Schedule = "cosine",
        WarmUp = 3,
        WeightDecay = 5e-4,
        Clip = 100,
        Boxes = new BoxOptions(),
    };

    /// <summary>Options for a detector that has learned already.</summary>
    public static TrainingOptions FineTuning { get; } = Usual with { Epochs = 20, LearningRate = 0.0003, WarmUp = 1 };

    /// <summary>Makes everything ready but the data. The caller disposes the result.</summary>
    /// <param name="plan">Model, preprocessing and options.</param>
    /// <param name="build">Builds the network.</param>
    /// <param name="ownAnchors">The network has anchors of its own, as one from a file; others cannot be had.</param>
    /// <param name="classes">Names of the data's classes.</param>
    /// <param name="boxes">Sizes of the boxes to learn from, in pixels of the network's input.</param>
    /// <param name="weights">A Darknet file of weights to begin with; null for none.</param>
    /// <param name="device">Device of the network.</param>
    /// <param name="note">Told what was found and taken.</param>
    /// <exception cref="BadInputException">No boxes, or anchors, classes, weights or a size that do not fit.</exception>
    public static DetectorTraining Prepare(TrainingPlan plan, Builder build, bool ownAnchors, IReadOnlyList<string> classes,
        IReadOnlyList<BoxSize> boxes, string? weights, Device device, Action<string> note)
    {
        BoxOptions options = plan.Options.Boxes ?? new BoxOptions();
        if (boxes.Count == 0)
            throw new BadInputException($"{plan.Data}: the pictures to learn from have no boxes; expected some");
        if (options.MultiScale > 1 && plan.Input.Width != plan.Input.Height)
            throw new BadInputException($"{plan.Model}: learns from several sizes of squares, got an input of {plan.Input.Height}x"
                + $"{plan.Input.Width}; expected equal sides, or one size")
            {
                Remedy = Remedy.GiveInputSize,
            };
        using DarknetPlaces? places = weights is null ? null : DarknetPlaces.Open(build(classes.Count, null), weights);
        if (places is not null)
            note(places.Remark);
        OnnxModel model = build(classes.Count, ownAnchors ? null : AnchorsFor(plan, options, build, boxes, places, note));
        if (ownAnchors && options.Anchors is not BoxOptions.Auto && options.Anchors != TextOf(model))
            throw new BadInputException($"{plan.Model}: has learned with its own anchors ({TextOf(model)}), got others "
                + $"({options.Anchors}); expected none to be given");
        _ = manual_seed(plan.Options.Seed);
        DetectorNetwork network = DetectorNetwork.Of(model, plan.Input, classes, device).Started(plan.Options, places);
        options = options with { Anchors = TextOf(model) };
        int least = MultiScale.SidesOf(Math.Min(plan.Input.Width, plan.Input.Height), options.MultiScale, network.Step)[0];
        return new DetectorTraining(plan with { Options = plan.Options with { Boxes = options } }, network,
            new DetectionTask(network, classes, options) { LeastSide = least });
    }

    public void Dispose() => Network.Dispose();

    private static IReadOnlyList<BoxSize> AnchorsFor(TrainingPlan plan, BoxOptions options, Builder build, IReadOnlyList<BoxSize> boxes,
        DarknetPlaces? places, Action<string> note)
    {
        if (options.Sizes() is { } given)
            return given;
        if (places is { IsWhole: true })
        {
            note("the anchors are the paper's, with which the heads' weights were made");
            return (options with { Anchors = BoxOptions.Paper }).Sizes()!;
        }

        int count = build(1, null).Card.Detection!.Heads.Sum(head => head.Anchors.Length);
        AnchorSet found = AnchorClusters.Of(boxes, count, plan.Options.Seed);
        note($"anchors {BoxOptions.TextOf(found.Anchors)}, found in {boxes.Count:N0} boxes, which overlap the best of them by "
            + $"{found.MeanOverlap:0.00} on average");
        // as they will be read again
        return (options with { Anchors = BoxOptions.TextOf(found.Anchors) }).Sizes()!;
    }

    private static string TextOf(OnnxModel model) => BoxOptions.TextOf(model.Card.Detection!.Heads.SelectMany(head => head.Anchors)
        .Select(a => new BoxSize(a[0], a[1])).OrderBy(a => a.Area));
}
