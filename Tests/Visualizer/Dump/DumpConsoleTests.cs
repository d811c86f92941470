using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Tests.Dump;

/// <summary>What a dump tells: little, and what matters.</summary>
[TestClass]
public sealed class DumpConsoleTests
{
    private readonly TemporaryFolder _folder = new();
    private string _model = "", _picture = "";

    [TestInitialize]
    public void WriteInputs() => (_model, _picture) = (SmallNetworks.LeNet().SaveTo(_folder), TestPictures.Write(_folder.File("p.png")));

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Dump_OnePicture_TakesSixLinesAtMost()
    {
        ProgramRun run = Dump(_picture);
        string[] lines = (run.Error + run.Output).TrimEnd().Split(Environment.NewLine);
        Assert.IsLessThanOrEqualTo(6, lines.Length, string.Join('\n', lines));
        Assert.DoesNotContain("differ", run.Error);
        StringAssert.Matches(run.Output, new(@"^  \w+ \d+ %, .* \(from 'logits', softmax applied\)", System.Text.RegularExpressions
            .RegexOptions.Multiline));
    }

    [TestMethod]
    public void Dump_ManyPictures_TellsOfEachTen()
    {
        for (int i = 0; i < 23; i++)
            TestPictures.Write(_folder.File("in", $"{i:00}.png"), seed: i);
        string[] lines = Dump(_folder.File("in")).Output.TrimEnd().Split(Environment.NewLine);
        Assert.AreEqual($"10 of 23 done, the last {_folder.File("in", "09.png")}", lines[0]);
        Assert.AreEqual($"20 of 23 done, the last {_folder.File("in", "19.png")}", lines[1]);
        Assert.StartsWith("survey of 23 pictures: ", lines[2]);
        Assert.AreEqual(_folder.File("out", "index.html"), lines[^1]);
        Assert.IsLessThanOrEqualTo(5, lines.Length);
    }

    [TestMethod]
    public void Dump_ManyFaults_AreCountedFromTheTenthOn()
    {
        for (int i = 0; i < 12; i++)
            File.WriteAllText(_folder.File($"{i}.txt"), "no picture");
        ProgramRun run = Dump([_picture, .. Enumerable.Range(0, 12).Select(i => _folder.File($"{i}.txt"))]);
        Assert.AreEqual(2, run.ExitCode);
        Assert.HasCount(10, run.Error.Split(Environment.NewLine).Where(line => line.StartsWith("error: ", StringComparison.Ordinal)));
        Assert.Contains("12 of 13 inputs could not be used", run.Error);
    }

    [TestMethod]
    public void Dump_Json_HasReportAndPreprocessingAsFields()
    {
        JsonElement result = JsonDocument.Parse(Dump(_picture, "--json").Output).RootElement;
        Assert.AreEqual(_folder.File("out", "index.html"), result.GetProperty("report").GetString());
        Assert.AreEqual("gray", result.GetProperty("preprocessing").GetProperty("channels").GetString());
        Assert.AreEqual("model card", result.GetProperty("preprocessingSource").GetString());
        Assert.AreEqual(JsonValueKind.Null,
            JsonDocument.Parse(Dump(_picture, "--json", "--without", "report").Output).RootElement.GetProperty("report").ValueKind);
    }

    [TestMethod]
    [DataRow(1e-3, 5, false, DisplayName = "as much as rounding")]
    [DataRow(4e-3, 5, false, DisplayName = "less than a thousandth of the largest value")]
    [DataRow(6e-3, 5, true, DisplayName = "more")]
    [DataRow(double.NaN, 5, true, DisplayName = "NaN in one of them")]
    public void OutputWarning_Difference_IsToldWhereItMatters(double difference, double largest, bool isTold)
    {
        DumpManifest manifest = JsonSerializer.Deserialize(File.ReadAllText(ManifestOf()), ManifestJson.Readable.DumpManifest)!;
        manifest = manifest with
        {
            ExposureDifference = [new OutputDifference("logits", difference)],
            Tensors = [.. manifest.Tensors.Select(t => t.Name == "logits" ? t with { Min = -1, Max = (float)largest } : t)],
        };
        string[] warnings = [.. OutputWarning.Of(manifest)];
        Assert.HasCount(isTold ? 1 : 0, warnings);
        if (isTold)
            Assert.EndsWith("--optimization disabled shows the nodes as the file has them", warnings[0]);
    }

