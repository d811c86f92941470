using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Live;
using OpenCvSharp;

namespace CnnOnnx.Tests.Live;

[TestClass]
public sealed class LiveNetworkTests
{
    [TestMethod]
    public void Run_EachLayer_HandsOutThatLayerAndTheOutput()
    {
        using var folder = new TemporaryFolder();
        using var network = new LiveNetwork(SmallModels.ConvRelu().Write(folder.File("n.onnx")), new ActivationOptions());
        using var frame = new Mat(4, 4, MatType.CV_8UC3, Scalar.White);

        CollectionAssert.AreEqual(new[] { "c", "y" }, network.Layers.ToArray());
        foreach (int layer in new[] { 0, 1, 0 })
        {
            using Activations seen = network.Run(frame, layer, CancellationToken.None);
            Assert.AreEqual(network.Layers[layer], seen.Single().Name);
            Assert.AreEqual("y", seen.Outputs.Single().Name);
        }
    }

    [TestMethod]
    public void Layers_OneTensorIsNamed_StartThereAmongAll()
    {
        using var folder = new TemporaryFolder();
        var options = new ActivationOptions { Selection = new TensorSelection { Globs = ["y"] } };

        using var network = new LiveNetwork(SmallModels.ConvRelu().Write(folder.File("n.onnx")), options);

        Assert.HasCount(2, network.Layers);
        Assert.AreEqual(1, network.First);
    }

    [TestMethod]
    public void Compose_AnyView_HasTheSizeOfTheWindow()
    {
        using var folder = new TemporaryFolder();
        using var network = new LiveNetwork(SmallModels.ConvRelu().Write(folder.File("n.onnx")), new ActivationOptions());
        using var frame = new Mat(40, 30, MatType.CV_8UC3, new Scalar(255, 0, 0));
        using Activations seen = network.Run(frame, 0, CancellationToken.None);
        foreach (LiveView view in new LiveView[]
        {
            new(), new() { Channel = 0 }, new() { TileSize = 512 }, new() { ShowsHelp = true, Colormap = null },
            new() { Window = LiveScreen.SizeIn(new Size(1, 1)), ShowsHelp = true },
                new() { Window = LiveScreen.SizeIn(new Size(3840, 2160)), Channel = 0 },
        })
        {
            using Mat maps = LiveScreen.DrawMaps(seen[0], network.LayoutOf(seen[0]), view);
            using Mat screen = LiveScreen.Compose(frame, maps, view, ["first", "second"]);
            Assert.AreEqual(view.Window, screen.Size());
            // The frame's place is blue wherever no help lies over it.
            if (!view.ShowsHelp)
                Assert.AreEqual(new Vec3b(255, 0, 0), screen.At<Vec3b>(view.Window.Height / 2, view.Window.Width / 6));
        }
    }

    [TestMethod]
    [DataRow(1280, 680, 1280, 680)]
    [DataRow(1280, 1000, 1280, 680)]
    [DataRow(2560, 1400, 2560, 1360)]
    [DataRow(100, 0, 640, 340)]
    public void SizeIn_Window_KeepsTheShape(int width, int height, int expectedWidth, int expectedHeight) =>
        Assert.AreEqual(new Size(expectedWidth, expectedHeight), LiveScreen.SizeIn(new Size(width, height)));

    [TestMethod]
    [DataRow(null, null, false)]
    [DataRow("", "", false)]
    [DataRow(":0", null, true)]
    [DataRow(null, "wayland-0", true)]
    public void Missing_OfTheVariables_NeedsOneOfThem(string? x11, string? wayland, bool isThere) =>
        Assert.AreEqual(isThere, Display.Missing(x11, wayland) is null);
}
