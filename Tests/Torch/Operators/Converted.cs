using System.Runtime.InteropServices;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Operators;

/// <summary>The same numbers in another type of float.</summary>
internal static class Converted
{
    public static TensorData ToHalf(TensorData floats) =>
        From(ElementType.Float16, floats.Shape, Array.ConvertAll(OperatorCheck.Numbers(floats), v => (Half)v));

    public static TensorData ToFloat(TensorData numbers) =>
        From(ElementType.Float, numbers.Shape, Array.ConvertAll(OperatorCheck.Numbers(numbers), v => (float)v));

    public static TensorData ToDouble(TensorData numbers) => From(ElementType.Double, numbers.Shape, OperatorCheck.Numbers(numbers));

    /// <summary>Rounded to bfloat16: the upper half of a float, half of the last place added before the cut.</summary>
    public static TensorData ToBFloat16(TensorData floats) => From(ElementType.BFloat16, floats.Shape,
        Array.ConvertAll(OperatorCheck.Numbers(floats), v => (ushort)((BitConverter.SingleToUInt32Bits((float)v) + 0x8000) >> 16)));

    public static TensorData From<T>(ElementType type, TensorShape shape, T[] values) where T : unmanaged =>
        new(type, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
