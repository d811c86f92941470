using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Learns to sort pictures into classes: cross-entropy, measured by the share of right answers.</summary>
/// <param name="classifier">The network; stays the caller's.</param>
/// <param name="labels">Names of the network's classes.</param>
internal sealed class ClassificationTask(Classifier classifier, IReadOnlyList<string> labels) : TrainingTask
{
    /// <summary>The network's class for each class of what is measured; the same number when not given.</summary>
    public int[]? ClassOf { get; init; }

    /// <summary>Weight of each class's errors while learning; equal when not given.</summary>
    public double[]? ClassWeights { get; init; }

    /// <summary>Share 0..1 of each answer that is spread over all classes while learning.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Name of the loss, one of <see cref="Losses.Names"/>.</summary>
    public string Loss { get; init; } = Losses.Softmax;

    /// <summary>The task as the options of a training have it.</summary>
    /// <param name="classifier">The network; stays the caller's.</param>
    /// <param name="train">Pictures to learn from.</param>
    public static ClassificationTask Of(Classifier classifier, BatchSource train, TrainingOptions options)
    {
        IReadOnlyList<string> labels = classifier.Names?.Labels ?? train.Classes;
        int[]? classOf = classifier.Names?.ClassOf;
        return new ClassificationTask(classifier, labels)
        {
            ClassOf = classOf,
            LabelSmoothing = options.LabelSmoothing,
            Loss = options.Loss,
            ClassWeights = options.ClassWeights
                ? WeightsOf(classOf is null ? train.Labels : [.. train.Labels.Select(label => classOf[label])], labels.Count)
                : null,
        };
    }

    /// <summary>Pictures / (classes · pictures of the class), so that all classes count alike and their mean weight is 1.</summary>
    public static double[] WeightsOf(IReadOnlyList<int> labels, int classes) =>
        [.. Enumerable.Range(0, classes).Select(c => labels.Count / (double)classes / Math.Max(1, labels.Count(label => label == c)))];

    public override OnnxModule Module => classifier.Module;

    public override IReadOnlyList<string> ClassNames => labels;

    // Factors and biases are no products of features, and PyTorch's and Keras' users leave them out, too.
    public override IReadOnlySet<string> Penalized => classifier.Features is null ? new HashSet<string>()
        : Module.named_parameters().Where(p => p.parameter.dim() > 1).Select(p => p.name).Except(BackboneWeights).ToHashSet();

    public override IReadOnlySet<string> BackboneWeights =>
        classifier.Features is { } features ? Backbone.WeightsOf(Module.Model, features) : new HashSet<string>();

    public override string? Features => classifier.Features;

    public override int SmallestBatch => classifier.LayerOfOneValue is null ? 1 : 2;

    public override string WhySmallestBatch => classifier.LayerOfOneValue is { } layer
        ? $"{layer} gets one value a channel from each picture, and one value has no variance to learn"
        : "";

    public override (string Name, Tensor Value) InputOf(Batch batch) => (classifier.Input.Name, classifier.Input.Fit(batch.Inputs));

    public override string[] Sums { get; } = ["lossSum", "right"];

    public override Criterion ChosenBy { get; } = new(Score.AccuracyName, HigherIsBetter: true);

    public override (Tensor Loss, Tensor Sums) Learn(Batch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = classifier.Scores(batch.Inputs);
        Tensor? weights = ClassWeights is null ? null : tensor(ClassWeights.Select(w => (float)w).ToArray(), device: scores.device);
        Tensor targets = Actual(batch.Targets);
        Tensor judged = Losses.ScoresFor(Loss, scores);
        Tensor loss = Losses.CrossEntropy(judged, targets, weights, LabelSmoothing);
        if (batch.OtherTargets is { } others)
            loss = (loss * batch.Share) + (Losses.CrossEntropy(judged, Actual(others), weights, LabelSmoothing) * (1 - batch.Share));
        // In doubles, as sums over many batches are.
        Tensor lossSum = loss.detach().to(ScalarType.Float64).mul_(batch.Count);
        Tensor right = scores.argmax(1).eq(targets).sum(ScalarType.Float64);
        return (loss.MoveToOuterDisposeScope(), stack([lossSum, right]).MoveToOuterDisposeScope());
    }

