using CnnOnnx.Pages;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Pages;

[TestClass]
public sealed class PagePicturesTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Figure_WhereAllHaveRoom_IsPutIntoThePage() =>
        Assert.Contains(
            "src=\"data:image/png;base64,AQID\" width=\"7\" height=\"5\" alt=\"a &amp; b\"", Figure(Pictures([("a.png", 3)], []), "a.png"));

    [TestMethod]
    public void Figure_WhereAllHaveNoRoom_LargeOnesStayFiles()
    {
        PagePictures pictures = Pictures([("mosaics/a #?.png", 8 << 20), ("b.png", 1)], []);
        Assert.Contains("src=\"mosaics/a%20%23%3F.png\"", Figure(pictures, "mosaics/a #?.png"));
        Assert.Contains("src=\"data:", Figure(pictures, "b.png"));
    }

    [TestMethod]
    public void Figure_WhereAllHaveNoRoom_MapsComeBeforeKernels()
    {
        (string, int)[] maps = [.. Enumerable.Range(0, 5).Select(i => ($"map{i}.png", 500 << 10))];
        (string, int)[] kernels = [.. Enumerable.Range(0, 14).Select(i => ($"kernel{i}.png", 499 << 10))];
        PagePictures pictures = Pictures(maps, kernels);
        // 3 MiB hold 6 of 500 kiB, 8 MiB would have held 16.
        CollectionAssert.AreEqual(new[] { "map0.png", "map1.png", "map2.png", "map3.png", "map4.png", "kernel0.png" },
            maps.Concat(kernels).Select(p => p.Item1).Where(pictures.IsEmbedded).ToArray());
    }

    [TestMethod]
    public void Figure_Jpeg_IsCalledSo() => Assert.Contains("src=\"data:image/jpeg;base64,", Figure(Pictures([("a.jpg", 3)], []), "a.jpg"));

    private PagePictures Pictures((string File, int Size)[] maps, (string File, int Size)[] kernels)
    {
        foreach ((string file, int size) in maps.Concat(kernels))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(file))!);
            File.WriteAllBytes(_folder.File(file), size == 3 ? [1, 2, 3] : new byte[size]);
        }

        return new PagePictures(_folder.Path, maps.Select(m => m.File), kernels.Select(k => k.File));
    }

    private static string Figure(PagePictures pictures, string file) =>
        pictures.Figure(new WrittenPicture(file, 7, 5), "a & b", "", "maps").Text;
}
