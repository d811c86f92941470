using System.Collections.Frozen;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace CnnOnnx.Tensors;

/// <summary>Tensors of other element types as float32, for statistics and pictures.</summary>
internal static class FloatConversion
{
    private static readonly FrozenDictionary<ElementType, Action<ReadOnlySpan<byte>, Span<float>>> Table =
        new Dictionary<ElementType, Action<ReadOnlySpan<byte>, Span<float>>>
        {
            [ElementType.Float] = (bytes, floats) => MemoryMarshal.Cast<byte, float>(bytes).CopyTo(floats),
            [ElementType.Double] = Convert<double>,
            [ElementType.Float16] = Convert<Half>,
            [ElementType.BFloat16] = FromBFloat16,
            [ElementType.Int8] = Convert<sbyte>,
            [ElementType.Int16] = Convert<short>,
            [ElementType.Int32] = Convert<int>,
            [ElementType.Int64] = Convert<long>,
            [ElementType.UInt8] = Convert<byte>,
            [ElementType.UInt16] = Convert<ushort>,
            [ElementType.UInt32] = Convert<uint>,
            [ElementType.UInt64] = Convert<ulong>,
            [ElementType.Bool] = Convert<byte>,
        }.ToFrozenDictionary();

    /// <summary>True for floating point (but not the 8-bit kinds), integers of 8 bits and more, and bool.</summary>
    public static bool CanConvert(ElementType type) => Table.ContainsKey(type);

    /// <summary>Rounds to the nearest float; a double beyond float's range becomes infinite, true becomes 1.</summary>
    /// <param name="type">Of the elements.</param>
    /// <param name="bytes">The elements as they lie in memory, little endian.</param>
    /// <param name="floats">As many as there are elements.</param>
    /// <exception cref="BadInputException">The type cannot be shown as float.</exception>
    public static void ToFloat(ElementType type, ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        if (!Table.TryGetValue(type, out var convert))
            throw new BadInputException($"A tensor of {type.DisplayName} cannot be converted to float32");
        long expected = type.SizeInBytes(floats.Length);
        if (bytes.Length != expected)
            throw new ArgumentException($"{floats.Length} elements of {type.DisplayName} take {expected} bytes, got {bytes.Length}.");
        convert(bytes, floats);
    }

    /// <inheritdoc cref="ToFloat(ElementType, ReadOnlySpan{byte}, Span{float})"/>
    public static float[] ToFloats(this TensorData tensor)
    {
        float[] floats = new float[checked((int)tensor.Shape.Count)];
        ToFloat(tensor.Type, tensor.Bytes.Span, floats);
        return floats;
    }

    private static void Convert<T>(ReadOnlySpan<byte> bytes, Span<float> floats) where T : unmanaged, INumberBase<T> =>
        TensorPrimitives.ConvertTruncating<T, float>(MemoryMarshal.Cast<byte, T>(bytes), floats);

    // The upper half of a float32.
    private static void FromBFloat16(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(floats);
        TensorPrimitives.ConvertTruncating<ushort, uint>(MemoryMarshal.Cast<byte, ushort>(bytes), bits);
        TensorPrimitives.ShiftLeft(bits, 16, bits);
    }
}
