using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Report;

namespace CnnOnnx.Tests.Report;

[TestClass]
public sealed class ReportPicturesTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Figure_SmallPicture_IsPutIntoThePage()
    {
        Assert.Contains("src=\"data:image/png;base64,AQID\" width=\"7\" height=\"5\" alt=\"a &amp; b\"",
            Figure(new ReportPictures(_folder.Path), "a.png", 3, [1, 2, 3]));
    }

    [TestMethod]
    public void Figure_LargePicture_StaysAFile() =>
        Assert.Contains("src=\"mosaics/a%20%23%3F.png\"", Figure(new ReportPictures(_folder.Path), "mosaics/a #?.png", (512 << 10) + 1));

    [TestMethod]
    public void Figure_ManyPictures_FillTheRoomAndThenStayFiles()
    {
        var pictures = new ReportPictures(_folder.Path);
        bool[] embedded = [.. Enumerable.Range(0, 18).Select(i => Figure(pictures, $"{i}.png", 500 << 10).Contains("data:", StringComparison.Ordinal))];
        // 8 MiB hold 16 of 500 kiB.
        Assert.AreEqual(16, embedded.Count(e => e));
        Assert.IsFalse(embedded[17]);
    }

    private string Figure(ReportPictures pictures, string file, int size, byte[]? bytes = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(file))!);
        File.WriteAllBytes(_folder.File(file), bytes ?? new byte[size]);
        return pictures.Figure(new PictureRecord(file, 7, 5), "a & b", "", "maps").Text;
    }
}
