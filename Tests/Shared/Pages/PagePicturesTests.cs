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
    [DataRow("a.png", "data:image/png;base64,AQID")]
    [DataRow("a.jpg", "data:image/jpeg;base64,AQID")]
    public void Embedded_WhereThereIsRoom_IsPutIntoThePage(string file, string expected)
    {
        File.WriteAllBytes(_folder.File(file), [1, 2, 3]);
        Assert.AreEqual(expected, new PagePictures(_folder.Path).Embedded(file).Text);
        Assert.AreEqual(file, new PagePictures(_folder.Path, room: 0).Embedded(file).Text);
    }

    [TestMethod]
    public void Embedded_WhereThereIsNoRoomLeft_StaysAFile()
    {
        Directory.CreateDirectory(_folder.File("mosaics"));
        File.WriteAllBytes(_folder.File("mosaics/a #?.png"), new byte[50]);
        var pictures = new PagePictures(_folder.Path, room: 60);
        Assert.StartsWith("data:", pictures.Embedded("mosaics/a #?.png").Text);
        Assert.AreEqual("mosaics/a%20%23%3F.png", pictures.Embedded("mosaics/a #?.png").Text);
    }

    [TestMethod]
    public void Embedded_FileThatIsGone_IsToldByItsPath()
    {
        BadInputException fault = Assert.ThrowsExactly<BadInputException>(() => new PagePictures(_folder.Path).Embedded("gone.png"));
        Assert.StartsWith($"{_folder.File("gone.png")}: cannot be read: ", fault.Message);
    }
}
