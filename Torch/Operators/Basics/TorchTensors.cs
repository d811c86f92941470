using System.Collections.Frozen;
using System.Runtime.InteropServices;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Converts between ONNX's tensors and TorchSharp's.</summary>
public static class TorchTensors
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
    /// <param name="tensor">The initializer.</param>
    /// <param name="device">The device of the copy.</param>
    internal static Tensor From(OnnxTensor tensor, Device device)
    {
        if (!tensor.HasData)
            return zeros(tensor.Shape.Dims.AsSpan(), dtype: TypeOf(tensor.ElementType, tensor.Name), device: device);
        return From(tensor.Load(), device);
    }

    /// <summary>A copy of the data, of the same shape. The caller disposes it.</summary>
    /// <param name="data">Elements of a type that TorchSharp has, or unsigned ones, which become the next wider signed type.</param>
    /// <param name="device">The device of the copy.</param>
    /// <exception cref="BadInputException">TorchSharp does not have the type.</exception>
    public static Tensor From(TensorData data, Device device) => From(data.Type, data.Shape, data.Bytes.Span, device);

    /// <summary>A copy of elements as ONNX lays them out: dense, the last axis first. The caller disposes it.</summary>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Sizes of the axes.</param>
    /// <param name="elements">Bytes of the elements, little endian.</param>
    /// <param name="device">The device of the copy.</param>
    internal static Tensor From(ElementType type, TensorShape shape, ReadOnlySpan<byte> elements, Device device)
    {
        Tensor copy = empty(shape.Dims.AsSpan(), dtype: TypeOf(type, shape.ToString()));
        if (shape.Count > 0)
            Widen(type, elements).CopyTo(copy.bytes);
        if (device.type == TorchSharp.DeviceType.CPU)
            return copy;
        using (copy)
            return copy.to(device);
    }

    /// <summary>A copy of a tensor, on any device, in managed memory.</summary>
    /// <param name="tensor">Elements of a type that ONNX has.</param>
    /// <param name="type">The ONNX type of the elements, where TorchSharp's does not say it: an unsigned one that was widened.</param>
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

    internal static ReadOnlyMemory<byte> ToBytes(Tensor tensor)
    {
        if (tensor.numel() == 0)
            return ReadOnlyMemory<byte>.Empty;
        using Tensor plain = tensor.detach();
        using Tensor near = plain.cpu();
        using Tensor dense = near.contiguous();
        return dense.bytes.ToArray();
    }

    /// <summary>The type in which elements are computed: their own, or the wider one of unsigned integers.</summary>
    internal static ScalarType TypeOf(ElementType type, string where) =>
        Types.TryGetValue(type, out ScalarType scalar) || Widened.TryGetValue(type, out scalar)
            ? scalar
            : throw new BadInputException($"{where} has elements of type {type.DisplayName()}, which TorchSharp does not have");

    /// <summary>True for types that can be computed.</summary>
    internal static bool Has(ElementType type) => Types.ContainsKey(type) || Widened.ContainsKey(type);

    /// <summary>The ONNX type that has the same elements in memory; null where none has.</summary>
    internal static ElementType? SameInMemory(ScalarType type) => Back.TryGetValue(type, out ElementType same) ? same : null;

    /// <summary>The type of TorchSharp that has the same elements in memory; null for what is widened or not there.</summary>
    internal static ScalarType? SameInMemory(ElementType type) => Types.TryGetValue(type, out ScalarType same) ? same : null;

    private static ReadOnlySpan<byte> Widen(ElementType type, ReadOnlySpan<byte> elements) => type switch
    {
        ElementType.UInt16 => Bytes(Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(elements).ToArray(), v => (int)v)),
        ElementType.UInt32 => Bytes(Array.ConvertAll(MemoryMarshal.Cast<byte, uint>(elements).ToArray(), v => (long)v)),
        _ => elements,
    };

    private static byte[] Narrow(ReadOnlySpan<byte> wide, ElementType type) => type switch
    {
        ElementType.UInt16 => Bytes(Array.ConvertAll(MemoryMarshal.Cast<byte, int>(wide).ToArray(), v => (ushort)v)).ToArray(),
        ElementType.UInt32 => Bytes(Array.ConvertAll(MemoryMarshal.Cast<byte, long>(wide).ToArray(), v => (uint)v)).ToArray(),
        _ => wide.ToArray(),
    };

    private static Span<byte> Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan());
}
