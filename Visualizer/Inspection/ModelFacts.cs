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

    public required Value[] Inputs { get; init; }

    public required Value[] Outputs { get; init; }

    /// <summary>Type of node → how many, the most frequent first.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    public required Layer[] Layers { get; init; }

    /// <summary>Totals of the parts that the names tell of, in the order of the graph; empty where they tell of none.</summary>
    public required Block[] Blocks { get; init; }

    /// <summary>Elements of all weights.</summary>
    public required long Parameters { get; init; }

    public required long ParameterBytes { get; init; }

    /// <summary>Multiplications with an addition in all convolutions and matrix products, for one picture.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>How many convolutions and matrix products are missing in that sum, because their size is known only in a run.</summary>
    public required int LayersOfUnknownSize { get; init; }

    /// <summary>Weights that the kernels command draws.</summary>
    public required int Kernels { get; init; }

    /// <summary>How a picture becomes the input; null for a model that takes none, or pictures of any size without a card.</summary>
    public required InputSpec? Preprocessing { get; init; }

    /// <summary>Preset that is guessed for it, and why; null with a card, and for a model that takes no picture.</summary>
    public PreprocessingGuess? Guess { get; init; }

    public required bool HasCard { get; init; }

    public required string[]? Labels { get; init; }

    /// <summary>Label of a stage → tensor that ends it; empty for a model without maps.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Stages { get; init; }

    /// <summary>Layers that explanations are made at, the most telling first: name and size; empty for a model without maps.</summary>
    public IReadOnlyList<Candidate> Explainable { get; init; } = [];

    /// <summary>True when the model card names the stages; false when they are found by the sizes of maps.</summary>
    public required bool HasNamedStages { get; init; }

    /// <summary>JSON, as the card has it.</summary>
    public required string? Training { get; init; }

    /// <summary>Facts that could not be found, in words.</summary>
    public required string[] Remarks { get; init; }

    /// <summary>An input or output.</summary>
    /// <param name="Name">Name of the tensor.</param>
    /// <param name="Type">Element type; "?" when not known.</param>
    /// <param name="Shape">Sizes of the axes, or their names; null when not even their number is known.</param>
    internal sealed record Value(string Name, string Type, string[]? Shape)
    {
        public override string ToString() => $"{Name}: {Type}{(Shape is null ? "" : $"[{string.Join(", ", Shape)}]")}";
    }

    /// <summary>A part of the network.</summary>
    /// <param name="Name">First parts of the names of its tensors.</param>
    /// <param name="Layers">How many tensors with features it makes.</param>
    /// <param name="Parameters">Elements of its weights.</param>
    /// <param name="MultiplyAdds">Its share of those of the model.</param>
    internal sealed record Block(string Name, int Layers, long Parameters, long MultiplyAdds);

    /// <summary>A layer that explanations are made at.</summary>
    /// <param name="Name">Tensor.</param>
    /// <param name="Channels">Maps.</param>
    /// <param name="Height">Rows.</param>
    /// <param name="Width">Columns.</param>
    /// <param name="IsLast">True for a last map in front of the answer, false for the end of a stage.</param>
    internal sealed record Candidate(string Name, long Channels, long Height, long Width, bool IsLast)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Name} ({(Height == Width ? $"{Height}²" : $"{Height}×{Width}")}, {Channels} channels)";
    }

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
        int Index, string Node, string Op, string Output, string Type, string[]? Shape, long Parameters, string Drawing)
    {
        /// <summary>Kernel, stride, pad, dilation, groups, axes: those that are not the usual ones.</summary>
        public required IReadOnlyDictionary<string, long[]> Attributes { get; init; }

        /// <summary>For one picture; null for a node that does not multiply and add, and where its size is known only in a run.</summary>
        public long? MultiplyAdds { get; init; }

        /// <summary>Kind of plumbing that it is: constants, shape arithmetic, single numbers; null for a tensor with features.</summary>
        public string? Plumbing { get; init; }
    }
}

/// <summary>JSON of inspect, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ModelFacts))]
internal sealed partial class FactsJson : JsonSerializerContext;
