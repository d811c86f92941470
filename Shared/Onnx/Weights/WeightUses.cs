using System.Collections.Frozen;

namespace CnnOnnx.Onnx;

/// <summary>
/// Finds where a graph uses constants as weights. The one place that knows what a weight may stand behind: Identity, Cast,
/// Transpose, Constant, DequantizeLinear and whole expressions of constants, such as weight normalisation.
/// </summary>
internal sealed class WeightUses
{
    /// <summary>Operators that a weight is looked for behind → the operands that may be weights; all of them where none is named.</summary>
    private static readonly FrozenDictionary<string, int[]> LookedThrough = new Dictionary<string, int[]>
    {
        ["Identity"] = [0],
        ["Cast"] = [0],
        ["CastLike"] = [0],
        ["Transpose"] = [0],
        ["Reshape"] = [0],
        ["Flatten"] = [0],
        ["Squeeze"] = [0],
        ["Unsqueeze"] = [0],
        ["Slice"] = [0],
        ["Gather"] = [0],
        ["Split"] = [0],
        ["Expand"] = [0],
        ["Tile"] = [0],
        ["Pad"] = [0],
        ["DequantizeLinear"] = [0],
        ["Neg"] = [0],
        ["Abs"] = [0],
        ["Sqrt"] = [0],
        ["Exp"] = [0],
        ["Reciprocal"] = [0],
        ["Tanh"] = [0],
        ["Sigmoid"] = [0],
        ["Softplus"] = [0],
        ["Pow"] = [0],
        ["ReduceL2"] = [0],
        ["ReduceSum"] = [0],
        ["ReduceSumSquare"] = [0],
        ["ReduceMean"] = [0],
        ["ReduceMax"] = [0],
        ["Clip"] = [0],
        ["Add"] = [],
        ["Sub"] = [],
        ["Mul"] = [],
        ["Div"] = [],
        ["Max"] = [],
        ["Concat"] = [],
        ["MatMul"] = [],
    }.ToFrozenDictionary();

    private readonly OnnxGraph _graph;
    private readonly WeightUses? _around;
    private readonly HashSet<string> _constant;

    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="around">The graph that this one is a body in; null for a model's own.</param>
    public WeightUses(OnnxGraph graph, WeightUses? around = null)
    {
        (_graph, _around) = (graph, around);
        _constant = [.. graph.Initializer.Keys];
        foreach (OnnxNode node in graph.Nodes)
            if (IsConstantNode(node))
                _constant.UnionWith(node.Outputs);
        _constant.Remove("");
    }

    /// <summary>Tells whether a tensor is an initializer or follows from initializers alone.</summary>
    public bool IsConstant(string tensor) => _constant.Contains(tensor) || _around?.IsConstant(tensor) == true;

    /// <summary>The operands that a node of an expression takes weights from; none where weights are not looked for behind it.</summary>
    public static IEnumerable<int> OperandsBehind(OnnxNode node) => node.Domain.Length > 0 || !LookedThrough.TryGetValue(node.OpType, out int[]? operands) ? []
        : operands.Length == 0 ? Enumerable.Range(0, node.Inputs.Length)
        : operands;

    /// <summary>
    /// The nodes that shift or scale what the network is given, between an input and the first layers: what they do it with is
    /// part of the preprocessing, such as a mean and a deviation for each colour, and no weight.
    /// </summary>
    public HashSet<OnnxNode> InputScaling()
    {
        HashSet<string> raw = [.. _graph.Inputs.Select(i => i.Name)], wanted = [];
        var onTheWay = new List<OnnxNode>();
        foreach (OnnxNode node in _graph.Nodes)
        {
            if (!node.Inputs.Any(raw.Contains))
                continue;
            if (IsLayer(node))
                wanted.UnionWith(node.Inputs.Where(raw.Contains));
            else if (!node.Proto.Attribute.Any(a => a.G is not null) && node.Inputs.All(name => name.Length == 0 || raw.Contains(name) || IsConstant(name)))
                Pass(node);
        }

        HashSet<OnnxNode> scaling = [];
        foreach (OnnxNode node in Enumerable.Reverse(onTheWay))
        {
            if (!node.Outputs.Any(wanted.Contains))
                continue;
            wanted.UnionWith(node.Inputs.Where(raw.Contains));
            if (IsArithmetic(node))
                scaling.Add(node);
        }

        return scaling;

        void Pass(OnnxNode node)
        {
            raw.UnionWith(node.Outputs.Where(o => o.Length > 0));
            onTheWay.Add(node);
        }
    }

    // A layer has weights that no exporter writes for preprocessing.
    private bool IsLayer(OnnxNode node) => !IsArithmetic(node)
        && OperatorFacts.Of(node).Weights.Any(w => w.Index < node.Inputs.Length && IsConstant(node.Inputs[w.Index]));

    private static bool IsArithmetic(OnnxNode node) => node.OpType is "Add" or "Sub" or "Mul" or "Div";

    private bool IsConstantNode(OnnxNode node) => node.OpType == "Constant"
        || (node.Inputs.Length > 0 && node.Inputs.All(name => name.Length == 0 || IsConstant(name)) && node.Inputs.Any(name => name.Length > 0)
            && OperatorFacts.Of(node).Nondeterministic.Length == 0 && !node.Proto.Attribute.Any(a => a.G is not null));
}
