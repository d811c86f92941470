using CnnOnnx.Onnx;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Backward passes of activations.</summary>
internal enum Backward
{
    /// <summary>The derivative.</summary>
    Plain,

    /// <summary>Guided backpropagation: the derivative, where the unit is active and the gradient positive.</summary>
    Guided,

    /// <summary>Deconvolutional network: positive gradients, whatever the unit did.</summary>
    Deconvnet,
}

/// <summary>
/// Rules for the activations of a graph whose backward pass is switched between two passes over one run. For f(x) with slope f' and
/// gradient g: plain f'·g; guided f'·max(g, 0) where x &gt; 0, for Clip inside its bounds (Springenberg et al. 2014,
/// https://arxiv.org/abs/1412.6806); deconvnet max(g, 0) (Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901). For Relu these are
/// the papers' own; for others the same idea.
/// </summary>
internal sealed class ActivationRules
{
    // Activations of one operand without a rule.
    private static readonly HashSet<string> Without =
        ["Elu", "Selu", "Celu", "Gelu", "Mish", "Softplus", "Softsign", "Tanh", "ThresholdedRelu", "Shrink"];

    private readonly bool _featuresOnly;
    private Backward _backward;

    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="convention">Where rules hold: for feature maps alone, for Relu alone.</param>
    public ActivationRules(OnnxGraph graph, ConventionRules convention)
    {
        _featuresOnly = convention.GuidesFeaturesOnly;
        OperatorOverrides relu = OperatorOverrides.None.WithType("Relu", Rule((x, _) => x.gt(0), x => x.gt(0)));
        OperatorOverrides rules = relu
            .WithType("LeakyRelu", Rule(SlopeBySign, Positive))
            .WithType("PRelu", Rule(SlopeBySign, Positive))
            .WithType("HardSwish", Rule((x, _) => Gated(x, 1 / 6f, 0.5f, 1), Positive))
            .WithType("Clip", Clip);
        var gates = new HashSet<string>();
        foreach (OnnxNode node in graph.Nodes)
        {
            if (GatedActivation.Find(graph, node) is { } found)
            {
                rules = rules.WithNode(node.Name, Rule((x, _) => found.Slope(x), Positive, found.Input));
                gates.UnionWith(found.Inside);
            }
            else if (node.OpType == "Swish" && node.Float("alpha", 1) == 1)
            {
                rules = rules.WithNode(node.Name, Rule((x, _) => GatedActivation.Silu(x), Positive));
            }
        }

        // A gate inside another activation is part of that one.
        foreach (OnnxNode node in graph.Nodes.Where(node => gates.Contains(node.Name)))
            rules = rules.WithNode(node.Name, inner => inner.Run());
        Overrides = convention.GuidesReluOnly ? relu : rules;
        OnnxNode[] all = [.. graph.Nodes.Where(node => !gates.Contains(node.Name))];
        OnnxNode[] others = [.. all.Where(node => Without.Contains(node.OpType)
            || (Overrides.Find(node) is null && rules.Find(node) is not null))];
        IsApplicable = all.Any(node => Overrides.Find(node) is not null) || (convention.GuidesReluOnly && others.Length > 0);
        if (others.Length > 0)
            Remark = $"{others.Length} activations have no such rule and were differentiated as they are: "
                + string.Join(", ", others.Select(node => node.OpType).Distinct());
    }

    /// <summary>The table to run the graph with.</summary>
    public OperatorOverrides Overrides { get; }

    /// <summary>True where there is something to guide, or a convention that leaves the graph's activations as they are.</summary>
    public bool IsApplicable { get; }

    /// <summary>Which activations have none, in words; null when all have one.</summary>
    public string? Remark { get; }

    /// <summary>Says how the next backward passes treat activations.</summary>
    public void Switch(Backward backward) => _backward = backward;

    private static Tensor Positive(Tensor x) => x.gt(0);

    // LeakyRelu and PRelu: y = a·x below 0, with any a.
    private static Tensor SlopeBySign(Tensor x, Tensor y) => where(x.lt(0), y / x, ones_like(x));

    private static Tensor Gated(Tensor x, float alpha, float beta, float most) => GatedActivation.Hard(x, alpha, beta, most);

    private Tensor[] Clip(OverriddenNode node)
    {
        float least = Bound(node, "min", 1, float.NegativeInfinity), most = Bound(node, "max", 2, float.PositiveInfinity);
        Tensor Inside(Tensor x) => x.gt(least).logical_and(x.lt(most));
        return Rule((x, _) => Inside(x), Inside)(node);
    }

    private static float Bound(OverriddenNode node, string attribute, int input, float missing) =>
        node.Optional(input) is { } given ? given.ToSingle() : node.Node.Float(attribute, missing);

    private OperatorRule Rule(Func<Tensor, Tensor, Tensor> slope, Func<Tensor, Tensor> active, int input = 0) =>
        BackwardRule.Of((x, y, gradient) =>
        {
            Backward backward = _featuresOnly && x.dim() < 3 ? Backward.Plain : _backward;
            return backward switch
            {
                Backward.Guided => gradient.clamp_min(0) * slope(x, y) * active(x),
                Backward.Deconvnet => gradient.clamp_min(0),
                _ => gradient * slope(x, y),
            };
        }, input);
}
