using System.Collections.Frozen;
using System.Numerics;
using System.Runtime.InteropServices;

namespace CnnOnnx.Tensors;

/// <summary>Writes floats as elements of another type: rounded for whole numbers, and held within the type's range.</summary>
internal static class ElementWriter
{
    private delegate void Writer(ReadOnlySpan<float> values, Span<byte> elements);

    private static readonly FrozenDictionary<ElementType, Writer> Writers = new Dictionary<ElementType, Writer>
    {
        [ElementType.Float] = (values, elements) => MemoryMarshal.AsBytes(values).CopyTo(elements),
        [ElementType.Double] = Convert<double>,
        [ElementType.Float16] = Convert<Half>,
        [ElementType.BFloat16] = ToBFloat16,
        [ElementType.UInt8] = Round<byte>,
        [ElementType.Int8] = Round<sbyte>,
        [ElementType.UInt16] = Round<ushort>,
        [ElementType.Int16] = Round<short>,
        [ElementType.UInt32] = Round<uint>,
        [ElementType.Int32] = Round<int>,
        [ElementType.UInt64] = Round<ulong>,
        [ElementType.Int64] = Round<long>,
        [ElementType.Bool] = (values, elements) =>
        {
            for (int i = 0; i < values.Length; i++)
                elements[i] = values[i] == 0 ? (byte)0 : (byte)1;
        },
    }.ToFrozenDictionary();

    public static bool CanWrite(ElementType type) => Writers.ContainsKey(type);

    public static void Write(ReadOnlySpan<float> values, ElementType type, Span<byte> elements) => Writers[type](values, elements);

    private static void Convert<T>(ReadOnlySpan<float> values, Span<byte> elements) where T : unmanaged, INumber<T>
    {
        Span<T> converted = MemoryMarshal.Cast<byte, T>(elements);
        for (int i = 0; i < values.Length; i++)
            converted[i] = T.CreateSaturating(values[i]);
    }

    private static void Round<T>(ReadOnlySpan<float> values, Span<byte> elements) where T : unmanaged, INumber<T>
    {
        Span<T> converted = MemoryMarshal.Cast<byte, T>(elements);
        for (int i = 0; i < values.Length; i++)
            converted[i] = T.CreateSaturating(MathF.Round(values[i]));
    }

    // The upper half of a float, rounded to even. A NaN keeps a bit that says so.
    private static void ToBFloat16(ReadOnlySpan<float> values, Span<byte> elements)
    {
        Span<ushort> converted = MemoryMarshal.Cast<byte, ushort>(elements);
        for (int i = 0; i < values.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(values[i]);
            converted[i] = float.IsNaN(values[i])
                ? (ushort)(bits >> 16 | 0x40)
                : (ushort)(bits + 0x7fff + (bits >> 16 & 1) >> 16);
        }
    }
}
