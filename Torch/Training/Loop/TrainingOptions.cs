using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Training;

/// <summary>Everything that decides how a network is trained. Kept in checkpoints and in the model card.</summary>
public sealed record TrainingOptions
{
    /// <summary>Options for a network that has learned already, which takes smaller steps than a new one.</summary>
    public static TrainingOptions FineTuning { get; } =
        new() { Epochs = 10, Batch = 32, LearningRate = 0.005, Optimizer = "momentum", Schedule = "cosine", Init = "xavier" };

    /// <summary>Options for a new classifier on features that stay as they are: steps are cheap, and there is little to learn.</summary>
    public static TrainingOptions FrozenBackbone { get; } = FineTuning with { Epochs = 30, LearningRate = 0.002, Optimizer = "adam" };

    /// <summary>Passes over the training pictures.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>
    /// Pictures a step; the last step of an epoch takes what is left, together with the step before it where a layer cannot learn
    /// from one picture.
    /// </summary>
    public int Batch { get; init; } = 64;

    /// <summary>Learning rate at the start; the schedule multiplies it.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>sgd, momentum, adam or adamw, with PyTorch's formulas.</summary>
    public string Optimizer { get; init; } = "sgd";

    /// <summary>Share of the last step that momentum keeps; only for the optimizer of that name.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty, as part of the gradient; adamw shrinks the weights by it instead. 0 for none.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Factor of the learning rate for the weights in front of the classifier, such as 0.1; 1 for the same steps.</summary>
    public double BackboneRate { get; init; } = 1;

    /// <summary>
    /// Factor of the learning rate from each block of the network to the one in front of it, counted from the classifier, such as 0.9; 1
    /// for the same steps at every depth. A block is a layer, or a residual block as a whole.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>
    /// Factors of the learning rate for parameters by name, as GLOB=FACTOR, in place of the two above; of several rows for one
    /// parameter the last one counts.
    /// </summary>
    public string[] NamedRates { get; init; } = [];

    /// <summary>Further L2 penalty on the classifier's weights, as part of the gradient; 0 for none.</summary>
    public double HeadDecay { get; init; }

    /// <summary>
    /// Loss: softmax, the cross-entropy of the softmax of the scores; or sigmoid, that of their sigmoids divided by their sum.
    /// </summary>
    public string Loss { get; init; } = Losses.Softmax;

    /// <summary>
    /// Course of the learning rate: constant, cosine, step (a tenth after each third of the steps), or decay (a hundredth less an epoch).
    /// </summary>
    public string Schedule { get; init; } = "constant";

    /// <summary>Epochs, or a part of one, over which the learning rate first rises evenly from 0; 0 for none.</summary>
    public double WarmUp { get; init; }

    /// <summary>First weights: kaiming, xavier, normal or torch; weights that a model brings along are kept.</summary>
    public string Init { get; init; } = "kaiming";

    /// <summary>
    /// Random changes of the pictures to learn from, as steps with numbers: "flip,rotate=0.1,zoom=0.5:0.2"; empty for none. Steps:
    /// flip, flip-vertical, rotate, crop, zoom, translate, colour, contrast, erase, mixup, cutmix.
    /// </summary>
    public string Augment { get; init; } = "";

    /// <summary>Errors on a class count the more, the fewer pictures it has: pictures / (classes · pictures of the class).</summary>
    public bool ClassWeights { get; init; }

    /// <summary>Each class is learned from equally many pictures an epoch; those of a small class come more than once.</summary>
    public bool Balanced { get; init; }

    /// <summary>Share 0..1 of each answer that is spread over all classes; 0 for none.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Greatest length of the gradient of all weights together; a longer one is shortened to it. Null for any.</summary>
    public double? Clip { get; init; }

    /// <summary>
    /// Share of the average of the weights over the steps that each step keeps, such as 0.999; the average is measured and exported.
    /// Null for the weights themselves.
    /// </summary>
    public double? Ema { get; init; }

    /// <summary>Epochs without a better one after which the training stops; null to do all of them.</summary>
    public int? Patience { get; init; }

