using CnnOnnx.Detection;
using CnnOnnx.Torch.Detection;
using CnnOnnx.Torch.Graph;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;
using Size = OpenCvSharp.Size;

namespace CnnOnnx.Torch.Training;

/// <summary>Learns to find boxes: YOLOv3's loss, measured by COCO's mean average precision.</summary>
/// <param name="network">The network; stays the caller's.</param>
/// <param name="labels">Names of its classes.</param>
/// <param name="options">Loss of the boxes.</param>
internal sealed class DetectionTask(DetectorNetwork network, IReadOnlyList<string> labels, BoxOptions options) : TrainingTask
{
    // As Darknet measures: whatever says a little counts, for it stands behind what says more.
    private const double LeastScore = 0.005, MostOverlap = 0.45;
    private const int MostBoxes = 300;

    private readonly YoloLoss _loss = new(network.Heads, options.Loss, options.IgnoreOverlap);

    /// <summary>Smallest side of the pictures to learn from, in pixels.</summary>
    public int LeastSide { get; init; } = int.MaxValue;

    public override OnnxModule Module => network.Module;

    public override IReadOnlyList<string> ClassNames => labels;

    public override string[] Sums { get; } = ["lossSum", "boxSum", "objectnessSum", "classSum"];

    public override Criterion ChosenBy { get; } = new(BoxScore.At50Name, HigherIsBetter: true);

    // As Darknet: factors and biases of normalisations say how large values are, not which.
    public override IReadOnlySet<string> NotDecayed => Module.named_parameters().Where(p => p.parameter.dim() < 2).Select(p => p.name)
        .ToHashSet();

    // A map of one cell is one value a channel.
    public override int SmallestBatch => LeastSide > network.Step ? 1 : 2;

    public override string WhySmallestBatch => $"of pictures of {LeastSide} pixels one cell a channel is left, and one value has no "
        + "variance to learn";

    public override (string Name, Tensor Value) InputOf(Batch batch) => (network.Input.Name, network.Input.Fit(batch.Inputs));

    public override (Tensor Loss, Tensor Sums) Learn(Batch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        YoloLosses parts = _loss.Of(network.Run(batch.Inputs), batch.Targets, SizeOf(batch));
        Tensor loss = (parts.Box + parts.Objectness + parts.Class) / batch.Count;
        return (loss.MoveToOuterDisposeScope(), SumsOf(parts).MoveToOuterDisposeScope());
    }

    public override Metrics MetricsOf(ReadOnlySpan<double> sums, int samples) =>
        new([.. BoxScore.Losses.Zip(sums.ToArray(), (name, sum) => (name, sum / samples))]);

    public override BoxScore Measure(BatchSource samples, int batch, Device device, Action<int>? progress, CancellationToken cancel)
    {
        var truths = new List<TruthBox>();
        var found = new List<ScoredBox>();
        double[] sums = new double[Sums.Length];
        int pictures = 0;
        Walk(samples, batch, device, progress, cancel,
            (batches, _) => pictures += Measure(batches, pictures, sums, truths, found));
        return new BoxScore(MetricsOf(sums, pictures), CocoEvaluation.Evaluate(truths, found), labels,
            [.. Enumerable.Range(0, labels.Count).Select(c => truths.Count(t => t.Category == c))]);
    }

    // Boxes are compared in pixels of the input, where pictures of one set are as large as one another.
    private int Measure(BatchReader batches, int first, double[] sums, List<TruthBox> truths, List<ScoredBox> found)
    {
        using DisposeScope scope = NewDisposeScope();
        Batch batch = batches.Next();
        if (batch.Count == 0)
            return 0;
        Size size = SizeOf(batch);
        Tensor[] outputs = network.Run(batch.Inputs);
        double[] added = SumsOf(_loss.Of(outputs, batch.Targets, size)).cpu().data<double>().ToArray();
        for (int k = 0; k < sums.Length; k++)
            sums[k] += added[k];
        foreach (float[] row in YoloLoss.RowsOf(batch.Targets).Chunk(TargetAssignment.Columns))
            truths.Add(new TruthBox(first + (int)row[0], (int)row[1],
                new Rect2d(row[2] - (row[4] / 2.0), row[3] - (row[5] / 2.0), row[4], row[5]), (double)row[4] * row[5]));
        List<Candidate>[] boxes = HeadBoxes.Read(outputs, network.Heads, size, LeastScore, MostOverlap, MostBoxes);
        for (int picture = 0; picture < boxes.Length; picture++)
            found.AddRange(boxes[picture].Select(box => new ScoredBox(first + picture, box.Class, box.Box.ToRect(), box.Score)));
        return batch.Count;
    }

    private static Tensor SumsOf(YoloLosses parts)
    {
        Tensor[] each = [.. new[] { parts.Box, parts.Objectness, parts.Class }.Select(part => part.detach().to(ScalarType.Float64))];
        return stack([each[0] + each[1] + each[2], .. each]);
    }

    private static Size SizeOf(Batch batch) => new((int)batch.Inputs.size(3), (int)batch.Inputs.size(2));
}

/// <summary>Losses and precision of a detector on pictures.</summary>
/// <param name="Loss">Mean losses over the pictures.</param>
/// <param name="Coco">Precision as COCO defines it, of boxes in pixels of the network's input.</param>
/// <param name="Labels">Names of the classes.</param>
/// <param name="Boxes">Number of boxes of each class that are there.</param>
internal sealed record BoxScore(Metrics Loss, CocoScores Coco, IReadOnlyList<string> Labels, IReadOnlyList<int> Boxes)
    : Measurement(new Metrics([.. Loss.Select(l => (l.Key, l.Value)), (At50Name, Coco.Ap50), (MeanName, Coco.Ap)]))
{
    /// <summary>Mean average precision at an overlap of 0.5, and over overlaps from 0.5 to 0.95.</summary>
    public const string At50Name = "mAP50", MeanName = "mAP";

    /// <summary>Names of the losses: the whole and its parts.</summary>
    public static string[] Losses { get; } = [Criterion.Loss, "boxLoss", "objectnessLoss", "classLoss"];

    /// <summary>Precision of each class, null where there is nothing of it to find.</summary>
    public BoxClassReport[] Classes => [.. Labels.Select((name, c) =>
        Coco.Categories.FirstOrDefault(category => category.Category == c) is { Ap: >= 0 } known
            ? new BoxClassReport(name, known.Ap50, known.Ap, Boxes[c])
            : new BoxClassReport(name, null, null, Boxes[c]))];

    public override IEnumerable<(string Name, object Value)> Details => [("classes", Classes)];
}

/// <summary>Average precision of one class, 0..1.</summary>
/// <param name="Class">Name of the class.</param>
/// <param name="Ap50">Precision at an overlap of 0.5; null where there is nothing to find.</param>
/// <param name="Ap">Mean over overlaps from 0.5 to 0.95; null where there is nothing to find.</param>
/// <param name="Boxes">Number of boxes that are there.</param>
internal sealed record BoxClassReport(string Class, double? Ap50, double? Ap, int Boxes);
