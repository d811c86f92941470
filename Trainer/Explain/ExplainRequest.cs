using CnnOnnx.Imaging;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Wishes of a user: what is explained, and how.</summary>
internal sealed record ExplainRequest
{
    /// <summary>Name of the method that stands for all of them.</summary>
    public const string All = "all";

    /// <summary>Selector of the layer that each target's last feature map is in.</summary>
    public const string Last = "last";

    /// <summary>Names of methods, or "all".</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Targets as they were written, with commas between them.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Names, globs, stages, "last" or "all".</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Names of the classes; null for those of the model card.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Changes how a picture becomes the input; null for what the model card, or the shape, says.</summary>
    public Func<InputSpec, InputSpec>? Preprocessing { get; init; }

    /// <summary>Tensors for the model's inputs beside the one for pictures, by name.</summary>
    public IReadOnlyDictionary<string, TensorData> Others { get; init; } = new Dictionary<string, TensorData>();

    /// <summary>Folder, pattern or file of the pictures that expected gradients start from; null for none.</summary>
    public string? Baselines { get; init; }

    /// <summary>How methods compute.</summary>
    public ExplainerOptions Options { get; init; } = new();

    /// <summary>How maps are laid over pictures.</summary>
    public OverlayOptions Overlay { get; init; } = new();

    /// <summary>Checks how far the maps can be trusted.</summary>
    public bool Checks { get; init; }
}
