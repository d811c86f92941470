using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Dump;

[TestClass]
public sealed class ResumeTests
{
    private const int Pictures = 40;

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    /// <summary>Killed with no chance to clean up, at a moment that nobody chose.</summary>
    [TestMethod]
    [DataRow(2)]
    [DataRow(9)]
    public void Resume_KilledProcess_LosesAndDoublesNothing(int afterSoMany)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        WriteInputs(Pictures);
        using (Process child = VisualizerProcess.Start("dump", model, _folder.File("in"), "--out", _folder.File("out"), "--quiet"))
        {
            child.WaitUntil(() => Manifests().Length >= afterSoMany);
            child.Kill();
            child.WaitForExit();
        }

        string[] whole = Manifests();
        Assert.IsGreaterThanOrEqualTo(afterSoMany, whole.Length);
        Assert.IsLessThan(Pictures, whole.Length, "The process was to be killed in the middle.");
        foreach (string manifest in whole)
            AssertWhole(manifest);
        var times = whole.ToDictionary(path => path, File.GetLastWriteTimeUtc);

        var run = ProgramRun.Visualizer("dump", model, _folder.File("in"), "--out", _folder.File("out"), "--resume");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains($"{whole.Length} of {Pictures} inputs were done already", run.Error);
        Assert.Contains($"survey of {Pictures} pictures: ", run.Output);
        Assert.IsTrue(whole.All(path => File.GetLastWriteTimeUtc(path) == times[path]), "What was whole is left alone.");

