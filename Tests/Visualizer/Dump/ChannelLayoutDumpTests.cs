using System.Text.Json;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Dump;

/// <summary>Maps whose channels are behind a Transpose are those of before it, in pictures and in numbers.</summary>
[TestClass]
public sealed class ChannelLayoutDumpTests
{
    private const string Before = "c1", Behind = "t2";

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Dump_ChannelsBehindTranspose_AreThoseOfBefore()
    {
        Dictionary<string, JsonElement> tensors = Dump("--each-channel");
        (JsonElement before, JsonElement behind) = (tensors[Before], tensors[Behind]);
        Assert.AreEqual("nhwc, behind Transpose 'conv2d/Conv2D' (0,2,3,1)",
            $"{behind.GetProperty("layout")}, {behind.GetProperty("layoutReason")}");
        Assert.IsFalse(before.TryGetProperty("layout", out _), "What is as it always was needs no word.");
        Assert.AreEqual("[1,24,40,6]", Text(behind, "shape"));
        Assert.AreEqual(6, behind.GetProperty("byChannel").GetProperty("min").GetArrayLength());
        foreach (string property in new[] { "byChannel", "percentiles", "histogram" })
            Assert.AreEqual(Text(before, property), Text(behind, property), property);
        Assert.AreEqual(Text(before.GetProperty("pca"), "explained"), Text(behind.GetProperty("pca"), "explained"));
        Assert.AreEqual(Text(before.GetProperty("picture"), "tiles"), Text(behind.GetProperty("picture"), "tiles"));
        for (int channel = 0; channel < 6; channel++)
        {
            using Mat wanted = Cv2.ImRead(_folder.File("out", "channels", Before, $"out00{channel}.png"));
            using Mat found = Cv2.ImRead(_folder.File("out", "channels", Behind, $"out00{channel}.png"));
            Assert.AreEqual(new Size(40, 24), found.Size());
            Assert.AreEqual(0, Cv2.Norm(wanted, found, NormTypes.INF), $"channel {channel}");
        }
    }

    [TestMethod]
    public void Dump_OneChannelBehindTranspose_IsOneOfSix()
    {
        ProgramRun run = Run("--tensor", Behind, "--channel", "6");
        Assert.AreEqual((2, "error: --channel is 6, but 't2' [1, 24, 40, 6] has channels 0 to 5"), (run.ExitCode, run.LastError));
        Assert.IsFalse(Directory.Exists(_folder.File("out")));
        Assert.AreEqual(0, Run("--tensor", Behind, "--channel", "5").ExitCode);
    }

    [TestMethod]
    public void Dump_LayoutAskedFor_IsTaken()
    {
        JsonElement behind = Dump("--layout", "nchw")[Behind];
        Assert.AreEqual(24, behind.GetProperty("byChannel").GetProperty("min").GetArrayLength());
        Assert.AreEqual("nchw, it was asked for", $"{behind.GetProperty("layout")}, {behind.GetProperty("layoutReason")}");
        JsonElement before = Dump("--layout", "nhwc")[Before];
        Assert.AreEqual(40, before.GetProperty("byChannel").GetProperty("min").GetArrayLength());
        Assert.AreEqual((2, "error: --layout is 'chwn', expected one of nchw, nhwc. See 'visualizer dump --help'."),
            (Run("--layout", "chwn").ExitCode, Run("--layout", "chwn").LastError));
    }

    [TestMethod]
    [DataRow("1")]
    [DataRow("2")]
    public void Dump_ManyPictures_SurveyCountsTheChannels(string batch)
    {
        for (int i = 0; i < 3; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i);
        ProgramRun run = ProgramRun.Visualizer("dump", Model, _folder.File("in"), "--out", _folder.File("out"), "--batch", batch);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        string[] rows = [.. File.ReadLines(_folder.File("out", "channels.csv")).Skip(1)];
        Assert.AreEqual(6, rows.Count(row => row.StartsWith($"{Behind},", StringComparison.Ordinal)));
        CollectionAssert.AreEqual(Numbers(Before), Numbers(Behind));

        // Without name and operator.
        string[] Numbers(string tensor) => [.. rows.Where(row => row.StartsWith($"{tensor},", StringComparison.Ordinal))
            .Select(row => string.Join(',', row.Split(',').Skip(2)))];
    }

    private static string Model => SharedData.RequireCase("nhwc-maps.onnx");

    private static string Text(JsonElement of, string property) => JsonSerializer.Serialize(of.GetProperty(property));

    private ProgramRun Run(params string[] options) => ProgramRun.Visualizer(
        ["dump", Model, TestPictures.Write(_folder.File("p.png")), "--out", _folder.File("out"), .. options]);

    private Dictionary<string, JsonElement> Dump(params string[] options)
    {
        ProgramRun run = Run(options);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        return JsonDocument.Parse(File.ReadAllText(_folder.File("out", "manifest.json"))).RootElement.GetProperty("tensors")
            .EnumerateArray()
            .ToDictionary(tensor => tensor.GetProperty("name").GetString()!);
    }
}
