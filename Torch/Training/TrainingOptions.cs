namespace CnnOnnx.Torch.Training;

/// <summary>Everything that decides how a network is trained. Kept in checkpoints and in the model card.</summary>
internal sealed record TrainingOptions
{
    /// <summary>Passes over the training pictures.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Pictures a step; the last step of an epoch takes what is left.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Learning rate at the start; the schedule multiplies it.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>A name of <see cref="UpdateRules"/>.</summary>
    public string Optimizer { get; init; } = "sgd";

    /// <summary>Share of the last step that momentum keeps; only for the optimizer of that name.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty, as part of the gradient; adamw shrinks the weights by it instead. 0 for none.</summary>
    public double WeightDecay { get; init; }

    /// <summary>A name of <see cref="Schedules"/>.</summary>
    public string Schedule { get; init; } = "constant";

    /// <summary>A name of <see cref="WeightInit"/>; weights that a model brings along are kept.</summary>
    public string Init { get; init; } = "kaiming";

    /// <summary>Of first weights, order of pictures, dropout, and of the split where the data has none.</summary>
    public int Seed { get; init; }

    /// <summary>CPU threads; null for all cores. Sums come out in another order with another number.</summary>
    public int? Threads { get; init; }

    /// <summary>Share of the training pictures held out to choose the best epoch on, where the data has no validation pictures; 0 for none, null for the usual one.</summary>
    public double? ValidationShare { get; init; }

    /// <summary>Globs of the parameters that stay as they are.</summary>
    public string[] Freeze { get; init; } = [];

    /// <summary>A model's own classifier is kept instead of replaced by one for the data's classes.</summary>
    public bool KeepHead { get; init; }
}
