using CnnOnnx.Visualizer.Statistics;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class CsvWriterTests
{
    [TestMethod]
    public void Field_WithCommaQuoteOrBreak_IsQuoted()
    {
        var text = new StringWriter();
        var csv = new CsvWriter(text);
        csv.Field("a,b").Field("say \"x\"").Field("two\nlines").Field("plain").Field("").EndRow();
        csv.Field(1.5f).Field(double.NaN).Field(3).EndRow();
        Assert.AreEqual("\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",plain,\r\n1.5,NaN,3\r\n", text.ToString());
    }

    [TestMethod]
    public void Escaped_FieldsMadeOnce_StandAsIfWrittenOneByOne()
    {
        var text = new StringWriter();
        var csv = new CsvWriter(text);
        string repeated = CsvWriter.Escape("a,b", "", "c");
        csv.Escaped(repeated).Field(1).EndRow();
        csv.Field(-2.5).Escaped(repeated).EndRow();
        Assert.AreEqual("\"a,b\",,c,1\r\n-2.5,\"a,b\",,c\r\n", text.ToString());
    }
}
