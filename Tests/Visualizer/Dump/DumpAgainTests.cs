using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Dump;

/// <summary>A folder belongs to the results in it: those of yesterday go, what others put there stays and is asked about.</summary>
[TestClass]
public sealed class DumpAgainTests
{
    private readonly TemporaryFolder _folder = new();
    private string _model = "", _picture = "";

    private string Out => _folder.File("out");

    [TestInitialize]
    public void WriteInputs() => (_model, _picture) = (SmallNetworks.LeNet().SaveTo(_folder), TestPictures.Write(_folder.File("p.png")));

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Dump_WithFewerFiles_RemovesThoseOfBefore()
    {
        Dump("--each-channel", "--npy", "--raw", "--interchange");
        string[] before = Files();
        Dump("--ops", "Conv");
        string[] after = Files();
        Assert.IsGreaterThan(40, before.Length);
        Assert.IsTrue(after.All(before.Contains));
        Assert.HasCount(2, after.Where(file => file.StartsWith("mosaics/", StringComparison.Ordinal)));
        Assert.IsFalse(Directory.Exists(Path.Combine(Out, "channels")), "An empty folder goes with its files.");
        CollectionAssert.AreEquivalent(after.Where(file => file != "manifest.json").ToArray(), Listed(""));
    }

    [TestMethod]
    public void Dump_AsBefore_HasTheFilesOfAFreshFolder()
    {
        Dump();
        string[] fresh = Files();
        Dump();
        CollectionAssert.AreEqual(fresh, Files());
    }

    [TestMethod]
    public void Dump_OneAfterSeveralAndBack_LeavesNothingOfTheOther()
    {
        Dump();
        string[] one = Files();
        string[] inputs = [.. Enumerable.Range(0, 3).Select(i => TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i))];
        Dump(inputs);
        string[] several = Files();
        Assert.Contains("survey.json", several);
        Assert.IsFalse(several.Any(file => file.StartsWith("mosaics/", StringComparison.Ordinal)), "The folders below have their own.");
        Dump(inputs[..2]);
        Assert.IsFalse(Directory.Exists(Path.Combine(Out, "2")));
        Dump();
        CollectionAssert.AreEqual(one, Files());
    }

    [TestMethod]
    public void Dump_ResumedWithOtherInputs_KeepsThoseOfBefore()
    {
        string[] inputs = [.. Enumerable.Range(0, 4).Select(i => TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i))];
        Dump(inputs[..2]);
        Dump([.. inputs[2..], "--resume"]);
        foreach (string folder in new[] { "0", "1", "2", "3" })
            Assert.IsTrue(File.Exists(Path.Combine(Out, folder, "manifest.json")), folder);
    }

    [TestMethod]
    public void Dump_FilesOfOthers_AreRefusedAndStay()
    {
        string mine = _folder.File("out", "notes", "mine.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(mine)!);
        File.WriteAllText(mine, "mine");
        foreach (string[] command in new string[][] { ["dump", _model, _picture, "-o", Out], ["kernels", _model, "-o", Out] })
        {
            ProgramRun run = ProgramRun.Visualizer(command);
            Assert.AreEqual((2, $"error: {Out}: holds a file that no run made, such as 'notes/mine.txt'; give an empty folder, or --force "
                + "to write beside them"), (run.ExitCode, run.LastError));
            CollectionAssert.AreEqual(new[] { "notes/mine.txt" }, Files());
        }

        Dump("--force");
        Assert.AreEqual(2, ProgramRun.Visualizer("dump", _model, _picture, "-o", Out).ExitCode, "They are still those of others.");
        Dump("--force", "--without", "mosaics,report,kernels,pca,stats");
        CollectionAssert.AreEqual(new[] { "input-network.png", "input.png", "manifest.json", "notes/mine.txt" }, Files());
        Assert.IsFalse(Listed("").Contains("notes/mine.txt"));
        Assert.AreEqual("mine", File.ReadAllText(mine));
    }

    [TestMethod]
    public void Kernels_OverADump_AreAlone()
    {
        Dump();
        Assert.AreEqual(0, ProgramRun.Visualizer("kernels", _model, "-o", Out).ExitCode);
        Assert.HasCount(7, Files());
        Dump();
        Assert.Contains("stats.csv", Files());
    }

    // A manifest from elsewhere may list anything.
    [TestMethod]
    public void Dump_ManifestThatListsFilesOutside_RemovesNoneOfThem()
    {
        Dump();
        string manifest = _folder.File("out", "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"stats.csv\"", "\"stats.csv\", \"../p.png\", \"/etc/hostname\"",
            StringComparison.Ordinal));
        Dump();
        Assert.IsTrue(File.Exists(_picture));
    }

    [TestMethod]
    public void Dump_RunThatWasKilled_IsClearedAway()
    {
        Dump();
        string[] fresh = Files();
        // As a run leaves it that had no time to say so: no manifest, a mark, and what was drawn, of another selection.
        File.Delete(_folder.File("out", "manifest.json"));
        File.WriteAllText(_folder.File("out", ".unfinished"), "");
        File.Move(_folder.File("out", "mosaics", "0000_conv1_Conv.png"), _folder.File("out", "mosaics", "0099_other_Conv.png"));
        Dump();
        CollectionAssert.AreEqual(fresh, Files());
        Assert.IsFalse(File.Exists(_folder.File("out", ".unfinished")));
    }

    private void Dump(params string[] more)
    {
        string[] inputs = [.. more.Where(File.Exists)];
        ProgramRun run = ProgramRun.Visualizer(["dump", _model, .. inputs.Length > 0 ? inputs : [_picture], "-o", Out,
            .. more.Except(inputs)]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
    }

    private string[] Files() => [.. Directory.GetFiles(Out, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Out, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private string[] Listed(string folder) => [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(Out, folder, "manifest.json")))
        .RootElement.GetProperty("files").EnumerateArray().Select(file => file.GetString()!)];
}
