using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Where the values of a node's operand come from when no input changes them. What stands between a weight and its node is
/// looked through here and nowhere else: Identity and Cast, which leave the numbers as they are, and one DequantizeLinear.
/// </summary>
/// <param name="Tensor">The initializer, or the value of a Constant node.</param>
/// <param name="Quantization">How its integers become real numbers; null when it is not quantised.</param>
internal sealed record WeightOrigin(OnnxTensor Tensor, Quantization? Quantization)
{
    /// <summary>It has at least two axes, and numbers that can be had without a run.</summary>
    public bool IsDrawable => Tensor.Shape.Rank >= 2 && Tensor.Shape.Count > 0 && Tensor.HasData
        && FloatConversion.CanConvert(Tensor.ElementType) && Quantization?.Fits(Tensor.Shape) != false;

    /// <param name="graph">The graph.</param>
    /// <param name="name">The operand.</param>
    /// <returns>Null when the operand depends on an input, or on what is not looked through.</returns>
    public static WeightOrigin? Of(OnnxGraph graph, string name)
    {
        Quantization? quantization = null;
        // Quantised weights come out of DequantizeLinear, half-precision ones sometimes out of Cast.
        while (graph.Producer(name) is { } producer && (producer.Inputs.Length > 0 || producer.OpType == "Constant"))
        {
            if (producer.OpType == "Constant")
                return producer.Tensor("value") is { } value ? new WeightOrigin(value, quantization) : null;
            if (producer.OpType == "DequantizeLinear" && quantization is null && Quantization.Of(graph, producer) is { } found)
                quantization = found;
            else if (producer.OpType is not ("Identity" or "Cast"))
                return null;
            name = producer.Inputs[0];
        }

        return graph.Initializer.TryGetValue(name, out OnnxTensor? tensor) ? new WeightOrigin(tensor, quantization) : null;
    }
}

/// <summary>(q − zero point) · scale, one pair for the tensor or one for each index of an axis (ONNX DequantizeLinear).</summary>
internal sealed record Quantization(OnnxTensor Scale, OnnxTensor? ZeroPoint, int Axis)
{
    /// <summary>Of a DequantizeLinear; null when its scale or its zero point is no initializer.</summary>
    public static Quantization? Of(OnnxGraph graph, OnnxNode dequantize) =>
        dequantize.Inputs.Length > 1 && graph.Initializer.TryGetValue(dequantize.Inputs[1], out OnnxTensor? scale)
        && (dequantize.Inputs.Length < 3 || graph.Initializer.ContainsKey(dequantize.Inputs[2]) || dequantize.Inputs[2].Length == 0)
            ? new Quantization(scale, dequantize.Inputs.Length < 3 ? null : graph.Initializer.GetValueOrDefault(dequantize.Inputs[2]),
                (int)dequantize.Int("axis", 1))
            : null;

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
