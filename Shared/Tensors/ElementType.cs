using System.Collections.Frozen;

namespace CnnOnnx.Tensors;

/// <summary>Element types with the numbers of ONNX's TensorProto.DataType.</summary>
public enum ElementType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    Complex64 = 14,
    Complex128 = 15,
    BFloat16 = 16,
    Float8E4M3FN = 17,
    Float8E4M3FNUZ = 18,
    Float8E5M2 = 19,
    Float8E5M2FNUZ = 20,
    UInt4 = 21,
    Int4 = 22,
    Float4E2M1 = 23,
    Float8E8M0 = 24,
    UInt2 = 25,
    Int2 = 26,
}

/// <summary>Facts about element types.</summary>
public static class ElementTypes
{
    // Bits an element occupies when densely packed, and the name that NumPy and the ONNX documents use.
    private static readonly FrozenDictionary<ElementType, (int Bits, string Name)> Facts = new Dictionary<ElementType, (int, string)>
    {
        [ElementType.Float] = (32, "float32"),
        [ElementType.UInt8] = (8, "uint8"),
        [ElementType.Int8] = (8, "int8"),
        [ElementType.UInt16] = (16, "uint16"),
        [ElementType.Int16] = (16, "int16"),
        [ElementType.Int32] = (32, "int32"),
        [ElementType.Int64] = (64, "int64"),
        [ElementType.Bool] = (8, "bool"),
        [ElementType.Float16] = (16, "float16"),
        [ElementType.Double] = (64, "float64"),
        [ElementType.UInt32] = (32, "uint32"),
        [ElementType.UInt64] = (64, "uint64"),
        [ElementType.Complex64] = (64, "complex64"),
        [ElementType.Complex128] = (128, "complex128"),
        [ElementType.BFloat16] = (16, "bfloat16"),
        [ElementType.Float8E4M3FN] = (8, "float8e4m3fn"),
        [ElementType.Float8E4M3FNUZ] = (8, "float8e4m3fnuz"),
        [ElementType.Float8E5M2] = (8, "float8e5m2"),
        [ElementType.Float8E5M2FNUZ] = (8, "float8e5m2fnuz"),
        [ElementType.UInt4] = (4, "uint4"),
        [ElementType.Int4] = (4, "int4"),
        [ElementType.Float4E2M1] = (4, "float4e2m1"),
        [ElementType.Float8E8M0] = (8, "float8e8m0"),
        [ElementType.UInt2] = (2, "uint2"),
        [ElementType.Int2] = (2, "int2"),
    }.ToFrozenDictionary();

    /// <summary>The name as NumPy writes it (float32, int64 …); "string" and "undefined" for those two.</summary>
    public static string DisplayName(this ElementType type) => Facts.TryGetValue(type, out var fact) ? fact.Name
        : type == ElementType.String ? "string"
        : $"undefined({(int)type})";

    /// <summary>True for every type of fixed size, so for all but strings and unknown numbers.</summary>
    public static bool HasFixedSize(this ElementType type) => Facts.ContainsKey(type);

    /// <summary>True for float16, bfloat16, float32 and float64.</summary>
    public static bool IsFloatingPoint(this ElementType type) =>
        type is ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>Bytes of elements, densely packed: of a 4-bit type, two share a byte, rounded up.</summary>
    /// <param name="type">A type of fixed size.</param>
    /// <param name="count">Number of elements.</param>
    /// <exception cref="OverflowException">The size does not fit into 63 bits.</exception>
    /// <exception cref="ArgumentException">The type has no fixed size.</exception>
    public static long SizeInBytes(this ElementType type, long count) => Facts.TryGetValue(type, out var fact)
        ? (checked(count * fact.Bits) + 7) / 8
        : throw new ArgumentException($"Elements of type {type.DisplayName()} have no fixed size.");
}
