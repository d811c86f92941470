using System.Collections.Frozen;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>Between ONNX's tensors and TorchSharp's.</summary>
internal static class TorchTensors
{
    private static readonly FrozenDictionary<ElementType, ScalarType> Types = new Dictionary<ElementType, ScalarType>
    {
        [ElementType.Float] = ScalarType.Float32,
        [ElementType.Double] = ScalarType.Float64,
        [ElementType.Float16] = ScalarType.Float16,
        [ElementType.BFloat16] = ScalarType.BFloat16,
        [ElementType.UInt8] = ScalarType.Byte,
        [ElementType.Int8] = ScalarType.Int8,
        [ElementType.Int16] = ScalarType.Int16,
        [ElementType.Int32] = ScalarType.Int32,
        [ElementType.Int64] = ScalarType.Int64,
        [ElementType.Bool] = ScalarType.Bool,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<ScalarType, ElementType> Back = Types.ToFrozenDictionary(p => p.Value, p => p.Key);

    /// <summary>The elements of an initializer; zeros where it has a shape and no values yet. The caller disposes it.</summary>
    public static Tensor From(OnnxTensor tensor, Device device)
    {
        if (!tensor.HasData)
            return zeros(tensor.Shape.Dims.AsSpan(), dtype: TypeOf(tensor.ElementType, tensor.Name), device: device);
        return From(tensor.Load(), device);
    }

    /// <summary>A copy of the data. The caller disposes it.</summary>
    public static Tensor From(TensorData data, Device device)
    {
        Tensor copy = empty(data.Shape.Dims.AsSpan(), dtype: TypeOf(data.Type, data.Shape.ToString()));
        if (data.Shape.Count > 0)
            data.Bytes.Span.CopyTo(copy.bytes);
        if (device.type == TorchSharp.DeviceType.CPU)
            return copy;
        using (copy)
            return copy.to(device);
    }

    /// <summary>A copy in managed memory.</summary>
    public static TensorData ToData(Tensor tensor) =>
        new(Back.TryGetValue(tensor.dtype, out ElementType type) ? type : throw new ArgumentException($"No ONNX type for {tensor.dtype}."),
            new TensorShape(tensor.shape), ToBytes(tensor));

    public static ReadOnlyMemory<byte> ToBytes(Tensor tensor)
    {
        if (tensor.numel() == 0)
            return ReadOnlyMemory<byte>.Empty;
        using Tensor plain = tensor.detach();
        using Tensor near = plain.cpu();
        using Tensor dense = near.contiguous();
        return dense.bytes.ToArray();
    }

    public static ScalarType TypeOf(ElementType type, string where) => Types.TryGetValue(type, out ScalarType scalar)
        ? scalar
        : throw new BadInputException($"{where} has elements of type {type.DisplayName}, which TorchSharp does not have");
}
