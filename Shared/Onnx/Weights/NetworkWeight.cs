using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>A weight that a node multiplies with, in real numbers.</summary>
/// <param name="Index">Among the weights of the model; 0 is the first layer's.</param>
/// <param name="Tensor">The initializer or constant that holds it.</param>
/// <param name="User">The first node that uses it.</param>
/// <param name="InputsFirst">Its first axis is the node's input channels and its second the outputs, not the other way round.</param>
/// <param name="Quantization">How its integers become real numbers; null when it is not quantised.</param>
internal sealed record NetworkWeight(int Index, OnnxTensor Tensor, OnnxNode User, bool InputsFirst, Quantization? Quantization)
{
    public string Name => Tensor.Name.Length > 0 ? Tensor.Name : User.Name + ".weight";

    public TensorShape Shape => Tensor.Shape;

    /// <exception cref="OnnxException">Its data cannot be read.</exception>
    public float[] Load()
    {
        float[] values = Tensor.Load().ToFloats();
        Quantization?.Dequantize(values, Shape);
        return values;
    }
}
