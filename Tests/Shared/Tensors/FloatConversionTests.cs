using System.Runtime.InteropServices;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Tensors;

[TestClass]
public sealed class FloatConversionTests
{
    [TestMethod]
    public void ToFloat_EveryNumericType_GivesItsValues()
    {
        AssertConverts(ElementType.Float, [1.5f, -2f, float.NaN], 1.5f, -2, float.NaN);
        AssertConverts(ElementType.Double, [1.5, -2e300, 1e-3], 1.5f, float.NegativeInfinity, 1e-3f);
        AssertConverts(ElementType.Float16, [(Half)1.5f, Half.NegativeInfinity, Half.Epsilon], 1.5f, float.NegativeInfinity, 5.9604645e-8f);
        AssertConverts(ElementType.BFloat16, [(ushort)0x3fc0, (ushort)0xc000, (ushort)0x7f80], 1.5f, -2, float.PositiveInfinity);
        AssertConverts<sbyte>(ElementType.Int8, [1, -128, 127], 1, -128, 127);
        AssertConverts<short>(ElementType.Int16, [1, short.MinValue], 1, -32768);
        AssertConverts<int>(ElementType.Int32, [1, int.MinValue, 16_777_217], 1, -2147483648f, 16_777_216);
        AssertConverts<long>(ElementType.Int64, [1, long.MinValue], 1, -9.223372e18f);
        AssertConverts<byte>(ElementType.UInt8, [1, 255], 1, 255);
        AssertConverts<ushort>(ElementType.UInt16, [1, 65535], 1, 65535);
        AssertConverts<uint>(ElementType.UInt32, [1, uint.MaxValue], 1, 4294967295f);
        AssertConverts<ulong>(ElementType.UInt64, [1, ulong.MaxValue], 1, 1.8446744e19f);
        AssertConverts(ElementType.Bool, [true, false], 1, 0);
    }

    [TestMethod]
    public void ToFloat_EveryByteAtEveryPlace_IsItsValue()
    {
        for (int length = 0; length < 300; length++)
        {
            byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
            float[] signed = new float[length], unsigned = new float[length];
            FloatConversion.ToFloat(ElementType.Int8, bytes, signed);
            FloatConversion.ToFloat(ElementType.UInt8, bytes, unsigned);
            CollectionAssert.AreEqual(Array.ConvertAll(bytes, b => (float)(sbyte)b), signed);
            CollectionAssert.AreEqual(Array.ConvertAll(bytes, b => (float)b), unsigned);
        }
    }

    [TestMethod]
    public void ToFloat_TypesThatAreNoNumbers_AreRefused()
    {
        foreach (ElementType type in new[] { ElementType.String, ElementType.Complex64, ElementType.Int4, ElementType.Float8E5M2 })
        {
            Assert.IsFalse(FloatConversion.CanConvert(type));
            Assert.ThrowsExactly<BadInputException>(() => FloatConversion.ToFloat(type, new byte[8], new float[1]));
        }
    }

    [TestMethod]
    public void ToFloat_OtherLength_IsRefused() =>
        Assert.AreEqual("3 elements of float64 take 24 bytes, got 16.",
            Assert.ThrowsExactly<ArgumentException>(() => FloatConversion.ToFloat(ElementType.Double, new byte[16], new float[3])).Message);

    private static void AssertConverts<T>(ElementType type, T[] values, params float[] expected) where T : unmanaged
    {
        // Long enough for whole vectors and a rest.
        T[] many = [.. Enumerable.Range(0, 37).Select(i => values[i % values.Length])];
        float[] actual = new float[many.Length];
        FloatConversion.ToFloat(type, MemoryMarshal.AsBytes(many.AsSpan()), actual);
        for (int i = 0; i < actual.Length; i++)
            Assert.AreEqual(expected[i % values.Length], actual[i], $"{type.DisplayName()} {many[i]}");
    }
}