        Assert.HasCount(Pictures, Manifests());
        ProgramRun.Visualizer("dump", model, _folder.File("in"), "--out", _folder.File("straight"));
        CollectionAssert.AreEqual(Tree("straight"), Tree("out"));
        AssertSameSurvey("straight");
        string overview = File.ReadAllText(_folder.File("out", "index.html"));
        for (int i = 0; i < Pictures; i++)
            Assert.AreEqual(1, overview.Split($"href=\"{i}/index.html\"").Length - 1);
    }

    [TestMethod]
    public void Resume_OtherOptionsModelOrPicture_MakesThemAnew()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        WriteInputs(3);
        Dump(model);
        Assert.Contains("3 of 3 inputs were done already", Dump(model, "--resume").Error);
        ProgramRun again = Dump(model, "--resume", "--memory", "1G", "--threads", "1");
        Assert.Contains("3 of 3 inputs were done already", again.Error);
        // Nothing was looked at anew; what was is remembered.
        Assert.Contains("survey of 3 pictures: ", again.Output);
        File.Delete(_folder.File("out", "0", "mosaics", "0001_relu_conv1_Relu.png"));
        Assert.Contains("2 of 3 inputs were done already", Dump(model, "--resume").Error);
        Assert.DoesNotContain("done already", Dump(model, "--resume", "--colormap", "jet").Error);
        TestPictures.Write(_folder.File("in", "1.png"), seed: 77, height: 30);
        Assert.Contains("2 of 3 inputs were done already", Dump(model, "--resume", "--colormap", "jet").Error);
        string other = SmallNetworks.Named("a", "b").SaveTo(_folder, "other.onnx");
        Assert.DoesNotContain("done already", Dump(other, "--resume", "--colormap", "jet", "--size", "4x4", "--channels", "gray").Error);
    }

    [TestMethod]
    public void Dump_UnreadablePicturesInTheMiddle_AreToldAndLeftOut()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        WriteInputs(4);
        File.WriteAllText(_folder.File("in", "1.png"), "no picture");
        File.WriteAllBytes(_folder.File("in", "2.png"), File.ReadAllBytes(_folder.File("in", "2.png"))[..60]);
        var run = ProgramRun.Visualizer("dump", model, _folder.File("in"), "--out", _folder.File("out"), "--json");
        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains("2 of 4 inputs could not be used", run.Error);
        JsonElement[] inputs = [.. JsonDocument.Parse(run.Output).RootElement.GetProperty("inputs").EnumerateArray()];
        Assert.AreEqual("12 0 0 12", string.Join(' ', inputs.Select(i => i.GetProperty("tensors").GetInt32())));
        Assert.Contains("1.png: is not a picture", inputs[1].GetProperty("fault").GetString()!);
    }

    [TestMethod]
    public void Dump_NothingReadable_IsAnErrorOfOneLine()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        for (int i = 0; i < 2; i++)
        {
            Directory.CreateDirectory(_folder.File("in"));
            File.WriteAllText(_folder.File("in", $"{i}.png"), "no picture");
        }

        var run = ProgramRun.Visualizer("dump", model, _folder.File("in"), "--out", _folder.File("out"));
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith("error: none of 2 inputs could be used, the first because of this: ", run.LastError);
    }

    [TestMethod]
    public void Dump_FolderThatCannotBeWritten_StopsAndKeepsWhatIsFinished()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        WriteInputs(4);
        Directory.CreateDirectory(_folder.File("out"));
        // A file where the third folder has to be.
        File.WriteAllText(_folder.File("out", "2"), "");
        var run = ProgramRun.Visualizer("dump", model, _folder.File("in"), "--out", _folder.File("out"), "--force");
        Assert.AreEqual(2, run.ExitCode);
        Assert.AreEqual($"error: {_folder.File("out", "2")}: is a file, expected a folder for the results", run.LastError);
        Assert.HasCount(2, Manifests());
        foreach (string manifest in Manifests())
            AssertWhole(manifest);
        string overview = File.ReadAllText(_folder.File("out", "index.html"));
        Assert.Contains("2 inputs", overview);
        Assert.Contains("This run did not come to its end: it was stopped or failed after 2 inputs of 4. What is here is whole.", overview);
    }

    [TestMethod]
    public void Overview_ManyInputs_HasSeveralPages()
    {
        var cards = Enumerable.Range(0, 1201).Select(i => new CnnOnnx.Visualizer.Report.OverviewCard($"f{i}", $"input {i}", null, null))
            .ToArray();
        var whole = new CnnOnnx.Visualizer.Report.OverviewRun(cards, [], 0, cards.Length, IsWhole: true, []);
        CnnOnnx.Visualizer.Report.OverviewPage.Write(_folder.Path, "m.onnx", whole, null);
        string[] pages = [.. new[] { "index.html", "index-2.html", "index-3.html" }.Select(name => File.ReadAllText(_folder.File(name)))];
        Assert.AreEqual("500 500 201", string.Join(' ', pages.Select(p => p.Split("<b>input ").Length - 1)));
        Assert.Contains("<a href=\"index-3.html\">3</a>", pages[0]);
        Assert.Contains("href=\"f1200/index.html\"", pages[2]);
    }

    /// <summary>Duplicates are found over all pictures, NaN in one: with what was done already as if it had been done now.</summary>
    [TestMethod]
    [DataRow(0, "--batch", "1")]
    [DataRow(2, "--batch", "1")]
    [DataRow(4, "--batch", "3")]
    public void Resume_Survey_IsThatOfOneRun(int again, params string[] how)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        WriteInputs(5);
        NpyFile.Write(_folder.File("in", "5.npy"),
            TensorData.FromArray([.. Enumerable.Repeat(float.NaN, 784)], new TensorShape(1, 1, 28, 28)));
        Dump(model, how);
        Directory.Move(_folder.File("out"), _folder.File("straight"));
        Dump(model, how);
        for (int i = 0; i < again; i++)
            File.Delete(_folder.File("out", $"{2 + i % 4}", "manifest.json"));
        Dump(model, ["--resume", .. how]);
        AssertSameSurvey("straight");
        Assert.AreEqual(1, JsonDocument.Parse(File.ReadAllText(_folder.File("out", "survey.json")))
            .RootElement.GetProperty("picturesWithNonFinite").GetInt32());
    }

    [TestMethod]
    public void Resume_DumpOfWhichTheSurveyKnowsNothing_IsToldSo()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        WriteInputs(3);
        Dump(model);
        File.Delete(_folder.File("out", "1", "survey.bin"));
        ProgramRun run = Dump(model, "--resume");
        Assert.Contains("3 of 3 inputs were done already", run.Error);
        Assert.Contains("survey of 2 pictures, without 1 of which nothing is known: ", run.Output);
    }

    private void AssertSameSurvey(string straight)
    {
        foreach (string file in new[] { "survey.json", "channels.csv" })
            Assert.AreEqual(File.ReadAllText(_folder.File(straight, file)), File.ReadAllText(_folder.File("out", file)), file);
    }

    private ProgramRun Dump(string model, params string[] more)
    {
        ProgramRun run = ProgramRun.Visualizer(["dump", model, _folder.File("in"), "--out", _folder.File("out"), .. more]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        return run;
    }

    private void WriteInputs(int count)
    {
        for (int i = 0; i < count; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i);
    }

    // One manifest an input; those in the middle of being written do not count.
    private string[] Manifests() => !Directory.Exists(_folder.File("out")) ? []
        : [.. Directory.EnumerateDirectories(_folder.File("out")).Select(d => Path.Combine(d, "manifest.json")).Where(File.Exists)
            .Order(StringComparer.Ordinal)];

    private static void AssertWhole(string manifest)
    {
        string folder = Path.GetDirectoryName(manifest)!;
        JsonElement root = JsonDocument.Parse(File.ReadAllText(manifest)).RootElement;
        Assert.AreEqual(12, root.GetProperty("tensors").GetArrayLength());
        foreach (JsonElement tensor in root.GetProperty("tensors").EnumerateArray())
        {
            string file = Path.Combine(folder, tensor.GetProperty("picture").GetProperty("file").GetString()!);
            // The last chunk of a PNG.
            Assert.IsTrue(File.ReadAllBytes(file).AsSpan()[^8..^4].SequenceEqual("IEND"u8), file);
        }

        Assert.EndsWith("</html>", File.ReadAllText(Path.Combine(folder, "index.html")).TrimEnd());
    }

    private string[] Tree(string folder) =>
    [
        .. Directory.EnumerateFiles(_folder.File(folder), "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => Path.GetRelativePath(_folder.File(folder), path)).Order(StringComparer.Ordinal),
    ];
}
