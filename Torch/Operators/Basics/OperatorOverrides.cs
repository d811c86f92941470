using System.Collections.Immutable;
using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// A function that is executed in place of a node. Gets the node and its operands, which stay the run's, and returns one fresh tensor for
/// each output; an exception it throws comes out as one line that names the node.
/// </summary>
public delegate Tensor[] OperatorRule(OverriddenNode node);

/// <summary>
/// A table of rules that replace how operators are executed, in one run: all nodes of a type, or single nodes. Immutable, so
/// one table serves any number of runs.
/// </summary>
public sealed class OperatorOverrides
{
    private readonly ImmutableDictionary<(string Domain, string Type), OperatorRule> _types;
    private readonly ImmutableDictionary<string, OperatorRule> _nodes;

    private OperatorOverrides(
        ImmutableDictionary<(string, string), OperatorRule> types, ImmutableDictionary<string, OperatorRule> nodes) =>
        (_types, _nodes) = (types, nodes);

    /// <summary>Every operator as ONNX defines it.</summary>
    public static OperatorOverrides None { get; } =
        new(ImmutableDictionary<(string, string), OperatorRule>.Empty, ImmutableDictionary<string, OperatorRule>.Empty);

    internal bool IsEmpty => _types.IsEmpty && _nodes.IsEmpty;

    /// <summary>This table and a rule for all nodes of a type, in place of one that is there.</summary>
    /// <param name="type">Operator type, such as Relu.</param>
    /// <param name="rule">The function that is executed in its place.</param>
    /// <param name="domain">Domain of the operator; empty for ai.onnx.</param>
    public OperatorOverrides WithType(string type, OperatorRule rule, string domain = "") =>
        new(_types.SetItem((domain, type), rule), _nodes);

    /// <summary>This table and a rule for one node, which goes before a rule for its type.</summary>
    /// <param name="name">Name of the node, as <see cref="OnnxNode.Name"/> gives it.</param>
    /// <param name="rule">The function that is executed in its place.</param>
    public OperatorOverrides WithNode(string name, OperatorRule rule) => new(_types, _nodes.SetItem(name, rule));

    /// <summary>This table and the rules for nodes of another one, which go before its own.</summary>
    internal OperatorOverrides With(OperatorOverrides nodes) => nodes._nodes.IsEmpty ? this : new(_types, _nodes.SetItems(nodes._nodes));

    /// <summary>The rule for a node; null when it is executed as ONNX defines it.</summary>
    /// <param name="node">A node of any graph.</param>
    public OperatorRule? Find(OnnxNode node) =>
        _nodes.TryGetValue(node.Name, out OperatorRule? rule) || _types.TryGetValue((node.Domain, node.OpType), out rule) ? rule : null;

    /// <summary>This table, once it is sure that the model has the nodes that it names.</summary>
    /// <exception cref="OnnxException">It has not.</exception>
    internal OperatorOverrides Checked(OnnxModel model) =>
        _nodes.Keys.FirstOrDefault(name => model.Graph.Nodes.All(node => node.Name != name)) is { } unknown
            ? throw new OnnxException(model.Source, $"has no node '{unknown}', for which there is a rule")
            : this;

    /// <summary>The nodes of a graph that have a rule: a method that changes none of them should say so.</summary>
    /// <param name="graph">The graph; nodes inside If and Loop are not looked at.</param>
    public IEnumerable<OnnxNode> NodesIn(OnnxGraph graph) => graph.Nodes.Where(node => Find(node) is not null);
}

/// <summary>A node whose rule is executed.</summary>
public sealed class OverriddenNode
{
    private readonly Operands _operands;
    private readonly OperatorFunction _function;

    internal OverriddenNode(Operands operands, OperatorFunction function) => (_operands, _function) = (operands, function);

    /// <summary>The node that is executed, with its name, type and attributes.</summary>
    public OnnxNode Node => _operands.Node;

    /// <summary>Number of inputs that the node lists, those that are left out among them.</summary>
    public int Count => _operands.Count;

    /// <summary>An input; it stays the run's.</summary>
    /// <param name="index">Place among the node's inputs, from 0.</param>
    /// <exception cref="OnnxException">The node leaves it out.</exception>
    public Tensor this[int index] => _operands[index];

    internal GradientTrace? Trace => _operands.State.Mode.Trace;

    /// <summary>An input, or null where the node leaves it out; it stays the run's.</summary>
    /// <param name="index">Place among the node's inputs, from 0.</param>
    public Tensor? Optional(int index) => _operands.Optional(index);

    /// <summary>Executes the operator itself on the node's operands: fresh tensors, one for each output.</summary>
    public Tensor[] Run() => _function(_operands);

    /// <summary>Executes the operator itself on other tensors in place of the node's inputs: fresh tensors, one for each output.</summary>
    /// <param name="others">One for each input, in order; null for one that is left out. They stay the caller's.</param>
    public Tensor[] Run(params Tensor?[] others) => _function(_operands.With(others));

    /// <summary>Makes an exception that names the node, to be thrown.</summary>
    /// <param name="problem">What is wrong, without the node's name.</param>
    public OnnxException Fault(string problem) => _operands.Fault(problem);
}
