using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Finds out from the operators that use them which initializers are weights: also those that stand behind an Identity, a
/// Transpose, a Cast or an expression of constants (see <see cref="WeightUses"/>).
/// </summary>
internal sealed class TensorRoles
{
    private readonly Dictionary<string, Use> _uses = [];
    private readonly List<UntrainedTensor> _inBodies = [];

    private TensorRoles(OnnxGraph graph, IReadOnlyList<OnnxNode> nodes)
    {
        var weights = new WeightUses(graph);
        Collect(nodes, weights, weights.InputScaling(), _uses);
    }

    /// <summary>The role of every initializer that a node, or a node inside it, uses. One use as a weight makes it a weight.</summary>
    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="nodes">Those of its nodes that are run, in the graph's order.</param>
    public static Dictionary<string, TensorRole> Of(OnnxGraph graph, IEnumerable<OnnxNode> nodes)
    {
        var roles = new TensorRoles(graph, [.. nodes]);
        return graph.Initializers.Where(t => roles._uses.ContainsKey(t.Name)).ToDictionary(t => t.Name, t => roles._uses[t.Name].RoleOf(t));
    }

    /// <summary>
    /// The initializers of real numbers, and the quantised weights, that the network computes with and that training leaves as
    /// they are, each with the reason. Running statistics are not among them: training changes those.
    /// </summary>
    /// <param name="model">A model; calls of its local functions are looked into.</param>
    public static IReadOnlyList<UntrainedTensor> Untrained(OnnxModel model)
    {
        OnnxGraph graph = model.Inlined.Graph;
        var roles = new TensorRoles(graph, graph.Nodes);
        return [.. graph.Initializers.Where(t => roles._uses.ContainsKey(t.Name) && roles._uses[t.Name].IsUntrained(t))
            .Select(t => new UntrainedTensor(t, roles._uses[t.Name].Reason(t))), .. roles._inBodies];
    }

    /// <summary>The names of the constants of a graph that are used as weights: initializers, and outputs of Constant nodes.</summary>
    public static IEnumerable<string> WeightNames(OnnxGraph graph) =>
        new TensorRoles(graph, graph.Nodes)._uses.Where(use => use.Value.Role == TensorRole.Weight).Select(use => use.Key);

    private void Collect(IReadOnlyList<OnnxNode> nodes, WeightUses weights, HashSet<OnnxNode> scaling, Dictionary<string, Use> uses)
    {
        foreach (OnnxNode node in nodes.Reverse())
        {
            foreach ((string _, OnnxGraph body) in node.Subgraphs())
                CollectBody(node, body, weights, uses);
            if (node.OpType != "Constant" && node.Outputs.Any(weights.IsConstant))
                PassOn(node, uses);
            else
                Take(node, scaling.Contains(node), uses);
        }
    }

    private static void Take(OnnxNode node, bool scalesInput, Dictionary<string, Use> uses)
    {
        WeightInput[] weights = OperatorFacts.Of(node).Weights;
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            WeightInput? weight = weights.FirstOrDefault(w => w.Index == i);
            Add(uses, node.Inputs[i], weight is null ? new Use(TensorRole.Constant, 1, $"is input {i} of {node.OpType} '{node.Name}', which is no weight")
                : scalesInput ? new Use(TensorRole.Constant, 1, $"shifts or scales the input, in {node.OpType} '{node.Name}'")
                : weight.Role == TensorRole.Constant ? new Use(TensorRole.Constant, 1, $"is a weight of {node.OpType} '{node.Name}', which cannot be trained")
                : new Use(weight.Role, weight.Smallest, ""));
        }
    }

    // What an expression of constants is used as, its operands are used as. A single number in it is part of the formula.
    private static void PassOn(OnnxNode node, Dictionary<string, Use> uses)
    {
        Use use = node.Outputs.Where(uses.ContainsKey).Select(o => uses[o])
            .Aggregate(new Use(TensorRole.Constant, 1, "is used by no layer"), Use.Stronger);
        int[] behind = [.. WeightUses.OperandsBehind(node)];
        for (int i = 0; i < node.Inputs.Length; i++)
            Add(uses, node.Inputs[i], !behind.Contains(i) ? new Use(TensorRole.Constant, 1, $"is input {i} of {node.OpType} '{node.Name}', which is no weight")
                : behind.Length > 1 ? use with { Smallest = Math.Max(use.Smallest, 2) }
                : use);
    }

    // What a body holds itself stays as it is; what it takes from around it is used there.
    private void CollectBody(OnnxNode node, OnnxGraph body, WeightUses around, Dictionary<string, Use> uses)
    {
        var inside = new Dictionary<string, Use>();
        Collect(body.Nodes, new WeightUses(body, around), [], inside);
        HashSet<string> own = [.. body.Initializer.Keys, .. body.Inputs.Select(i => i.Name), .. body.NodeOutputs];
        foreach ((string name, Use use) in inside)
            if (!own.Contains(name))
                Add(uses, name, use);
        _inBodies.AddRange(body.Initializers.Where(t => t.ElementType.IsFloatingPoint && inside.GetValueOrDefault(t.Name).RoleOf(t) == TensorRole.Weight)
            .Select(t => new UntrainedTensor(t, $"stands in a graph inside {node.OpType} '{node.Name}'")));
    }

    private static void Add(Dictionary<string, Use> uses, string name, Use use)
    {
        if (name.Length > 0)
            uses[name] = uses.TryGetValue(name, out Use known) ? Use.Stronger(known, use) : use;
    }

    /// <summary>What a tensor is used as.</summary>
    /// <param name="Role">The role of an initializer of real numbers that is large enough.</param>
    /// <param name="Smallest">Number of elements below which it is a constant of the graph.</param>
    /// <param name="WhyConstant">The reason when the role is that of a constant.</param>
    private readonly record struct Use(TensorRole Role, int Smallest, string WhyConstant)
    {
        // Of two that are equal the second, whose reason is the more particular.
        public static Use Stronger(Use a, Use b) => b.Role > a.Role || (b.Role == a.Role && b.Smallest <= a.Smallest) ? b : a;

        public TensorRole RoleOf(OnnxTensor tensor) =>
            tensor.ElementType.IsFloatingPoint && tensor.Shape.Count >= Smallest ? Role : TensorRole.Constant;

        public bool IsUntrained(OnnxTensor tensor) =>
            RoleOf(tensor) == TensorRole.Constant && (tensor.ElementType.IsFloatingPoint || Role == TensorRole.Weight);

        public string Reason(OnnxTensor tensor) => Role == TensorRole.Constant ? WhyConstant
            : !tensor.ElementType.IsFloatingPoint ? $"holds {tensor.ElementType.DisplayName}, which has no gradient"
            : "is a single number of a formula";
    }
}

/// <summary>A tensor that a network computes with and that training leaves as it is.</summary>
/// <param name="Tensor">The initializer.</param>
/// <param name="Reason">Why, as the end of a sentence that begins with its name.</param>
internal sealed record UntrainedTensor(OnnxTensor Tensor, string Reason)
{
    /// <summary>One line, such as "mean: float32[3] shifts or scales the input, in Sub 'normalise'".</summary>
    public override string ToString() => $"{Tensor} {Reason}";
}
