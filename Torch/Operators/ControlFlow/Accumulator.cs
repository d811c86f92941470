using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

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

    /// <summary>One tensor for each scan output. After no iteration at all it is empty, of the type that the body declares.</summary>
    public IEnumerable<Tensor> Results()
    {
        for (int i = 0; i < count; i++)
        {
            OnnxValue declared = body.Outputs[first + i];
            yield return _elements[i].Count > 0
                ? stack(_elements[i])
                : zeros([0, .. (declared.Shape ?? []).Select(d => d.Size ?? 0)], TypeOf(declared), operands.Execution.Device);
        }
    }

    private ScalarType TypeOf(OnnxValue declared) => declared.ElementType == ElementType.Undefined
        ? ScalarType.Float32
        : OperandValues.TypeOf(operands.Node, declared.ElementType, $"output '{declared.Name}' of its body");
}
