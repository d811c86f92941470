using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Commands;

/// <summary>visualizer dump --without: nothing is written that nobody wants.</summary>
[TestClass]
public sealed class DumpPartsTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("mosaics", "kernels pca index.html stats.csv")]
    [DataRow("report", "kernels mosaics pca stats.csv")]
    [DataRow("kernels,pca", "mosaics index.html stats.csv")]
    [DataRow("Mosaics,Report,Kernels,Pca,Stats", "")]
    public void Without_Parts_LeavesTheOthers(string parts, string left)
    {
        Dump("--without", parts);
        Assert.AreEqual(left, string.Join(' ',
            new[] { "kernels", "mosaics", "pca", "index.html", "stats.csv" }.Where(name => Path.Exists(_folder.File("out", name)))));
        Assert.IsTrue(File.Exists(_folder.File("out", "manifest.json")));
    }

    [TestMethod]
    public void Without_AllButChannels_LeavesChannels()
    {
        Dump("--each-channel", "--without", "mosaics,report,kernels", "--without", "pca,stats");
        CollectionAssert.AreEquivalent(new[] { "channels", "input-network.png", "input.png", "manifest.json" },
            Directory.EnumerateFileSystemEntries(_folder.File("out")).Select(Path.GetFileName).ToArray());
        Assert.HasCount(6, Directory.GetFiles(_folder.File("out", "channels", "conv1")));
    }

    [TestMethod]
    public void Without_Report_NamesTheFolderAndResumes()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        for (int i = 0; i < 2; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i);
        string[] arguments = ["dump", model, _folder.File("in"), "--out", _folder.File("out"), "--without", "mosaics,report"];
        Assert.EndsWith(_folder.File("out"), ProgramRun.Visualizer(arguments).Output.TrimEnd());
        Assert.IsEmpty(Directory.GetFiles(_folder.File("out"), "*.html", SearchOption.AllDirectories));
        Assert.IsTrue(File.Exists(_folder.File("out", "survey.json")));
        Assert.Contains("2 of 2 inputs were done already", ProgramRun.Visualizer([.. arguments, "--resume"]).Error);
        Assert.DoesNotContain("done already", ProgramRun.Visualizer([.. arguments[..^1], "report", "--resume"]).Error);
    }

    [TestMethod]
    public void Without_UnknownPart_IsAnErrorOfOneLine()
    {
        ProgramRun run = ProgramRun.Visualizer("dump", "m.onnx", "a.png", "--out", "out", "--without", "mosaics,tables");
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith("error: --without has 'tables', expected some of mosaics, report, kernels, pca, stats, folders.", run.LastError);
    }

    private void Dump(params string[] more)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("a.png"));
        ProgramRun run = ProgramRun.Visualizer(["dump", model, picture, "--out", _folder.File("out"), .. more]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
    }
}
