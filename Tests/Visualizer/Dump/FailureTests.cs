using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Dump;

/// <summary>What goes wrong around a long dump is told in one line, and what was finished before stays whole.</summary>
[TestClass]
public sealed class FailureTests
{
    private const int Pictures = 60;

    // What a shell says when it could not do its part.
    private const int NotPossible = 77;

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Dump_FullDisk_StopsInOneLine()
    {
        // A disk in memory that only this process sees; it is gone with it, so what was on it is copied away.
        const string Script = "disk=$1; kept=$2; shift 2; mount -t tmpfs -o size=1500k tmpfs \"$disk\" || exit 77; "
            + "dotnet \"$@\"; code=$?; cp -r \"$disk/.\" \"$kept\"; exit $code";
        string disk = _folder.File("out"), kept = _folder.File("kept");
        Directory.CreateDirectory(disk);
        Directory.CreateDirectory(kept);
        ProgramRun run;
        try
        {
            using Process process = VisualizerProcess.Start("unshare",
                ["-Urm", "sh", "-c", Script, "sh", disk, kept, VisualizerProcess.Program, "dump", Model(), Inputs(), "--out", disk,
                    "--no-kernels"]);
            run = process.Finish();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            run = new ProgramRun(NotPossible, "", "there is no unshare");
        }

        if (run.ExitCode is NotPossible or 1)
            Assert.Inconclusive($"Skipped: no small disk can be made here ({run.LastError}).");
        Assert.AreEqual(2, run.ExitCode, run.Error);
        Assert.Contains("No space left on device", run.LastError);
        Assert.DoesNotContain(".part", run.LastError);
        Assert.DoesNotContain("   at ", run.Error);
        AssertNoRemains(kept);
        AssertWhole(kept);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Dump_Interrupted_LeavesWholeFilesAndAnOverview()
    {
        string folder = _folder.File("out");
        using Process process = VisualizerProcess.Start("dump", Model(), Inputs(), "--out", folder, "--quiet");
        process.WaitUntil(() => Finished(folder).Length >= 3);
        // A second one, of somebody who cannot wait or of a script that hands it on, changes nothing.
        using (Process.Start("sh", ["-c", $"kill -INT {process.Id}; kill -TERM {process.Id}; kill -INT {process.Id}"]))
        {
        }

        ProgramRun run = process.Finish();

        Assert.AreEqual((130, "interrupted"), (run.ExitCode, run.LastError));
        AssertNoRemains(folder);
        AssertWhole(folder);
        int done = Finished(folder).Length;
        Assert.IsTrue(done is >= 3 and < Pictures, $"{done} of {Pictures}");
        Assert.Contains($"{done} inputs", File.ReadAllText(Path.Combine(folder, "index.html")));
        Assert.AreEqual(done,
            JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "survey.json"))).RootElement.GetProperty("pictures").GetInt32());
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Dump_FolderRemovedOnTheWay_StopsInOneLine()
    {
        string folder = _folder.File("out");
        using Process process = VisualizerProcess.Start("dump", Model(), Inputs(), "--out", folder, "--quiet");
        process.WaitUntil(() => Finished(folder).Length >= 2);
        // As a whole and at once, which deleting one file after another is not.
        Directory.Move(folder, _folder.File("elsewhere"));
        ProgramRun run = process.Finish();

        Assert.AreEqual(2, run.ExitCode, run.Error);
        Assert.HasCount(1, run.Error.TrimEnd().Split('\n'));
        Assert.StartsWith($"error: {folder}", run.Error);
        // The file that was being written went with the folder, where nobody can find it to take it away.
        AssertWhole(_folder.File("elsewhere"));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Dump_FileTooLargeForTheDisk_IsOneLine()
    {
        // The runtime itself maps a large file of its own unless it is told not to.
        const string Script = "trap '' XFSZ; ulimit -f 4 || exit 77; export DOTNET_EnableWriteXorExecute=0; exec dotnet \"$@\"";
        string picture = TestPictures.Write(_folder.File("a.png"));
        using Process process = VisualizerProcess.Start("bash",
            ["-c", Script, "bash", VisualizerProcess.Program, "dump", Model(), picture, "--out", _folder.File("out"), "--raw",
                "--no-kernels"]);
        ProgramRun run = process.Finish();
        Assert.AreEqual(2, run.ExitCode, run.Error);
        Assert.Contains("cannot be written: ", run.LastError);
        Assert.DoesNotContain(".part", run.LastError);
        Assert.IsFalse(Directory.Exists(_folder.File("out")), "Nothing is left of a dump that could not be made.");
    }

    private string Model() => SmallNetworks.LeNet().SaveTo(_folder);

    private string Inputs()
    {
        for (int i = 0; i < Pictures; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i);
        return _folder.File("in");
    }

    private static string[] Finished(string folder) => !Directory.Exists(folder) ? []
        : [.. Directory.EnumerateDirectories(folder).Where(d => File.Exists(Path.Combine(d, "manifest.json")))];

    private static void AssertWhole(string folder)
    {
        foreach (string input in Finished(folder))
        {
            JsonElement manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(input, "manifest.json"))).RootElement;
            Assert.AreEqual(12, manifest.GetProperty("tensors").GetArrayLength());
            Assert.EndsWith("</html>", File.ReadAllText(Path.Combine(input, "index.html")).TrimEnd());
        }

        // A PNG ends with a chunk of this name and its check sum.
        foreach (string picture in Directory.EnumerateFiles(folder, "*.png", SearchOption.AllDirectories))
            Assert.IsTrue(File.ReadAllBytes(picture).AsSpan()[^8..^4].SequenceEqual("IEND"u8), picture);
    }

    private static void AssertNoRemains(string folder) => Assert.IsEmpty(Directory.GetFiles(folder, ".*",
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }), "No file in the making is left.");
}