    /// <summary>What has to get better: validation, by what the best epoch is chosen by; or training, by its loss.</summary>
    public string PatienceOn { get; init; } = EarlyStopping.Validation;

    /// <summary>Seed of first weights, order of pictures, dropout, and of the split where the data has none.</summary>
    public int Seed { get; init; }

    /// <summary>CPU threads; null for all cores. Sums come out in another order with another number.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Share of the training pictures held out to choose the best epoch on, where the data has no validation pictures; 0 for none,
    /// null for the usual one.
    /// </summary>
    public double? ValidationShare { get; init; }

    /// <summary>Globs of the parameters that stay as they are.</summary>
    public string[] Freeze { get; init; } = [];

    /// <summary>
    /// All but the classifier stays as it is. Without an augmentation its features are computed once, by ONNX Runtime, and an epoch takes
    /// next to no time.
    /// </summary>
    public bool FreezeBackbone { get; init; }

    /// <summary>
    /// New classifier for a model: linear, mlp (with a hidden layer) or xray (with two layers, normalised, and much dropout); null for one
    /// of the shape of its own, or linear where it has none.
    /// </summary>
    public string? Head { get; init; }

    /// <summary>
    /// Name of the tensor that a model's new classifier starts from; null for what its own has started from, or its output where it has
    /// none.
    /// </summary>
    public string? Features { get; init; }

    /// <summary>A model's own classifier is kept instead of replaced by one for the data's classes.</summary>
    public bool KeepHead { get; init; }

    /// <summary>Learning rates of the network's parts.</summary>
    internal RateRules Rates => new(BackboneRate, LayerDecay, NamedRates);

    /// <summary>Options that only a detector's training has; null for a classifier.</summary>
    public BoxOptions? Boxes { get; init; }

    /// <exception cref="BadInputException">A number out of its range, or a name that is not known.</exception>
    internal TrainingOptions Checked()
    {
        CheckName("optimizer", Optimizer, UpdateRules.All.Keys);
        CheckName("loss", Loss, Losses.Names);
        CheckName("schedule", Schedule, Schedules.Factor.Keys);
        CheckName("init", Init, WeightInit.Spread.Keys);
        if (Epochs < 1 || Batch < 1 || !(LearningRate > 0))
            throw new BadInputException($"epochs, batch and learning rate are {Epochs}, {Batch} and {LearningRate}; "
                + "expected at least 1 epoch, 1 picture and a rate above 0");
        if (!(LabelSmoothing is >= 0 and < 1) || !(Clip is null or > 0) || !(Ema is null or (> 0 and < 1)) || !(Patience is null or > 0))
            throw new BadInputException($"label smoothing, clip, average and patience are {LabelSmoothing}, {Clip}, {Ema} and {Patience}; "
                + "expected 0 to below 1, above 0, between 0 and 1, and at least 1 epoch");
        if (Head is not null)
            CheckName("head", Head, ClassifierAppending.Kinds);
        if (KeepHead && (Head ?? Features) is { } wanted)
            throw new BadInputException($"a model's own classifier cannot be kept and give way to a new one ({wanted}); expected one of "
                + "both");
        CheckName("patience", PatienceOn, EarlyStopping.Names);
        _ = Augmentation.Parse(Augment);
        _ = Rates.Checked();
        if (!(BackboneRate is > 0 and <= 1000) || !(HeadDecay >= 0))
            throw new BadInputException($"the backbone's rate and the classifier's penalty are {BackboneRate} and {HeadDecay}; expected "
                + "above 0 and at least 0");
        if (!(WarmUp >= 0 && WarmUp <= Epochs))
            throw new BadInputException($"the warm-up takes {WarmUp} of {Epochs} epochs, expected from 0 to all of them");
        Boxes?.Check();
        if (ValidationShare is { } share && !(share is >= 0 and < 1))
            throw new BadInputException($"the validation share is {share}, expected a number from 0 to below 1");
        return this;
    }

    private static void CheckName(string what, string name, IEnumerable<string> known)
    {
        if (!known.Contains(name))
            throw new BadInputException(
                $"the {what} is '{name}', expected one of {string.Join(", ", known.Order(StringComparer.Ordinal))}");
    }
}
