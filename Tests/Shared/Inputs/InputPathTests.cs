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
    public void Of_Folder_CountsWhatIsLeftOutByKind()
    {
        foreach (string path in new[] { "README", "more.TXT", "deep/c.heic", "__MACOSX/._b.png", "deep/__MACOSX/a.png", ".hidden.txt" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(path))!);
            File.WriteAllText(_folder.File(path), "");
        }

        InputList inputs = InputList.Of([_folder.Path], recursive: true);
        Assert.AreEqual(5, inputs.Count());
        Assert.AreEqual("1 .heic, 2 .txt, 1 without an ending", string.Join(", ", inputs.LeftOut.Select(l => $"{l.Value} {l.Key}")));
    }

    [TestMethod]
    public void Of_FolderOfOtherFiles_SaysWhichThereAre()
    {
        Directory.CreateDirectory(_folder.File("texts"));
        File.WriteAllText(_folder.File("texts", "a.txt"), "");
        Assert.AreEqual($"{_folder.File("texts")}: holds no pictures or NumPy files, but .txt (1)",
            Assert.ThrowsExactly<BadInputException>(() => InputList.Of([_folder.File("texts")], recursive: true)).Message);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Of_LinksToFoldersAbove_AreNotFollowed()
    {
        string elsewhere = _folder.File("elsewhere"), set = _folder.File("set");
        Directory.CreateDirectory(Path.Combine(set, "sub"));
        Directory.CreateDirectory(elsewhere);
        File.WriteAllText(Path.Combine(elsewhere, "e.png"), "");
        File.WriteAllText(Path.Combine(set, "s.png"), "");
        Directory.CreateSymbolicLink(Path.Combine(set, "sub", "round"), set);
        Directory.CreateSymbolicLink(Path.Combine(set, "sub", "up"), "../..");
        Directory.CreateSymbolicLink(Path.Combine(set, "self"), ".");
        Directory.CreateSymbolicLink(Path.Combine(set, "other"), elsewhere);
        // Two folders that lead to one another.
        Directory.CreateSymbolicLink(Path.Combine(elsewhere, "back"), set);

        InputList inputs = InputList.Of([set], recursive: true);
        Assert.AreEqual("other/e|s", string.Join('|', inputs.Items().Select(i => i.Name)));
        Assert.AreEqual("[link to a folder above, 4]", string.Join(", ", inputs.LeftOut));
    }

    [TestMethod]
    public void Of_OwnResultsAndDumps_AreNotRead()
    {
        foreach (string path in new[] { "out/x.png", "old/mosaics/y.png", "many/kernels/w.png", "weights/kernels/w.png", "kept/z.png" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(path))!);
            File.WriteAllText(_folder.File(path), "");
        }

        File.WriteAllText(_folder.File("old", "manifest.json"), """{"fingerprint": "1"}""");
        File.WriteAllText(_folder.File("many", "survey.json"), """{"pictures": 2}""");
        File.WriteAllText(_folder.File("weights", "manifest.json"), """{"model": {}, "kernels": []}""");
        // A web page's.
        File.WriteAllText(_folder.File("kept", "manifest.json"), """{"name": "app"}""");
        InputList inputs = InputList.Of([_folder.Path], recursive: true, results: _folder.File("out"));
        Assert.AreEqual("a|b|deep/a|deep/deeper/c|kept/z|x", string.Join('|', inputs.Items().Select(i => i.Name.Replace('\\', '/'))));
        Assert.AreEqual(4, inputs.LeftOut["folder of results"]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Read_NameThatIsNotUtf8_SaysSo()
    {
        string folder = _folder.File("names");
        Directory.CreateDirectory(folder);
        // A shell writes the byte E9, an é of Latin-1.
        Shell($"cp '{TestPictures.Write(_folder.File("p.png"))}' '{folder}/'$'caf\\xe9.png'");
        InputItem item = InputList.Of([folder]).Items().Single();
        Assert.AreEqual($"{item.Path}: its name is not UTF-8, so it cannot be opened; rename it, expected a picture",
            Assert.ThrowsExactly<BadInputException>(() => item.Open().Dispose()).Message);
        Shell($"rm -r '{folder}'");

        static void Shell(string command)
        {
            using var shell = System.Diagnostics.Process.Start("bash", ["-c", command]);
            shell.WaitForExit();
        }
    }

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
        Assert.AreEqual($"{_folder.File("empty")}: holds no pictures or NumPy files; its folders were not looked into",
            Assert.ThrowsExactly<BadInputException>(() => InputPath.Expand([_folder.File("empty")])).Message);
        Assert.AreEqual($"{_folder.File("*.gif")}: matches no file",
            Assert.ThrowsExactly<BadInputException>(() => InputPath.Expand([_folder.File("*.gif")])).Message);
    }

    private static string Names(string[] inputs, bool recursive = false) =>
        string.Join('|', InputPath.Expand(inputs, recursive).Select(i => i.Name.Replace('\\', '/')));
}
