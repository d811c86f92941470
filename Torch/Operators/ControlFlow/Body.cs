using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>A graph inside a node: a branch of If, the body of Loop and Scan.</summary>
/// <param name="Attribute">The attribute that holds it.</param>
/// <param name="Graph">Its inputs and outputs; what runs it comes with the operands.</param>
internal sealed record Body(string Attribute, OnnxGraph Graph)
{
    public IReadOnlyList<OnnxValue> Inputs => Graph.Inputs;

    public IReadOnlyList<OnnxValue> Outputs => Graph.Outputs;

    /// <exception cref="OnnxException">The node has no such attribute.</exception>
    public static Body Of(OnnxNode node, string attribute) =>
        new(attribute, node.Subgraph(attribute) ?? throw node.Error($"has no attribute '{attribute}'"));

    /// <summary>Makes a number the shape of an input: a scalar, or a vector of one where the body declares it so.</summary>
    public Tensor AsDeclared(int input, Tensor number) => Graph.Inputs[input].Shape is { Length: 1 } ? number.reshape(1) : number;

    /// <summary>Runs the graph once on arguments that stay the caller's, and returns fresh tensors for its outputs.</summary>
    public Tensor[] Run(Operands operands, IReadOnlyList<Tensor> arguments) => operands.RunBody(Attribute, arguments);
}

/// <summary>The scan outputs of Loop and Scan: what every iteration gives, stacked on a new first axis.</summary>
internal sealed class Accumulator(Operands operands, Body body, int first, int count)
{
    private readonly List<Tensor>[] _elements = [.. Enumerable.Range(0, count).Select(_ => new List<Tensor>())];

    public void Add(ReadOnlySpan<Tensor> elements)
    {
        for (int i = 0; i < count; i++)
        {
            _elements[i].Add(elements[i]);
            Budget.Require(operands.Node, elements[i].dtype, [_elements[i].Count, .. elements[i].shape]);
        }
    }

    /// <summary>
    /// Stacks the rounds of each scan output to a tensor. After no iteration at all it is empty, of the type that the body
    /// declares.
    /// </summary>
    public IEnumerable<Tensor> Results()
    {
        for (int i = 0; i < count; i++)
        {
            OnnxValue declared = body.Outputs[first + i];
            yield return _elements[i].Count > 0
                ? stack(_elements[i])
                : zeros([0, .. (declared.Shape ?? []).Select(d => d.Size ?? 0)], TypeOf(declared), operands.State.Device);
        }
    }

    private ScalarType TypeOf(OnnxValue declared) => declared.ElementType == ElementType.Undefined
        ? ScalarType.Float32
        : OperandValues.TypeOf(operands.Node, declared.ElementType, $"output '{declared.Name}' of its body");
}
