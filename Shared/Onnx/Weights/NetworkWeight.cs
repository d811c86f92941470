using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>A weight that a node multiplies with, in real numbers.</summary>
public sealed class NetworkWeight
{
    private readonly WeightOrigin _origin;

    internal NetworkWeight(int index, WeightOrigin origin, OnnxNode node, bool inputsFirst) =>
        (Index, _origin, Node, InputsFirst) = (index, origin, node, inputsFirst);

    /// <summary>Place among the weights of the model; 0 is the first layer's.</summary>
    public int Index { get; }

    /// <summary>As the file has it, such as conv1.weight; made from the node's name where the file has none.</summary>
    public string Name => Tensor.Name.Length > 0 ? Tensor.Name : Node.Name + ".weight";

    /// <summary>[O, I, h, w] of a convolution, or [O, I] of a matrix; see <see cref="InputsFirst"/>.</summary>
    public TensorShape Shape => Tensor.Shape;

    /// <summary>The first node that uses it.</summary>
    public OnnxNode Node { get; }

    /// <summary>The initializer or constant that holds it; integers when <see cref="IsQuantized"/>.</summary>
    public OnnxTensor Tensor => _origin.Tensor;

    /// <summary>Its first axis is the node's input channels and its second the outputs, not the other way round.</summary>
    public bool InputsFirst { get; }

    /// <summary>The file holds integers, and a scale that makes them real numbers.</summary>
    public bool IsQuantized => _origin.Quantization is not null;

    /// <summary>
    /// Reads the values as real numbers, in the order of <see cref="Shape"/>. A new copy each time: keep it if it is needed twice.
    /// </summary>
    /// <exception cref="OnnxException">Its data cannot be read.</exception>
    public float[] Load()
    {
        float[] values = Tensor.Load().ToFloats();
        _origin.Quantization?.Dequantize(values, Shape);
        return values;
    }

    /// <summary>Such as "conv1.weight: float32[20, 1, 5, 5]".</summary>
    public override string ToString() => $"{Name}: {Tensor.ElementType.DisplayName}{Shape}";
}
