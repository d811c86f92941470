using CnnOnnx.Inputs;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Inputs;

[TestClass]
public sealed class InputPathTests
{
    private readonly TemporaryFolder _folder = new();

    [TestInitialize]
    public void MakeFiles()
    {
        foreach (string path in new[] { "b.png", "a.JPG", "notes.txt", "x.npy", "deep/a.jpg", "deep/deeper/c.webp" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(path))!);
            File.WriteAllText(_folder.File(path), "");
        }
    }

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Expand_Folder_GivesPicturesAndNumbersInOrder() => Assert.AreEqual("a|b|x", Names([_folder.Path]));

    [TestMethod]
    public void Expand_FolderRecursive_NamesThemByTheirPathBelowIt() =>
        Assert.AreEqual("a|b|deep/a|deep/deeper/c|x", Names([_folder.Path], recursive: true));

    [TestMethod]
    public void Expand_PatternRecursive_LooksIntoFolders() => Assert.AreEqual("deep/a", Names([_folder.File("*.jpg")], recursive: true));

    [TestMethod]
    public void Expand_SameFileTwice_GivesItOnce() => Assert.AreEqual("b", Names([_folder.File("b.png"), _folder.File("b*")]));

    [TestMethod]
    public void Expand_CameraAndVideo_AreVideos()
    {
        IReadOnlyList<InputPath> paths = InputPath.Expand(["camera:2", "clip.MP4", "cat.jpg", "camera:x"]);
        Assert.AreEqual("camera_2 True 2|clip True |cat False |camera:x False ",
            string.Join('|', paths.Select(p => $"{p.Name} {p.IsVideo} {p.Camera}")));
    }

    [TestMethod]
    public void Expand_Nothing_SaysWhy()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        Assert.AreEqual($"{_folder.File("empty")}: holds no pictures or NumPy files; --recursive looks into its folders, too",
            Assert.ThrowsExactly<BadInputException>(() => InputPath.Expand([_folder.File("empty")])).Message);
        Assert.AreEqual($"{_folder.File("*.gif")}: matches no file",
            Assert.ThrowsExactly<BadInputException>(() => InputPath.Expand([_folder.File("*.gif")])).Message);
    }

    private static string Names(string[] inputs, bool recursive = false) =>
        string.Join('|', InputPath.Expand(inputs, recursive).Select(i => i.Name.Replace('\\', '/')));
}
