using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>A weight that a node multiplies with, in real numbers.</summary>
public sealed class NetworkWeight
{
    private readonly ConstantExpression _values;

    internal NetworkWeight(int index, ConstantExpression values, OnnxNode node, bool inputsFirst) =>
        (Index, _values, Node, InputsFirst) = (index, values, node, inputsFirst);

    /// <summary>Place among the weights of the model; 0 is the first layer's.</summary>
    public int Index { get; }

    /// <summary>
    /// Name of its initializer, such as conv1.weight; made from the node's name where there is none, or where it is computed from
    /// several.
    /// </summary>
    public string Name => _values.Moved is { Name.Length: > 0 } initializer ? initializer.Name : Node.Name + ".weight";

    /// <summary>[O, I, h, w] of a convolution, or [O, I] of a matrix; see <see cref="InputsFirst"/>.</summary>
    public TensorShape Shape => _values.Shape;

    /// <summary>The first node that uses it.</summary>
    public OnnxNode Node { get; }

    /// <summary>
    /// The initializer or constant that holds it, perhaps with its axes in another order; the largest of several that it is computed
    /// from. Integers when <see cref="IsQuantized"/>.
    /// </summary>
    public OnnxTensor Tensor => _values.Moved ?? _values.Sources.MaxBy(source => source.Tensor.Shape.Count).Tensor;

    /// <summary>Its first axis is the node's input channels and its second the outputs, not the other way round.</summary>
    public bool InputsFirst { get; }

    /// <summary>The file holds integers, and a scale that makes them real numbers.</summary>
    public bool IsQuantized => _values.IsQuantized;

    /// <summary>
    /// Reads the values as real numbers, in the order of <see cref="Shape"/>. A new copy each time: keep it if it is needed twice.
    /// </summary>
    /// <exception cref="OnnxException">Its data cannot be read.</exception>
    public float[] Load() => _values.Load();

    /// <summary>One line, such as "conv1.weight: float32[20, 1, 5, 5]".</summary>
    public override string ToString() => $"{Name}: {Tensor.ElementType.DisplayName}{Shape}";
}
