using System.Collections.Frozen;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Where the channels of each tensor of a graph are. Convolutions, pools and their likes read and make [N, C, …]; from them it
/// follows through Transposes, and through operators that leave axes where they are, in both directions. A Reshape ends it.
/// </summary>
internal sealed class ChannelLayouts
{
    private const int Channel = 1;

    // Axis 1 of the first operand and of the result holds the channels, says the specification.
    private static readonly FrozenSet<string> ChannelsFirst = new[]
    {
        "Conv", "ConvTranspose", "DeformConv", "FusedConv", "ConvInteger", "QLinearConv", "BatchNormalization", "InstanceNormalization",
        "GroupNormalization", "LRN", "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "MaxUnpool",
        "MaxRoiPool", "RoiAlign", "DepthToSpace", "SpaceToDepth", "GridSample", "QLinearAveragePool", "QLinearGlobalAveragePool",
    }.ToFrozenSet();

    // The result has the axes of the first operand; of the rest nothing follows.
    private static readonly FrozenSet<string> FirstOperandKeeps = new[]
    {
        "Relu", "LeakyRelu", "PRelu", "ThresholdedRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Swish", "Tanh", "Softsign", "Softplus",
            "Elu",
        "Selu", "Celu", "Gelu", "Mish", "Clip", "Softmax", "LogSoftmax", "Hardmax", "Abs", "Neg", "Exp", "Log", "Sqrt", "Reciprocal", "Erf",
        "Sign", "Floor", "Ceil", "Round", "Sin", "Cos", "Not", "IsNaN", "IsInf", "Identity", "Cast", "CastLike", "Dropout", "Pad", "Slice",
        "Resize", "Upsample", "Split", "Tile", "Expand", "CumSum", "Shrink", "LayerNormalization", "RMSNormalization", "LpNormalization",
        "MeanVarianceNormalization", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearSigmoid", "QLinearLeakyRelu",
        "QLinearSoftmax", "BiasGelu", "FastGelu", "QuickGelu", "Trilu", "ScatterND", "ScatterElements",
    }.ToFrozenSet();

    // The result has the axes of each operand that has as many.
    private static readonly FrozenSet<string> AllOperandsKeep = new[]
    {
        "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Sum", "Mean", "Where", "Concat", "And", "Or", "Xor", "Equal", "Less",
        "LessOrEqual", "Greater", "GreaterOrEqual", "QLinearAdd", "QLinearMul", "QLinearConcat",
    }.ToFrozenSet();

    private readonly Dictionary<string, Axes> _axes = [];
    private readonly OnnxGraph _graph;
    private readonly ChannelLayout? _forced;
    private bool _hasChanged;

    private ChannelLayouts(OnnxGraph graph, ChannelLayout? forced) => (_graph, _forced) = (graph, forced);

    /// <summary>Follows the channels through a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="forced">Layout of all tensors of four and more axes, whatever the graph says; null to believe the graph.</param>
    public static ChannelLayouts Of(OnnxGraph graph, ChannelLayout? forced = null)
    {
        var layouts = new ChannelLayouts(graph, forced);
        // Each round fixes tensors that no earlier one knew, and what is known does not change: it ends.
        do
        {
            layouts._hasChanged = false;
            foreach (OnnxNode node in graph.Nodes)
                layouts.Follow(node);
            foreach (OnnxNode node in graph.Nodes.Reverse())
                layouts.FollowBack(node);
        }
        while (layouts._hasChanged);
        return layouts;
    }

    /// <summary>Where a tensor's channels are: first where nothing else is known.</summary>
    /// <param name="tensor">Name of a tensor of the graph.</param>
    /// <param name="rank">Number of its axes in the run.</param>
    /// <returns>The layout, and in words how it is known; no words where the channels are first because nothing says otherwise.</returns>
    public (ChannelLayout Layout, string? Reason) Of(string tensor, int rank)
    {
        bool isLast = _axes.TryGetValue(tensor, out Axes? axes) && axes.Order is [0, .., Channel] order && order.Length == rank && rank > 2;
        ChannelLayout seen = isLast ? ChannelLayout.Last : ChannelLayout.First;
        return _forced is { } forced && forced != seen && rank > 3 ? (forced, "it was asked for") : (seen, isLast ? axes!.Reason : null);
    }

