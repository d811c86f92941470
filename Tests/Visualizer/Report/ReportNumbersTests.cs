using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Report;

namespace CnnOnnx.Tests.Report;

/// <summary>What the report's script relies on: tiles, numbers of channels, summary pictures.</summary>
[TestClass]
public sealed class ReportNumbersTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Write_Report_HasTilesAndNumbersOfEveryChannel()
    {
        (DumpManifest manifest, string page) = Report("y", channels: 7);

        TileGrid tiles = manifest.Tensors[0].Picture!.Tiles!.Value;
        Assert.AreEqual(7, tiles.Count);
        Assert.Contains($"data-tiles=\"{tiles.X} {tiles.Y} {tiles.Width} {tiles.Height} {tiles.Gap} {tiles.Columns} 7\"", page);
        Assert.IsLessThanOrEqualTo(manifest.Tensors[0].Picture!.Width, tiles.X + tiles.Columns * tiles.Width);
        string numbers = Regex.Match(page, "class=\"numbers\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value;
        string[][] lines = [.. numbers.Trim().Split('\n').Select(line => line.Split(' '))];
        CollectionAssert.AreEqual(new[] { "min", "max", "mean", "std", "zeros" }, lines.Select(l => l[0]).ToArray());
        CollectionAssert.AreEqual(new[] { "min", "0" }, lines[0], "the same for all channels");
        CollectionAssert.AreEqual(new[] { 1f, 2, 3, 4, 5, 6, 7 }, MemoryMarshal.Cast<byte,
            float>(Convert.FromBase64String(lines[1][2])).ToArray());
        Assert.AreEqual("7", lines[1][1]);
        Assert.Contains("data-maps=\"7 4 4\" data-range=\"0 7\" data-values=\"values/t0.js\"", page);
        Assert.StartsWith("arrived(\"values/t0.js\", `min 7 AAAA", File.ReadAllText(_folder.File("values", "t0.js")));
        Assert.Contains("class=\"histogram\"", page);
        Assert.IsTrue(File.Exists(_folder.File(manifest.Tensors[0].Pca!.File)));
    }

    [TestMethod]
    public void Choose_MoreThanThereIsRoomFor_TakesTheStrongestFirst()
    {
        CollectionAssert.AreEqual(new[] { true, true }, ValueFiles.Choose([10, 20], () => throw new InvalidOperationException(), 30));
        // The second is the strongest and too large; then the last, then what still fits.
        CollectionAssert.AreEqual(new[] { true, false, false, true },
            ValueFiles.Choose([10, 40, 20, 20], () => [1, 9, double.NaN, 5], 35));
    }

    [TestMethod]
    public void Write_HostileName_StaysText()
    {
        const string Name = "</script><img src=x onerror=alert(1)>\"'";
        (_, string page) = Report(Name, channels: 2);
        Assert.DoesNotContain("<img src=x", page);
        Assert.HasCount(Regex.Matches(page, "<script").Count, Regex.Matches(page, "</script>"));
    }

    [TestMethod]
    public void Of_MoreNumbersThanThereIsRoomFor_GoBesideThePage()
    {
        var numbers = new ReportNumbers(_folder.Path);
        float[] column = [.. Enumerable.Range(0, 30_000).Select(i => (float)i)];
        var table = new ChannelTable(column, column, column, column, column, null, null);

        Assert.DoesNotContain("data-file", numbers.Of("t1", table).Text);
        Assert.Contains("class=\"numbers\" data-file=\"numbers/t2.js\"></script>", numbers.Of("t2", table).Text);
        Assert.StartsWith("arrived(\"numbers/t2.js\", `min 30000 AAAA", File.ReadAllText(_folder.File("numbers", "t2.js")));
    }

    // Channel k is the input's ramp from 0 to 1, times k + 1.
    private (DumpManifest Manifest, string Page) Report(string tensor, int channels)
    {
        var graph = new GraphBuilder("report");
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        string w = graph.Initializer("w",
            TensorData.FromArray([.. Enumerable.Range(1, channels).Select(k => (float)k)], new TensorShape(channels, 1, 1, 1)));
        graph.Output(graph.Node("Conv", tensor, [x, w]), ElementType.Float, 1, channels, 4, 4);
        string model = _folder.File("m.onnx");
        graph.Build().Save(model);
        string input = _folder.File("x.npy");
        NpyFile.Write(input, TensorData.FromArray([.. Enumerable.Range(0, 16).Select(i => i / 15f)], new TensorShape(1, 1, 4, 4)));
        using var dumper = new Dumper(model, new DumpOptions { Activation = new ActivationOptions() }, new Dictionary<string,
            TensorData>(), _folder.Path);
        using ModelInput given = ModelInput.Read(input);
        return (dumper.Dump(given, _folder.Path), File.ReadAllText(_folder.File("index.html")));
    }
}
