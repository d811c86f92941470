using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Dump;

/// <summary>Models whose answer is a picture, and how pictures look that somebody asked for.</summary>
[TestClass]
public sealed class OutputPictureTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Dump_ModelThatMakesAPicture_ShowsIt()
    {
        const int Side = 64;
        var graph = new GraphBuilder("same");
        string x = graph.Input("x", ElementType.Float, 1, 3, Side, Side);
        graph.Output(graph.Node("Identity", "y", [x]), ElementType.Float, 1, 3, Side, Side);
        graph.Build().Save(_folder.File("same.onnx"));
        string picture = TestPictures.Write(_folder.File("p.png"), Side, Side);
        ProgramRun run = ProgramRun.Visualizer("dump", _folder.File("same.onnx"), picture, "--out", _folder.File("out"), "--quiet");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        // Pixels / 255 and back again.
        using Mat given = Cv2.ImRead(picture), made = Cv2.ImRead(_folder.File("out", "output.png"));
        Assert.AreEqual(0, Cv2.Norm(given, made, NormTypes.INF));
        Assert.Contains("same makes this picture of it", File.ReadAllText(_folder.File("out", "index.html")));
    }

    [TestMethod]
    [DataRow("light", 255)]
    [DataRow("dark", 22)]
    public void Dump_ThemeAndNoLegend_AreTheGroundAndMapsAlone(string theme, int red)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        foreach ((string name, string[] more) in new[] { ("with", Array.Empty<string>()), ("without", ["--no-legend"]) })
        {
            ProgramRun run = ProgramRun.Visualizer(
                ["dump", model, picture, "--out", _folder.File(name), "--quiet", "--tensors", "conv1", "--theme", theme, .. more]);
            Assert.AreEqual(0, run.ExitCode, run.Error);
        }

        using Mat with = Cv2.ImRead(Single("with")), without = Cv2.ImRead(Single("without"));
        Assert.AreEqual(red, with.At<Vec3b>(0, 0).Item2);
        Assert.IsGreaterThan(without.Rows + 40, with.Rows);
        // The gap between the first two maps has the ground's colour.
        Assert.AreEqual(with.At<Vec3b>(0, 0), without.At<Vec3b>(5, (without.Cols - 4) / 3));
    }

    private string Single(string folder) => Directory.GetFiles(_folder.File(folder, "mosaics")).Single();
}
