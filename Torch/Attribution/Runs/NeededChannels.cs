using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Computes of a model's last layers only the channels that targets are made of: of a thousand classes the one that is explained. To read
/// the weights of all of them, forward and back, takes longer than everything else behind the last feature map.
/// </summary>
internal sealed class NeededChannels
{
    // Less is not worth choosing.
    private const int LeastShare = 4;

    // Operators that take each channel for itself, and leave its place to it.
    private static readonly HashSet<string> ChannelByChannel =
    [
        "Relu", "Clip", "LeakyRelu", "Sigmoid", "Identity", "Cast", "Dropout", "GlobalAveragePool", "GlobalMaxPool", "AveragePool",
        "MaxPool",
    ];

    private readonly Dictionary<string, long[]> _channels = [];

    /// <param name="graph">The graph.</param>
    /// <param name="plan">What is run of it.</param>
    /// <param name="shapes">Shapes of a run.</param>
    /// <param name="kept">Tensors that are kept whole.</param>
    /// <param name="targets">The targets.</param>
    public NeededChannels(OnnxGraph graph, SuffixPlan plan, IReadOnlyDictionary<string, TensorShape> shapes,
        IReadOnlyCollection<string> kept, IReadOnlyList<AttributionTarget> targets)
    {
        HashSet<string> whole = [.. kept, .. TargetScalar.Tensors(targets)];
        foreach (IGrouping<string, TargetTerm> terms in targets.SelectMany(target => target.Terms).GroupBy(term => term.Tensor))
        {
            if (kept.Contains(terms.Key) || !shapes.TryGetValue(terms.Key, out TensorShape shape) || shape.Rank < 2 || shape[0] != 1
                || terms.Any(term => !IsInside(term, shape)))
                continue;
            long[] channels = [.. terms.Select(term => term.Index[1]).Distinct().Order()];
            if (channels.Length * LeastShare > shape[1] || Rules(graph, plan, terms.Key, shape[1], channels, whole) is not { } rules)
                continue;
            _channels[terms.Key] = channels;
            foreach ((string node, OperatorRule rule) in rules)
                Overrides = Overrides.WithNode(node, rule);
        }
    }

    /// <summary>The rules to run the model with; none where all channels are needed.</summary>
    public OperatorOverrides Overrides { get; private set; } = OperatorOverrides.None;

    /// <summary>The target in tensors that hold these channels alone.</summary>
    public AttributionTarget In(AttributionTarget target) => _channels.Count == 0 ? target : target with
    {
        Terms = [.. target.Terms.Select(term => !_channels.TryGetValue(term.Tensor, out long[]? channels) ? term : term with
        {
            Index = [term.Index[0], Array.IndexOf(channels, term.Index[1]), .. term.Index.Skip(2)],
        })],
    };

    private static bool IsInside(TargetTerm term, TensorShape shape) => term.Index.Count == shape.Rank
        && Enumerable.Range(0, shape.Rank).All(axis => term.Index[axis] >= 0 && term.Index[axis] < shape[axis]);

    // Back from the target to the layer that makes its channels; null where something on the way mixes or needs all of them.
    private static List<(string Node, OperatorRule Rule)>? Rules(
        OnnxGraph graph, SuffixPlan plan, string target, long count, long[] channels, HashSet<string> whole)
    {
        var rules = new List<(string, OperatorRule)>();
        string tensor = target;
        while (graph.Producer(tensor) is { Domain: "" } node && (tensor == target || !whole.Contains(tensor))
            && plan.Nodes.Count(reader => NodeOrder.UsedNames(reader).Contains(tensor)) == (tensor == target ? 0 : 1))
        {
            if (!plan.Nodes.Contains(node))
                return null;
            if (WeightAxis(graph, node, count) is { } axis && HasBias(graph, node, 2, count))
            {
                rules.Add((node.Name, inner => inner.Run([inner[0], Only(inner[1], axis, channels),
                    .. inner.Optional(2) is { } bias ? (Tensor[])[Only(bias, (int)bias.dim() - 1, channels)] : []])));
                return rules;
            }

            if (node.OpType == "Add" && IsBias(graph, node.Inputs[1], count))
                rules.Add((node.Name, inner => inner.Run(inner[0], Only(inner[1], (int)inner[1].dim() - 1, channels))));
            else if (!(ChannelByChannel.Contains(node.OpType) || (node.OpType == "Flatten" && node.Int("axis", 1) == 1)))
                return null;
            tensor = node.Inputs[0];
        }

        return null;
    }

    // The axis of a layer's weights that counts its channels; null where it is not a layer of so many.
    private static int? WeightAxis(OnnxGraph graph, OnnxNode node, long count)
    {
        int? axis = node.OpType switch
        {
            "Conv" when node.Int("group", 1) == 1 => 0,
            "Gemm" when node.Int("transA", 0) == 0 => node.Int("transB", 0) == 0 ? 1 : 0,
            "MatMul" => 1,
            _ => null,
        };
        return axis is { } found && graph.Initializer.TryGetValue(node.Inputs[1], out OnnxTensor? weight)
            && (weight.Shape.Rank == 2 || (node.OpType == "Conv" && weight.Shape.Rank > 2)) && weight.Shape[found] == count ? found : null;
    }

    private static bool HasBias(OnnxGraph graph, OnnxNode node, int input, long count) =>
        !node.HasInput(input) || IsBias(graph, node.Inputs[input], count);

    // One number for each channel, the last axis of a dense layer's result; [K] or [1, K].
    private static bool IsBias(OnnxGraph graph, string name, long count) => graph.Initializer.TryGetValue(name, out OnnxTensor? bias)
        && bias.Shape.Rank is 1 or 2 && bias.Shape.Count == count && bias.Shape[^1] == count;

    private static Tensor Only(Tensor weights, int axis, long[] channels) =>
        weights.index_select(axis, tensor(channels, device: weights.device));
}
