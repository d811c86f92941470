using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class ElementWriterTests
{
    [TestMethod]
    [DataRow(ElementType.UInt8, new[] { -3f, 0.4f, 1.6f, 300f }, new[] { 0f, 0, 2, 255 })]
    [DataRow(ElementType.Int8, new[] { -300f, -1.6f, 1.4f, 300f }, new[] { -128f, -2, 1, 127 })]
    [DataRow(ElementType.Int32, new[] { -1e12f, -0.6f, 7f, 1e12f }, new[] { int.MinValue, -1f, 7, int.MaxValue })]
    [DataRow(ElementType.Int64, new[] { -2.5f, 0f, 3.5f, 1e6f }, new[] { -2f, 0, 4, 1e6f })]
    [DataRow(ElementType.Bool, new[] { 0f, 1f, -0f, 0.5f }, new[] { 0f, 1, 0, 1 })]
    [DataRow(ElementType.Double, new[] { -1.25f, 0f, float.MaxValue, 1e-30f }, new[] { -1.25f, 0, float.MaxValue, 1e-30f })]
    [DataRow(ElementType.Float16, new[] { 1.00048828125f, 65504f, 1e6f, -1e-8f }, new[] { 1f, 65504, float.PositiveInfinity, 0 })]
    public void Write_Floats_AreRoundedAndHeldInRange(ElementType type, float[] values, float[] expected)
    {
        byte[] elements = new byte[type.SizeInBytes(values.Length)];
        ElementWriter.Write(values, type, elements);

        float[] read = new float[values.Length];
        FloatConversion.ToFloat(type, elements, read);
        CollectionAssert.AreEqual(expected, read);
    }

    // bfloat16 keeps 8 bits of the fraction's 24: 1 + 2^-8 lies between two of them and goes to the even one, 1; three times
    // that goes up to 1 + 2^-6.
    [TestMethod]
    [DataRow(1f + 1 / 256f, 0x3f80)]
    [DataRow(1f + 3 / 256f, 0x3f82)]
    [DataRow(1f + 1.01f / 256f, 0x3f81)]
    [DataRow(float.PositiveInfinity, 0x7f80)]
    [DataRow(-2f, 0xc000)]
    public void Write_BFloat16_RoundsToEven(float value, int bits)
    {
        byte[] elements = new byte[2];
        ElementWriter.Write([value], ElementType.BFloat16, elements);
        Assert.AreEqual(bits, BitConverter.ToUInt16(elements));
    }

    [TestMethod]
    public void Write_BFloat16_NaNStaysNaN()
    {
        byte[] elements = new byte[2];
        // A NaN whose telling bits are all in the half that is cut off.
        ElementWriter.Write([BitConverter.UInt32BitsToSingle(0x7f800001)], ElementType.BFloat16, elements);
        float[] read = new float[1];
        FloatConversion.ToFloat(ElementType.BFloat16, elements, read);
        Assert.IsTrue(float.IsNaN(read[0]));
    }
}