    [TestMethod]
    [DataRow(0.999, "cat 100 %")]
    [DataRow(0.5416, "cat 54 %")]
    [DataRow(0.0316, "cat 3.2 %")]
    [DataRow(0.0001, "cat < 0.1 %")]
    public void ScoreLine_Share_IsInPerCent(double share, string expected) =>
        Assert.AreEqual(expected, ScoreLine.Of(new ClassScore(0, "cat", share, 0)));

    [TestMethod]
    public void Dump_FileThatIsNoPicture_IsNamedAsWhatItIs()
    {
        string tar = _folder.File("a.tar"), gzip = _folder.File("a.gz"), zip = _folder.File("a.zip"), pytorch = _folder.File("net.png");
        TarFile.CreateFromDirectory(Directory.CreateDirectory(_folder.File("empty")).FullName, tar, includeBaseDirectory: true);
        using (var stream = new GZipStream(File.Create(gzip), CompressionLevel.Fastest))
            stream.WriteByte(0);
        foreach ((string path, string entry) in new[] { (zip, "a.txt"), (pytorch, "net/data.pkl") })
            using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create))
                archive.CreateEntry(entry);
        File.WriteAllBytes(_folder.File("old.pth"), [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46]);
        foreach ((string path, string what) in new[]
        {
            (_model, "an ONNX model, expected a picture or a NumPy file; the model comes first, and the inputs after it"),
            (tar, "a tar archive, expected a picture or a NumPy file"),
            (gzip, "a gzip archive, expected a picture or a NumPy file"),
            (zip, "a zip archive without an .onnx file, expected a picture or a NumPy file"),
            (pytorch, "a PyTorch file (.pt, .pth), expected a picture or a NumPy file"),
            (_folder.File("old.pth"), "a PyTorch file of an older version (.pt, .pth), expected a picture or a NumPy file"),
        })
        {
            ProgramRun run = Dump(path);
            Assert.AreEqual((2, $"error: {path}: is {what}"), (run.ExitCode, run.LastError));
        }
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Dump_OpenWithoutADesktop_SaysSoAndIsDone()
    {
        if (new[] { "DISPLAY", "WAYLAND_DISPLAY" }.Any(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))))
            Assert.Inconclusive("Skipped: there is a desktop here, on which it would open.");
        ProgramRun run = Dump(_picture, "--open");
        Assert.AreEqual((0, "the report is not opened: there is no desktop here"), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Dump_Plumbing_IsMarkedInTheManifest()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", CnnOnnx.Tensors.ElementType.Float, 1, 1, 4, 4);
        graph.Node("Shape", "shape", [x]);
        graph.Node("ReduceMean", "mean", [x], ("keepdims", 0L));
        graph.Output(graph.Node("Add", "y", [graph.Node("Reshape", "r", [x, "shape"]), "mean"]),
            CnnOnnx.Tensors.ElementType.Float, 1, 1, 4, 4);
        _model = graph.Build().SaveTo(_folder, "plumbing.onnx");
        JsonElement manifest = JsonDocument.Parse(File.ReadAllText(ManifestOf())).RootElement;
        Assert.AreEqual("shape: shape arithmetic, mean: single numbers", string.Join(", ", manifest.GetProperty("tensors").EnumerateArray()
            .Where(tensor => tensor.TryGetProperty("plumbing", out _))
            .Select(t => $"{t.GetProperty("name")}: {t.GetProperty("plumbing")}")));
    }

    private string ManifestOf()
    {
        Assert.AreEqual(0, Dump(_picture).ExitCode);
        return _folder.File("out", "manifest.json");
    }

    private ProgramRun Dump(params string[] inputs) => ProgramRun.Visualizer(["dump", _model, .. inputs, "--out", _folder.File("out")]);
}
