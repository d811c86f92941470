using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Receptive fields: the part of a model's picture that each place of each map is computed from, told by the graph alone. Paths that meet
/// are united. Where a place is computed from all of the picture, as behind a global mean, it is all of it; behind an operator that moves
/// places in a way that no rule tells, nothing is known.
/// </summary>
internal sealed class ReceptiveFields
{
    // What reads a tensor's shape reads none of its values.
    private static readonly HashSet<string> Blind = ["Shape", "Size"];

    private readonly Dictionary<string, MapReach?> _reaches = [];

    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="input">Name of the input that takes the picture.</param>
    /// <param name="shape">Its shape in the run.</param>
    public ReceptiveFields(OnnxGraph graph, string input, TensorShape shape)
    {
        // What depends on another input depends on no picture.
        if (shape.Rank is not (3 or 4))
            return;
        bool isLast = ChannelLayouts.Of(graph).Of(input, shape.Rank).Layout == ChannelLayout.Last;
        (int row, int column) = isLast ? (shape.Rank - 3, shape.Rank - 2) : (shape.Rank - 2, shape.Rank - 1);
        _reaches[input] = new MapReach(shape.Rank, row, column,
            Reach.OfPicture(checked((int)shape[row])), Reach.OfPicture(checked((int)shape[column])));
        var constants = new ConstantOperands(graph.Proto, "");
        foreach (OnnxNode node in graph.Nodes)
        {
            if (Blind.Contains(node.OpType) || !NodeOrder.UsedNames(node).Any(_reaches.ContainsKey))
                continue;
            MapReach? reach = Through(new ReachingNode(graph, node, constants, [.. node.Inputs.Select(name => _reaches.ContainsKey(name)
                ? new ReachingOperand(_reaches[name]) : null)]));
            foreach (string output in node.Outputs.Where(name => name.Length > 0))
                _reaches[output] = reach;
        }
    }

    /// <summary>What the places of a tensor are computed from; null where that is not known, or nothing of the picture.</summary>
    /// <param name="tensor">Name of the tensor.</param>
    public MapReach? Of(string tensor) => _reaches.GetValueOrDefault(tensor);

    private static MapReach? Through(ReachingNode node)
    {
        MapReach?[] read = [.. node.Operands.OfType<ReachingOperand>().Select(operand => operand.Reach)];
        if (read.Length > 0 && read.All(reach => reach is { IsWhole: true }))
            return MapReach.Everything;
        MapReach? reach = node.Node.Domain.Length == 0 || node.Node.Domain == "com.microsoft"
            ? ReachRules.Of(node.Node.OpType)?.Invoke(node) : null;
        return reach is { IsWhole: true } ? MapReach.Everything : reach;
    }
}

/// <summary>A tensor that depends on the picture.</summary>
/// <param name="Reach">What its places are computed from; null where that is not known.</param>
internal sealed record ReachingOperand(MapReach? Reach);

/// <summary>A node, and what its operands are computed from.</summary>
/// <param name="Graph">Its graph.</param>
/// <param name="Node">The node.</param>
/// <param name="Constants">Numbers in the graph that no input changes.</param>
/// <param name="Operands">One for each input; null for one that does not depend on the picture.</param>
internal sealed record ReachingNode(OnnxGraph Graph, OnnxNode Node, ConstantOperands Constants, ReachingOperand?[] Operands)
{
    /// <summary>The reach of the first operand, when it is the only one that depends on the picture.</summary>
    public MapReach? Only => Operands.Skip(1).All(operand => operand is null) ? Operands[0]?.Reach : null;

    /// <summary>Numbers of an operand as integers; null where they are not known.</summary>
    public long[]? Integers(int input) => Constants.Of(Node, input) is { } numbers ? [.. numbers.Select(number => (long)number)] : null;

    /// <summary>An axis from 0, of one that may be counted from the end.</summary>
    public static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);
}
