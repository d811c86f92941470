namespace CnnOnnx.Torch.Training;

/// <summary>Everything that decides how a network is trained. Kept in checkpoints and in the model card.</summary>
public sealed record TrainingOptions
{
    /// <summary>Options for a network that has learned already, which takes smaller steps than a new one.</summary>
    public static TrainingOptions FineTuning { get; } =
        new() { Epochs = 10, Batch = 32, LearningRate = 0.005, Optimizer = "momentum", Schedule = "cosine", Init = "xavier" };

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

    /// <summary>Course of the learning rate: constant, cosine, or step (a tenth after each third of the steps).</summary>
    public string Schedule { get; init; } = "constant";

    /// <summary>First weights: kaiming, xavier, normal or torch; weights that a model brings along are kept.</summary>
    public string Init { get; init; } = "kaiming";

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

    /// <summary>A model's own classifier is kept instead of replaced by one for the data's classes.</summary>
    public bool KeepHead { get; init; }

    /// <exception cref="BadInputException">A number out of its range, or a name that is not known.</exception>
    internal TrainingOptions Checked()
    {
        CheckName("optimizer", Optimizer, UpdateRules.All.Keys);
        CheckName("schedule", Schedule, Schedules.Factor.Keys);
        CheckName("init", Init, WeightInit.Spread.Keys);
        if (Epochs < 1 || Batch < 1 || !(LearningRate > 0))
            throw new BadInputException($"epochs, batch and learning rate are {Epochs}, {Batch} and {LearningRate}; "
                + "expected at least 1 epoch, 1 picture and a rate above 0");
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
