using System.Text;
using CnnOnnx.Files;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class CsvWriterTests
{
    [TestMethod]
    public void Field_WithCommaQuoteOrBreak_IsQuoted()
    {
        using var file = new MemoryStream();
        using var csv = new CsvWriter(file);
        csv.Field("a,b").Field("say \"x\"").Field("two\nlines").Field("plain").Field("").EndRow();
        csv.Field(1.5f).Field(double.NaN).Field(3).EndRow();
        Assert.AreEqual("\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",plain,\r\n1.5,NaN,3\r\n", Written(csv, file));
    }

    [TestMethod]
    public void Escaped_FieldsMadeOnce_StandAsIfWrittenOneByOne()
    {
        using var file = new MemoryStream();
        using var csv = new CsvWriter(file);
        byte[] repeated = CsvWriter.Escape("a,b", "", "c");
        csv.Escaped(repeated).Field(1).EndRow();
        csv.Field(-2.5).Escaped(repeated).EndRow();
        Assert.AreEqual("\"a,b\",,c,1\r\n-2.5,\"a,b\",,c\r\n", Written(csv, file));
    }

    [TestMethod]
    public void Rows_OfAnyLength_AreAllThere()
    {
        using var file = new MemoryStream();
        using var csv = new CsvWriter(file);
        string[] names = [.. new[] { 1, 65_535, 65_536, 200_000, 3 }.Select(length => new string('x', length))];
        foreach (string name in names)
        {
            csv.Field(name).Field(7).Field(name);
            csv.EndRow();
        }

        Assert.AreEqual(string.Concat(names.Select(name => $"{name},7,{name}\r\n")), Written(csv, file));
    }

    private static string Written(CsvWriter csv, MemoryStream file)
    {
        csv.Dispose();
        return Encoding.UTF8.GetString(file.ToArray());
    }
}
