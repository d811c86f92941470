using System.Text.Json.Serialization;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>Facts about a model that need no run: the result of inspect.</summary>
internal sealed record ModelFacts
{
    public required string File { get; init; }

    public required long Bytes { get; init; }

    public required string Producer { get; init; }

    public required long IrVersion { get; init; }

    /// <summary>Version of each operator set; ai.onnx under its full name.</summary>
    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    /// <summary>Each as name: type[shape].</summary>
    public required string[] Inputs { get; init; }

    /// <summary>Each as name: type[shape].</summary>
    public required string[] Outputs { get; init; }

    /// <summary>Type of node → how many, the most frequent first.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    public required Layer[] Layers { get; init; }

    /// <summary>Elements of all weights.</summary>
    public required long Parameters { get; init; }

    public required long ParameterBytes { get; init; }

    /// <summary>Weights that the kernels command draws.</summary>
    public required int Kernels { get; init; }

    /// <summary>How a picture becomes the input; null for a model that takes none, or pictures of any size without a card.</summary>
    public required InputSpec? Preprocessing { get; init; }

    /// <summary>Preset that is guessed for it, and why; null with a card, and for a model that takes no picture.</summary>
    public PreprocessingGuess? Guess { get; init; }

    public required bool HasCard { get; init; }

    public required string[]? Labels { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>>? Stages { get; init; }

    /// <summary>JSON, as the card has it.</summary>
    public required string? Training { get; init; }

    /// <summary>Facts that could not be found, in words.</summary>
    public required string[] Remarks { get; init; }

    /// <summary>One tensor that a node of the model makes.</summary>
    /// <param name="Index">Place of the tensor in the order in which they are made, from 0; file names of dumps start with it.</param>
    /// <param name="Node">Name of the node.</param>
    /// <param name="Op">Its type, with the domain when that is not ai.onnx.</param>
    /// <param name="Output">Name of the tensor.</param>
    /// <param name="Type">Element type; "?" when not known.</param>
    /// <param name="Shape">Sizes of the axes, as far as they are known without a run; null when not even their number is.</param>
    /// <param name="Parameters">Elements of the weights that the node is the first to use; given with its first tensor.</param>
    /// <param name="Drawing">Kind of picture in a dump: maps, matrix, bars, number, or why none.</param>
    internal sealed record Layer(
        int Index, string Node, string Op, string Output, string Type, string[]? Shape, long Parameters, string Drawing);
}

/// <summary>JSON of inspect, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ModelFacts))]
internal sealed partial class FactsJson : JsonSerializerContext;
