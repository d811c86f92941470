using CnnOnnx.Files;

namespace CnnOnnx.Tests.Files;

[TestClass]
public sealed class ByteSizeTests
{
    [TestMethod]
    [DataRow("512M", 512L << 20)]
    [DataRow("2g", 2L << 30)]
    [DataRow("1.5K", 1536)]
    [DataRow("64MiB", 64L << 20)]
    [DataRow("100", 100)]
    public void Parse_Sizes_ArePowersOf1024(string text, long bytes) => Assert.AreEqual(bytes, ByteSize.Parse(text, "--memory"));

    [TestMethod]
    [DataRow("")]
    [DataRow("M")]
    [DataRow("-1G")]
    [DataRow("0")]
    [DataRow("12Q")]
    [DataRow("1e30T")]
    public void Parse_NoSize_SaysWhatIsExpected(string text)
    {
        var fault = Assert.ThrowsExactly<BadInputException>(() => ByteSize.Parse(text, "--memory"));
        Assert.AreEqual($"--memory is '{text}', expected a size such as 512M or 2G", fault.Message);
    }

    [TestMethod]
    [DataRow(1023, "1023 bytes")]
    [DataRow(1536, "1.5 KiB")]
    [DataRow(3L << 30, "3 GiB")]
    public void Text_Bytes_HaveAUnit(long bytes, string text) => Assert.AreEqual(text, ByteSize.Text(bytes));
}
