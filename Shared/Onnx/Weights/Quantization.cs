using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>(q − zero point) · scale, one pair for the tensor or one for each index of an axis (ONNX DequantizeLinear).</summary>
internal sealed record Quantization(OnnxTensor Scale, OnnxTensor? ZeroPoint, int Axis)
{
    public void Dequantize(Span<float> values, TensorShape shape)
    {
        float[] scales = Scale.Load().ToFloats();
        float[] zeros = ZeroPoint?.Load().ToFloats() ?? [];
        int axis = Axis < 0 ? Axis + shape.Rank : Axis;
        long inner = 1;
        for (int i = axis + 1; i < shape.Rank; i++)
            inner *= shape[i];
        for (int i = 0; i < values.Length; i++)
        {
            long index = scales.Length == 1 ? 0 : i / inner % shape[axis];
            float zero = zeros.Length == 0 ? 0 : zeros[zeros.Length == 1 ? 0 : index];
            values[i] = (values[i] - zero) * scales[index];
        }
    }

    /// <summary>True when scales and zero points are as many as the shape asks for.</summary>
    public bool Fits(TensorShape shape)
    {
        int axis = Axis < 0 ? Axis + shape.Rank : Axis;
        return new[] { Scale, ZeroPoint ?? Scale }.All(t => t.Shape.Count == 1
            || (axis >= 0 && axis < shape.Rank && t.Shape.Rank == 1 && t.Shape.Count == shape[axis]));
    }
}
