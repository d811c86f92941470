using System.Collections.Immutable;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>What a head is recognised by: a model's outputs, the operators that end in them, what the file's metadata says.</summary>
/// <param name="Model">The model.</param>
/// <param name="Input">Width and height of its input; null while nothing says them.</param>
/// <param name="Outputs">Its outputs of numbers; sizes that are not known are null.</param>
/// <param name="LabelCount">How many class names the user gave; null for none.</param>
internal sealed record HeadFacts(OnnxModel Model, Size? Input, IReadOnlyList<HeadOutput> Outputs, int? LabelCount)
{
    // Below them only the path of the values counts, not that of shapes and indices.
    private static readonly HashSet<string> OfFirstInput =
        ["Reshape", "Slice", "Gather", "Expand", "Unsqueeze", "Squeeze", "Resize", "Tile", "Pad", "Split"];

    // Where the network ends and its head begins.
    private static readonly HashSet<string> Ends = ["Conv", "Gemm", "MatMul", "ConvTranspose"];

    /// <summary>Metadata that exporters of the ultralytics family write; null for others.</summary>
    public ExporterMetadata? Exporter { get; } = ExporterMetadata.Of(Model.Metadata);

    /// <summary>The head as the model card describes it; null without a card.</summary>
    public HeadCard? Card { get; init; } = HeadCard.Of(Model.Card, Model.Source);

    /// <summary>The graph leaves the size of its pictures open.</summary>
    public bool HasOpenSize => PictureInput.Find(Model.Graph) is { NeedsPictureSize: true };

    /// <summary>Number of classes whose names are known, from the user, the exporter or the card; null for none.</summary>
    public int? KnownClasses => Exporter?.Names.Length ?? LabelCount ?? Model.Card.Labels?.Length;

    /// <summary>The output of a name; a name of TensorFlow's may end in ":0".</summary>
    public HeadOutput? this[string name] => Outputs.FirstOrDefault(o => o.Name == name || o.Name == name + ":0");

    /// <summary>Counts the cells of the strides, one box each; null while the input's size is not known.</summary>
    public int? Cells(params ReadOnlySpan<int> strides) => Input is { } input ? HeadGrid.Cells(strides, input) : null;

    /// <summary>Types of the operators between the last convolutions and an output.</summary>
    public IReadOnlySet<string> OperatorsBefore(string output)
    {
        var types = new HashSet<string>();
        var seen = new HashSet<string>();
        var waiting = new Stack<string>([output]);
        while (waiting.TryPop(out string? tensor))
        {
            if (!seen.Add(tensor) || Model.Graph.Producer(tensor) is not { } node || Ends.Contains(node.OpType))
                continue;
            types.Add(node.OpType);
            foreach (string input in OfFirstInput.Contains(node.OpType) ? node.Inputs.Take(1) : node.Inputs)
                waiting.Push(input);
        }

        return types;
    }

    /// <summary>Number of tensors that the last Concat before an output joins; 0 where something else makes it.</summary>
    public int JoinedAt(string output)
    {
        OnnxNode? node = Model.Graph.Producer(output);
        while (node?.OpType is "Identity" or "Cast" or "Reshape" or "Unsqueeze" or "Squeeze")
            node = Model.Graph.Producer(node.Inputs[0]);
        return node?.OpType == "Concat" ? node.Inputs.Length : 0;
    }

    /// <summary>Describes the outputs in a line, for messages.</summary>
    public string Describe()
    {
        const int most = 6;
        return string.Join(", ", Outputs.Take(most)) + (Outputs.Count > most ? $", … {Outputs.Count} in all" : "");
    }
}

/// <summary>An output of a model.</summary>
/// <param name="Name">Name in the model.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Dims">Sizes of its axes, the batch's among them; null for one that is not known.</param>
internal sealed record HeadOutput(string Name, ElementType Type, ImmutableArray<long?> Dims)
{
    public int Rank => Dims.Length;

    public bool IsInteger => Type != ElementType.Undefined && !Type.IsFloatingPoint();

    /// <summary>Size of an axis; −1 for one that is not known.</summary>
    public long this[Index axis] => Dims[axis] ?? -1;

    public override string ToString() => $"{Name} {Type.DisplayName()}[{string.Join(", ", Dims.Select(d => d?.ToString() ?? "?"))}]";
}