    private void Follow(OnnxNode node)
    {
        if (IsAnchor(node))
            Learn(node.Outputs[0], Axes.ChannelsFirst);
        else if (node.OpType == "Transpose" && node.Ints("perm") is { } to && _axes.TryGetValue(node.Inputs[0], out Axes? before))
            Learn(node.Outputs[0], before.Through(to, $"behind Transpose '{node.Name}' ({string.Join(',', to)})"));
        else if (KeptFrom(node).Select(input => _axes.GetValueOrDefault(input)).FirstOrDefault(axes => axes is not null) is { } same
            && Keeps(node, same))
            foreach (string output in node.Outputs)
                Learn(output, same);
    }

    private void FollowBack(OnnxNode node)
    {
        if (IsAnchor(node))
        {
            Learn(node.Inputs[0], Axes.ChannelsFirst);
            return;
        }

        if (node.Outputs.Select(output => _axes.GetValueOrDefault(output)).FirstOrDefault(axes => axes is not null) is not { } after)
            return;
        if (node.OpType == "Transpose" && node.Ints("perm") is { } perm)
            Learn(node.Inputs[0], after.Through(Inverse(perm), $"in front of Transpose '{node.Name}' ({string.Join(',', perm)})"));
        else if (Keeps(node, after))
            foreach (string input in KeptFrom(node))
                Learn(input, after);
    }

    // A runtime's own copies of these operators for channels last say so.
    private static bool IsAnchor(OnnxNode node) =>
        ChannelsFirst.Contains(node.OpType) && node.HasInput(0) && node.Int("channels_last", 0) == 0;

    private static IEnumerable<string> KeptFrom(OnnxNode node) => AllOperandsKeep.Contains(node.OpType) ? node.Inputs : node.Inputs.Take(1);

    private bool Keeps(OnnxNode node, Axes axes) => FirstOperandKeeps.Contains(node.OpType) || AllOperandsKeep.Contains(node.OpType)
        || (node.OpType.StartsWith("Reduce", StringComparison.Ordinal) && node.Int("keepdims", 1) == 1)
        // A dense layer over the channels of each place.
        || (node.OpType == "MatMul" && axes.Order is [.., Channel]
            && _graph.Initializer.GetValueOrDefault(node.Inputs[1])?.Shape.Rank == 2);

    private void Learn(string tensor, Axes? axes)
    {
        // Weights have axes of their own, and a scale may have fewer than what it scales.
        if (tensor.Length > 0 && axes is not null && !_graph.Initializer.ContainsKey(tensor))
            _hasChanged |= _axes.TryAdd(tensor, axes);
    }

    private static long[] Inverse(long[] permutation)
    {
        long[] inverse = new long[permutation.Length];
        for (int i = 0; i < permutation.Length; i++)
            if (permutation[i] >= 0 && permutation[i] < permutation.Length)
                inverse[permutation[i]] = i;
        return inverse;
    }

    /// <summary>What the axes of a tensor hold: 0 the batch, 1 the channels, from 2 on places.</summary>
    /// <param name="Order">One number an axis; null for 0, 1, 2, … whatever the rank is.</param>
    /// <param name="Reason">Why it is not 0, 1, 2, …, in words.</param>
    private sealed record Axes(long[]? Order, string Reason)
    {
        public static Axes ChannelsFirst { get; } = new(null, "");

        /// <summary>The axes behind a Transpose; null where the permutation is none of as many axes.</summary>
        public Axes? Through(long[] permutation, string reason)
        {
            if (Order is not null && Order.Length != permutation.Length)
                return null;
            if (permutation.Order().Where((axis, i) => axis != i).Any())
                return null;
            long[] order = Order is null ? permutation : Array.ConvertAll(permutation, axis => Order[axis]);
            return order.Where((axis, i) => axis != i).Any() ? new Axes(order, reason) : ChannelsFirst;
        }
    }
}
