using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

/// <summary>The code that the library's readme shows, as it stands there but for the windows.</summary>
[TestClass]
public sealed class LibrarySampleTests
{
    [TestMethod]
    public void Readme_Sample_Runs()
    {
        using var folder = new TemporaryFolder();
        string path = SmallNetworks.LeNet().SaveTo(folder);
        using Mat frame = TestPictures.Noise(480, 640);
        var shown = new List<string>();

        using var session = ActivationSession.Open(path, new() { Tensors = ["relu*"] });
        using Activations seen = session.Run(frame);
        foreach (Activation map in seen)
        {
            using Mat mosaic = map.Render(new() { Colormap = ColormapTypes.Viridis });
            shown.Add($"{map.Name} {mosaic.Type()}");
        }

        Assert.AreEqual("relu_conv1 CV_8UC3, relu_conv2 CV_8UC3, relu3 CV_8UC3, relu4 CV_8UC3", string.Join(", ", shown));
    }

    [TestMethod]
    public void Readme_SampleOfKernels_DrawsAllOfThem()
    {
        using var folder = new TemporaryFolder();
        string path = SmallNetworks.LeNet().SaveTo(folder);
        var shown = new List<string>();

        foreach (NetworkWeight weight in NetworkWeights.Of(OnnxModel.Read(path)))
        {
            using Mat kernels = KernelPicture.Render(weight, new() { Symmetric = true });
            shown.Add($"{weight.Name} {weight.Shape} {weight.Node.OpType} {kernels.Type()}");
        }

        Assert.AreEqual("conv1.weight [6, 1, 5, 5] Conv CV_8UC3, conv2.weight [16, 6, 5, 5] Conv CV_8UC3, "
            + "fc1.weight [120, 400] Gemm CV_8UC3, fc2.weight [84, 120] Gemm CV_8UC3, "
            + "logits.weight [10, 84] Gemm CV_8UC3", string.Join(", ", shown));
    }

    // Colours are the first layer's, and the order of axes is the weight's own: nothing of that is the caller's to know.
    [TestMethod]
    public void Render_OfANetworksWeight_KnowsColoursAndAxes()
    {
        var graph = new GraphBuilder("m");
        float[] values = [.. Enumerable.Range(0, 54).Select(i => (float)i)];
        string x = graph.Input("x", ElementType.Float, 1, 3, 9, 9);
        x = graph.Node("ConvTranspose", "first", [x, graph.Initializer("w1", TensorData.FromArray(values, new TensorShape(3, 2, 3, 3)))]);
        x = graph.Node("Conv", "second", [x, graph.Initializer("w2", TensorData.FromArray(values, new TensorShape(3, 2, 3, 3)))]);
        x = graph.Node("Conv", "third", [x, graph.Initializer("w3", TensorData.FromArray(values, new TensorShape(2, 3, 3, 3)))]);
        graph.Output(x, ElementType.Float, 1, 2, 7, 7);
        IReadOnlyList<NetworkWeight> weights = NetworkWeights.Of(graph.Build());

        Assert.IsTrue(Same(weights[0], new() { InputsFirst = true }));
        Assert.IsTrue(Same(weights[1], new()));
        Assert.IsTrue(Same(weights[2], new() { InputChannels = ChannelOrder.Gray }));
        Assert.IsFalse(Same(weights[2], new()));
    }

    private static bool Same(NetworkWeight weight, KernelOptions options)
    {
        using Mat drawn = KernelPicture.Render(weight, new());
        using Mat expected = KernelPicture.Render(weight.Load(), weight.Shape, weight.Name, options);
        return drawn.Size() == expected.Size() && Cv2.Norm(drawn, expected) == 0;
    }
}
