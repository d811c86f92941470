using CnnOnnx.Imaging;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>What inspect says about a model.</summary>
internal sealed record ModelFacts
{
    public required string File { get; init; }

    public required long Bytes { get; init; }

    public required string Producer { get; init; }

    public required long IrVersion { get; init; }

    /// <summary>Version of each operator set; ai.onnx under its full name.</summary>
    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    /// <summary>As name: type[shape].</summary>
    public required string[] Inputs { get; init; }

    /// <summary>As name: type[shape].</summary>
    public required string[] Outputs { get; init; }

    /// <summary>Type of node → how many, the most frequent first.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    public required LayerFacts[] Layers { get; init; }

    /// <summary>Elements of all weights.</summary>
    public required long Parameters { get; init; }

    public required long ParameterBytes { get; init; }

    /// <summary>Weights that the kernels command draws.</summary>
    public required int Kernels { get; init; }

    /// <summary>How a picture becomes the input; null for a model that takes none, or pictures of any size without a card.</summary>
    public required InputSpec? Preprocessing { get; init; }

    public required bool HasCard { get; init; }

    public required string[]? Labels { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>>? Stages { get; init; }

    /// <summary>JSON, as the card has it.</summary>
    public required string? Training { get; init; }

    /// <summary>What could not be told, in words.</summary>
    public required string[] Remarks { get; init; }
}
