using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>Brings a given tensor to what an input declares: element type, and a batch axis in front when only that is missing.</summary>
internal static class TensorFitting
{
    /// <exception cref="BadInputException">The shape cannot be meant for this input.</exception>
    public static TensorData Fit(TensorData tensor, OnnxValue input, string source)
    {
        TensorShape shape = tensor.Shape;
        if (shape.Rank > 0 && shape[0] == 0)
            throw new BadInputException($"{source}: input '{input.Name}' is given {shape}, which is empty");
        if (input.Shape is { } dims)
        {
            if (dims.Length == shape.Rank + 1)
                shape = new TensorShape([1, .. shape.Dims]);
            bool fits = dims.Length == shape.Rank && shape.Dims.Select((size, axis) => dims[axis].Size is not { } wanted
                || wanted == size || (axis == 0 && size > 0 && size < wanted)).All(ok => ok);
            if (!fits)
                throw new BadInputException($"{source}: input '{input.Name}' takes [{string.Join(", ", dims)}], got {tensor.Shape}");
        }

        ElementType type = input.ElementType == ElementType.Undefined ? tensor.Type : input.ElementType;
        if (type == tensor.Type)
            return new TensorData(type, shape, tensor.Bytes);
        if (!ElementWriter.CanWrite(type) || !FloatConversion.CanConvert(tensor.Type))
            throw new BadInputException($"{source}: input '{input.Name}' is {type.DisplayName()}, got {tensor.Type.DisplayName()}");
        float[] values = new float[shape.Count];
        FloatConversion.ToFloat(tensor.Type, tensor.Bytes.Span, values);
        byte[] bytes = new byte[type.SizeInBytes(shape.Count)];
        ElementWriter.Write(values, type, bytes);
        return new TensorData(type, shape, bytes);
    }
}