    public override Metrics MetricsOf(ReadOnlySpan<double> sums, int samples) =>
        new((Criterion.Loss, sums[0] / samples), (Score.AccuracyName, sums[1] / samples));

    public override Score Measure(BatchSource samples, int batch, Device device, Action<int>? progress, CancellationToken cancel)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lossSum = zeros([], ScalarType.Float64, device);
        // read once, at the end
        var answers = new List<Tensor>();
        var places = new List<int>();
        Walk(samples, batch, device, progress, cancel, (batches, indices) =>
        {
            if (Answers(batches, lossSum) is not var (read, rows))
                return;
            answers.Add(rows);
            places.AddRange(read?.Select(place => indices[place]) ?? indices);
        });
        var confusion = new ConfusionMatrix(labels.Count);
        Mistake[] all = [.. cat(answers, 1).t().cpu().contiguous().data<double>().ToArray().Chunk(4).Select((row, i) =>
            new Mistake(places[i], (int)row[0], (int)row[1], row[2], row[3]))];
        foreach (Mistake answer in all)
            confusion.Add(answer.Actual, answer.Predicted);
        return new Score(lossSum.item<double>() / confusion.Total, confusion, labels) { Mistakes = Mistake.Surest(all) };
    }

    /// <summary>The network's classes of the data's; in the caller's scope.</summary>
    private Tensor Actual(Tensor targets) => ClassOf is null ? targets
        : tensor(ClassOf.Select(c => (long)c).ToArray(), device: targets.device).index_select(0, targets);

    /// <summary>
    /// Runs the next batch: actual classes, predicted ones, the probability of the predicted, of the actual one, [4, N] in doubles; adds
    /// its losses to their sum. Null for a batch of which nothing can be read.
    /// </summary>
    private (int[]? Places, Tensor Rows)? Answers(BatchReader batches, Tensor lossSum)
    {
        using DisposeScope scope = NewDisposeScope();
        Batch batch = batches.Next();
        if (batch.Count == 0)
            return null;
        Tensor actual = Actual(batch.Targets);
        Tensor scores = classifier.Scores(batch.Inputs);
        Tensor judged = Losses.ScoresFor(Loss, scores);
        lossSum.add_(nn.functional.cross_entropy(judged, actual, reduction: nn.Reduction.Sum).to(ScalarType.Float64));
        Tensor predicted = scores.argmax(1);
        bool isEachByItself = Loss == Losses.Sigmoid || classifier is { HasIndependentScores: true, IsBinary: false };
        Tensor shares = (isEachByItself ? scores.sigmoid() : scores.softmax(1)).to(ScalarType.Float64);
        Tensor Of(Tensor classes) => shares.gather(1, classes.unsqueeze(1)).squeeze(1);
        Tensor rows = stack([actual.to(ScalarType.Float64), predicted.to(ScalarType.Float64), Of(predicted), Of(actual)]);
        return (batch.Places, rows.MoveToOuterDisposeScope());
    }
}

/// <summary>Loss and confusion of a classifier on pictures.</summary>
/// <param name="Loss">Mean cross-entropy over the pictures.</param>
/// <param name="Labels">Names of the classes.</param>
internal sealed record Score(double Loss, ConfusionMatrix Confusion, IReadOnlyList<string> Labels)
    : Measurement(new Metrics((Criterion.Loss, Loss), (AccuracyName, Confusion.Accuracy)))
{
    public const string AccuracyName = "accuracy";

    /// <summary>The wrong answers that the network is surest of, the surest first.</summary>
    public IReadOnlyList<Mistake> Mistakes { get; init; } = [];

    public double Accuracy => Confusion.Accuracy;

    /// <summary>Precision, recall and F1 of each class.</summary>
    public ClassReport[] Classes =>
        [.. Labels.Select((name, c) =>
            new ClassReport(name, Confusion.Precision(c), Confusion.Recall(c), Confusion.F1(c), Confusion.Support(c)))];

    /// <summary>Class by class, and counts: rows are what the pictures show, columns what the network says.</summary>
    public override IEnumerable<(string Name, object Value)> Details => [("classes", Classes), ("confusion", Confusion.ToRows())];
}

/// <summary>Precision, recall and F1 of one class, 0..1.</summary>
/// <param name="Pictures">Number of pictures that show the class.</param>
internal sealed record ClassReport(string Class, double Precision, double Recall, double F1, long Pictures);
