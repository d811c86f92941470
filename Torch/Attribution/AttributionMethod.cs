namespace CnnOnnx.Torch.Attribution;

/// <summary>A method of attribution: what it is called, what it takes, what it computes.</summary>
/// <param name="Name">Hyphenated name, as commands and files have it: "grad-cam".</param>
/// <param name="Kind">What its map is a map of.</param>
/// <param name="Needs">What it asks of a model.</param>
/// <param name="Formula">The map in symbols: A activations of the layer, G gradients by them, y the target, x the input.</param>
/// <param name="Paper">Authors, year and address of the paper.</param>
public sealed record AttributionMethod(string Name, AttributionKind Kind, AttributionNeeds Needs, string Formula, string Paper)
{
    /// <summary>True where the paper keeps positive values only when it shows the map.</summary>
    public bool ShownPositive { get; init; }
}

/// <summary>What a map is a map of.</summary>
public enum AttributionKind
{
    /// <summary>Places of a layer inside the model: one value for each cell.</summary>
    Layer,

    /// <summary>Values of an input, in its own size.</summary>
    Input,

    /// <summary>Values of an input, in its own size, with a layer that weighs them: one map for each layer.</summary>
    InputByLayer,
}

/// <summary>What a method asks of a model.</summary>
public enum AttributionNeeds
{
    /// <summary>Gradients of the target.</summary>
    Gradient,

    /// <summary>Runs of the whole model on changed inputs, and no gradient.</summary>
    Forward,

    /// <summary>Runs of what follows the layer on changed activations, and no gradient.</summary>
    Suffix,

    /// <summary>One run, and no gradient.</summary>
    Activation,
}
