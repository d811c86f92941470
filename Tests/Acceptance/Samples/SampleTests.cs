using System.Diagnostics;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Data;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Samples;

/// <summary>The samples run as the programs that they are, on models and pictures that are drawn here.</summary>
[TestClass]
public sealed class SampleTests
{
    [TestMethod]
    public void LiveMosaic_OnAVideo_WritesAVideoWithAMosaicBesideEachFrame()
    {
        using var folder = new TemporaryFolder();
        Classifier(relu: 1).Save(folder.File("net.onnx"));
        Draw(folder.File("in.avi"), frames: 8);

        (int code, string output) = Run("LiveMosaic", folder.File("net.onnx"), folder.File("in.avi"), "relu", folder.File("out.avi"));

        Assert.AreEqual(0, code, output);
        Assert.Contains("8 frames", output);
        using var written = new VideoCapture(folder.File("out.avi"));
        using var frame = new Mat();
        int frames = 0;
        while (written.Read(frame) && !frame.Empty())
            frames++;
        Assert.AreEqual(8, frames);
        Assert.IsGreaterThan(64, written.FrameWidth, "the frame's 64 pixels, and the mosaic");
        Assert.AreEqual(64, written.FrameHeight);
    }

    [TestMethod]
    [DataRow(1f, 0, "class 1")]
    [DataRow(-1f, 1, "is dead")]
    [DataRow(float.PositiveInfinity, 1, "infinite values")]
    public void CheckedClassifier_OfEachHealth_SaysSo(float weight, int expectedCode, string expectedWords)
    {
        using var folder = new TemporaryFolder();
        Classifier(weight).Save(folder.File("net.onnx"));
        using (var white = new Mat(8, 8, MatType.CV_8UC3, Scalar.White))
            Cv2.ImWrite(folder.File("white.png"), white);

        (int code, string output) = Run("CheckedClassifier", folder.File("net.onnx"), folder.File("white.png"));

        Assert.AreEqual(expectedCode, code, output);
        Assert.Contains(expectedWords, output);
    }

    // The network tells two classes apart; the pictures are of three.
    [TestMethod]
    public void TrainModel_OnAFolderOfPictures_WritesAModelThatKnowsItsClasses()
    {
        using var folder = new TemporaryFolder();
        Classifier(relu: 0.1f).Save(folder.File("net.onnx"));
        PictureFolders.Write(folder.File("pictures"), ["ants", "bees", "cats"], 6);

        (int code, string output) = Run("TrainModel", folder.File("net.onnx"), folder.File("pictures"), folder.File("out.onnx"), "2");

        Assert.AreEqual(0, code, output);
        Assert.Contains("tensors agree with ONNX Runtime", output);
        OnnxModel trained = OnnxModel.Read(folder.File("out.onnx"));
        CollectionAssert.AreEqual(new[] { "ants", "bees", "cats" }, trained.Card.Labels);

        (code, output) = Run("TrainModel", folder.File("net.onnx"), folder.File("nothing"), folder.File("out.onnx"), "2");
        Assert.AreEqual(2, code);
        Assert.Contains("no such folder, expected a data set", output);
    }

    [TestMethod]
    public void DifferentiateModel_OfADigit_WritesWhereTheScoreChanges()
    {
        using var folder = new TemporaryFolder();
        SmallNetworks.LeNet().Save(folder.File("net.onnx"));
        using (var picture = TestPictures.Noise(28, 28))
            Cv2.ImWrite(folder.File("noise.png"), picture);

        (int code, string output) = Run("DifferentiateModel", folder.File("net.onnx"), folder.File("noise.png"), folder.File("map.png"));

        Assert.AreEqual(0, code, output);
        Assert.IsTrue(SmallNetworks.Digits.Any(digit => output.StartsWith($"{digit}: score ", StringComparison.Ordinal)), output);
        using Mat map = Cv2.ImRead(folder.File("map.png"), ImreadModes.Grayscale);
        Cv2.MinMaxLoc(map, out _, out double most);
        Assert.AreEqual((28, 28, 255), (map.Rows, map.Cols, (int)most));

        (code, output) = Run("DifferentiateModel", folder.File("no.onnx"), folder.File("noise.png"), folder.File("map.png"));
        Assert.AreEqual((2, $"error: {folder.File("no.onnx")}: does not exist"), (code, output.Trim()));
    }

    [TestMethod]
    public void Readme_Example_RunsAsItStands()
    {
        using var folder = new TemporaryFolder();
        Classifier(relu: 1).Save(folder.File("lenet.onnx"));
        using var frame = new Mat(8, 8, MatType.CV_8UC3, Scalar.White);
        var shown = new Dictionary<string, Size>();

        // The loop of the readme, with the file's place and a list in place of a window.
        using var session = ActivationSession.Open(folder.File("lenet.onnx"), new() { Tensors = ["relu*"] });
        using Activations seen = session.Run(frame);
        foreach (Activation map in seen)
        {
            using Mat mosaic = map.Render(new() { Colormap = ColormapTypes.Viridis });
            shown.Add(map.Name, mosaic.Size());
        }

        CollectionAssert.AreEqual(new[] { "relu" }, shown.Keys);
        Assert.IsGreaterThan(0, shown["relu"].Width);
    }

    /// <summary>x [1, 3, 8, 8] → Conv (all weights alike) → Relu → mean → two logits, the second of which is larger.</summary>
    private static OnnxModel Classifier(float relu)
    {
        var graph = new GraphBuilder("classifier");
        string x = graph.Input("x", ElementType.Float, 1, 3, 8, 8);
        string kernel =
            graph.Initializer("kernel", TensorData.FromArray([.. Enumerable.Repeat(relu, 2 * 3 * 9)], new TensorShape(2, 3, 3, 3)));
        string conv = graph.Node("Conv", "conv", [x, kernel]);
        string pooled = graph.Node("GlobalAveragePool", "pooled", [graph.Node("Relu", "relu", [conv])]);
        string offset = graph.Initializer("offset", TensorData.FromArray([0f, 3], new TensorShape(1, 2)));
        string flat = graph.Node("Flatten", "flat", [pooled]);
        graph.Output(graph.Node("Add", "logits", [flat, offset]), ElementType.Float, 1, 2);
        return graph.Build();
    }

    private static void Draw(string path, int frames)
    {
        using var writer = new VideoWriter(path, VideoWriter.FourCC("MJPG"), 25, new Size(64, 64));
        for (int i = 0; i < frames; i++)
        {
            using var frame = new Mat(64, 64, MatType.CV_8UC3, Scalar.Black);
            Cv2.Circle(frame, new Point(8 + 6 * i, 32), 8, Scalar.White, -1);
            writer.Write(frame);
        }
    }

    private static (int Code, string Output) Run(string sample, params string[] arguments)
    {
        // artifacts/bin/<project>/<configuration>, for the tests as for the samples
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        string program =
            Path.Combine(Repository.Root, "artifacts", "bin", sample, configuration, sample + (OperatingSystem.IsWindows() ? ".exe" : ""));
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
