using System.Text.Json;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Commands;

[TestClass]
public sealed class VisualizerKernelsTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("kernel")]
    [DataRow("layer")]
    public void Kernels_LeNet_DrawsEachWeight(string scale)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        var run = ProgramRun.Visualizer("kernels", model, "--out", _folder.File("out"), "--scale", scale);
        Assert.AreEqual(0, run.ExitCode, run.Error);

        JsonElement manifest = JsonDocument.Parse(File.ReadAllText(_folder.File("out", "manifest.json"))).RootElement;
        Assert.AreEqual(scale, manifest.GetProperty("scale").GetString());
        JsonElement[] kernels = [.. manifest.GetProperty("kernels").EnumerateArray()];
        Assert.AreEqual("conv1.weight conv2.weight fc1.weight fc2.weight logits.weight",
            string.Join(' ', kernels.Select(k => k.GetProperty("name").GetString())));
        foreach (JsonElement kernel in kernels)
        {
            using Mat picture = Cv2.ImRead(_folder.File("out", kernel.GetProperty("file").GetString()!));
            Assert.AreEqual((kernel.GetProperty("width").GetInt32(), kernel.GetProperty("height").GetInt32()),
                (picture.Width, picture.Height));
        }

        float[] expected = OnnxModel.Read(model).Graph.Initializer["conv2.weight"].Load().As<float>().ToArray();
        Assert.AreEqual((expected.Min(), expected.Max()),
            (kernels[1].GetProperty("min").GetSingle(), kernels[1].GetProperty("max").GetSingle()));
        string page = File.ReadAllText(_folder.File("out", "index.html"));
        Assert.Contains("conv2.weight", page);
    }

    [TestMethod]
    public void Kernels_HostileNames_StayInTheFolder()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 2);
        foreach (string name in new[] { "../up", "..//up", new string('w', 300), "<b>" })
            x = graph.Node("MatMul", $"y{name}", [x, graph.Initializer(name, TensorData.FromArray([1f, 2, 3, 4], new TensorShape(2, 2)))]);
        graph.Output(x, ElementType.Float, 1, 2);
        var run = ProgramRun.Visualizer("kernels", graph.Build().SaveTo(_folder), "--out", _folder.File("out"));
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.HasCount(4, Directory.GetFiles(_folder.File("out", "kernels")));
        string page = File.ReadAllText(_folder.File("out", "index.html"));
        Assert.Contains("<b>&lt;b&gt;</b>", page);
        Assert.DoesNotContain("<b><b>", page);
        Assert.AreEqual("kernels", Path.GetFileName(Directory.GetDirectories(_folder.File("out")).Single()));
    }

    [TestMethod]
    public void Kernels_ModelWithoutWeights_IsRefused()
    {
        string model = SmallNetworks.Named("a").SaveTo(_folder);
        var run = ProgramRun.Visualizer("kernels", model, "--out", _folder.File("out"));
        Assert.AreEqual((2, $"error: {model}: has no weights of convolutions or matrix products"), (run.ExitCode, run.LastError));
    }
}
