using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class SpanWriterTests
{
    [TestMethod]
    public void Write_Numbers_GivesTheBytesOfBinaryWriter()
    {
        using var stream = new MemoryStream();
        using (var expected = new BinaryWriter(stream))
        {
            expected.Write(-123_456_789);
            expected.Write(-0.1f);
            expected.Write(Math.PI);
            expected.Write(float.NaN);
        }

        var writer = new SpanWriter(new byte[100]);
        writer.Write(-123_456_789);
        writer.Write(-0.1f);
        writer.Write(Math.PI);
        writer.Write(float.NaN);

        CollectionAssert.AreEqual(stream.ToArray(), writer.Written.ToArray());
    }
}
