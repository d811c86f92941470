using System.Collections.Frozen;
using System.Runtime.InteropServices;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

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

    // TorchSharp has no unsigned integers but bytes: they are computed in the next wider signed type, which holds their
    // values. Sums, products and bits come out right modulo 2ⁿ once narrowed again; of uint64, numbers from 2⁶³ on
    // compare, divide and convert as if they were negative.
    private static readonly FrozenDictionary<ElementType, ScalarType> Widened = new Dictionary<ElementType, ScalarType>
    {
        [ElementType.UInt16] = ScalarType.Int32,
        [ElementType.UInt32] = ScalarType.Int64,
        [ElementType.UInt64] = ScalarType.Int64,
    }.ToFrozenDictionary();

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
            Widen(data).CopyTo(copy.bytes);
        if (device.type == TorchSharp.DeviceType.CPU)
            return copy;
        using (copy)
            return copy.to(device);
    }

    /// <summary>A copy in managed memory.</summary>
    /// <param name="type">The ONNX type of its elements, where TorchSharp's does not say it: an unsigned one that was widened.</param>
    public static TensorData ToData(Tensor tensor, ElementType? type = null)
    {
        ReadOnlyMemory<byte> bytes = ToBytes(tensor);
        var shape = new TensorShape(tensor.shape);
        if (type is { } unsigned && Widened.TryGetValue(unsigned, out ScalarType wide) && wide == tensor.dtype)
            return new TensorData(unsigned, shape, Narrow(bytes.Span, unsigned));
        return new TensorData(Back.TryGetValue(tensor.dtype, out ElementType same)
            ? same
            : throw new ArgumentException($"No ONNX type for {tensor.dtype}."), shape, bytes);
    }

    public static ReadOnlyMemory<byte> ToBytes(Tensor tensor)
    {
        if (tensor.numel() == 0)
            return ReadOnlyMemory<byte>.Empty;
        using Tensor plain = tensor.detach();
        using Tensor near = plain.cpu();
        using Tensor dense = near.contiguous();
        return dense.bytes.ToArray();
    }

    /// <summary>The type in which elements are computed: their own, or the wider one of unsigned integers.</summary>
    public static ScalarType TypeOf(ElementType type, string where) =>
        Types.TryGetValue(type, out ScalarType scalar) || Widened.TryGetValue(type, out scalar)
            ? scalar
            : throw new BadInputException($"{where} has elements of type {type.DisplayName}, which TorchSharp does not have");

    /// <summary>True for types that can be computed.</summary>
    public static bool Has(ElementType type) => Types.ContainsKey(type) || Widened.ContainsKey(type);

    private static ReadOnlySpan<byte> Widen(TensorData data) => data.Type switch
    {
        ElementType.UInt16 => MemoryMarshal.AsBytes<int>(Array.ConvertAll(data.As<ushort>().ToArray(), v => (int)v)),
        ElementType.UInt32 => MemoryMarshal.AsBytes<long>(Array.ConvertAll(data.As<uint>().ToArray(), v => (long)v)),
        _ => data.Bytes.Span,
    };

    private static byte[] Narrow(ReadOnlySpan<byte> wide, ElementType type) => type switch
    {
        ElementType.UInt16 => Bytes(Array.ConvertAll(MemoryMarshal.Cast<byte, int>(wide).ToArray(), v => (ushort)v)),
        ElementType.UInt32 => Bytes(Array.ConvertAll(MemoryMarshal.Cast<byte, long>(wide).ToArray(), v => (uint)v)),
        _ => wide.ToArray(),
    };

    private static byte[] Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
