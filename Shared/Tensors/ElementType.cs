using System.Collections.Frozen;

namespace CnnOnnx.Tensors;

/// <summary>Element types with the numbers of ONNX's TensorProto.DataType.</summary>
public enum ElementType
{
    /// <summary>No type: the file does not say it.</summary>
    Undefined = 0,

    /// <summary>IEEE float, 32 bits.</summary>
    Float = 1,

    /// <summary>Whole numbers 0 to 255.</summary>
    UInt8 = 2,

    /// <summary>Whole numbers −128 to 127.</summary>
    Int8 = 3,

    /// <summary>Whole numbers 0 to 65 535.</summary>
    UInt16 = 4,

    /// <summary>Whole numbers −32 768 to 32 767.</summary>
    Int16 = 5,

    /// <summary>Whole numbers of 32 bits, signed.</summary>
    Int32 = 6,

    /// <summary>Whole numbers of 64 bits, signed: what shapes and indices are.</summary>
    Int64 = 7,

    /// <summary>Text in UTF-8; of no fixed size, so it is never drawn.</summary>
    String = 8,

    /// <summary>True or false, a byte each.</summary>
    Bool = 9,

    /// <summary>IEEE float, 16 bits: 5 of exponent, 10 of fraction.</summary>
    Float16 = 10,

    /// <summary>IEEE float, 64 bits.</summary>
    Double = 11,

    /// <summary>Whole numbers of 32 bits, unsigned.</summary>
    UInt32 = 12,

    /// <summary>Whole numbers of 64 bits, unsigned.</summary>
    UInt64 = 13,

    /// <summary>Real and imaginary part, 32-bit floats.</summary>
    Complex64 = 14,

    /// <summary>Real and imaginary part, 64-bit floats.</summary>
    Complex128 = 15,

    /// <summary>The upper half of a 32-bit float: 8 bits of exponent, 7 of fraction.</summary>
    BFloat16 = 16,

    /// <summary>8-bit float with 4 bits of exponent and 3 of fraction; NaN, no infinities.</summary>
    Float8E4M3FN = 17,

    /// <summary>As E4M3FN with another bias: NaN in place of −0.</summary>
    Float8E4M3FNUZ = 18,

    /// <summary>8-bit float with 5 bits of exponent and 2 of fraction; NaN and infinities.</summary>
    Float8E5M2 = 19,

    /// <summary>As E5M2 with another bias: NaN in place of −0, no infinities.</summary>
    Float8E5M2FNUZ = 20,

    /// <summary>Whole numbers 0 to 15, two in a byte, the first in the lower half.</summary>
    UInt4 = 21,

    /// <summary>Whole numbers −8 to 7, two in a byte, the first in the lower half.</summary>
    Int4 = 22,

    /// <summary>4-bit float, ±6 at most, two in a byte.</summary>
    Float4E2M1 = 23,

    /// <summary>Powers of two, 2^−127 to 2^127, and NaN: scales of blocks.</summary>
    Float8E8M0 = 24,

    /// <summary>Whole numbers 0 to 3, four in a byte.</summary>
    UInt2 = 25,

    /// <summary>Whole numbers −2 to 1, four in a byte.</summary>
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
    /// <param name="type">Type of the elements.</param>
    public static string DisplayName(this ElementType type) => Facts.TryGetValue(type, out var fact) ? fact.Name
        : type == ElementType.String ? "string"
        : $"undefined({(int)type})";

    /// <summary>True for every type of fixed size, so for all but strings and unknown numbers.</summary>
    /// <param name="type">Type of the elements.</param>
    public static bool HasFixedSize(this ElementType type) => Facts.ContainsKey(type);

    /// <summary>True for float16, bfloat16, float32 and float64.</summary>
    /// <param name="type">Type of the elements.</param>
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
