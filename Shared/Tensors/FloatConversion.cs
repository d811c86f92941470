using System.Collections.Frozen;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
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
            [ElementType.Int8] = Levels(ElementType.Int8),
            [ElementType.Int16] = Convert<short>,
            [ElementType.Int32] = Convert<int>,
            [ElementType.Int64] = Convert<long>,
            [ElementType.UInt8] = Levels(ElementType.UInt8),
            [ElementType.UInt16] = Convert<ushort>,
            [ElementType.UInt32] = Convert<uint>,
            [ElementType.UInt64] = Convert<ulong>,
            [ElementType.Bool] = Levels(ElementType.Bool),
        }.ToFrozenDictionary();

    /// <summary>True for floating point (but not the 8-bit kinds), integers of 8 bits and more, and bool.</summary>
    public static bool CanConvert(ElementType type) => Table.ContainsKey(type);

    /// <summary>Rounds to the nearest float; a double beyond float's range becomes infinite, true becomes 1.</summary>
    /// <param name="type">Type of the elements.</param>
    /// <param name="bytes">The elements as they lie in memory, little endian.</param>
    /// <param name="floats">Receives a float for each element.</param>
    /// <exception cref="BadInputException">The type cannot be shown as float.</exception>
    public static void ToFloat(ElementType type, ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        if (!Table.TryGetValue(type, out var convert))
            throw new BadInputException($"A tensor of {type.DisplayName()} cannot be converted to float32");
        long expected = type.SizeInBytes(floats.Length);
        if (bytes.Length != expected)
            throw new ArgumentException($"{floats.Length} elements of {type.DisplayName()} take {expected} bytes, got {bytes.Length}.");
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

    // Of quantised networks, whose tensors are as many as they are large: a loop of our own, compiled to its best from the first
    // call on. For signed bytes the framework has none with vectors.
    private static Action<ReadOnlySpan<byte>, Span<float>> Levels(ElementType type)
    {
        ByteLevels levels = ByteLevels.Of(type)!.Value;
        return (bytes, floats) => FromLevels(bytes, levels, floats);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromLevels(ReadOnlySpan<byte> bytes, ByteLevels levels, Span<float> floats)
    {
        ReadOnlySpan<Vector<byte>> vectors = MemoryMarshal.Cast<byte, Vector<byte>>(bytes);
        Span<Vector<float>> results = MemoryMarshal.Cast<float, Vector<float>>(floats);
        var flip = new Vector<byte>(levels.Flip);
        var zero = new Vector<float>(levels.Flip);
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i] ^ flip, out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> a, out Vector<uint> b);
            Vector.Widen(high, out Vector<uint> c, out Vector<uint> d);
            results[4 * i] = Vector.ConvertToSingle(a.As<uint, int>()) - zero;
            results[4 * i + 1] = Vector.ConvertToSingle(b.As<uint, int>()) - zero;
            results[4 * i + 2] = Vector.ConvertToSingle(c.As<uint, int>()) - zero;
            results[4 * i + 3] = Vector.ConvertToSingle(d.As<uint, int>()) - zero;
        }

        for (int i = vectors.Length * Vector<byte>.Count; i < bytes.Length; i++)
            floats[i] = levels.ValueOf(bytes[i] ^ levels.Flip);
    }

    // The upper half of a float32.
    private static void FromBFloat16(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(floats);
        TensorPrimitives.ConvertTruncating<ushort, uint>(MemoryMarshal.Cast<byte, ushort>(bytes), bits);
        TensorPrimitives.ShiftLeft(bits, 16, bits);
    }
}
