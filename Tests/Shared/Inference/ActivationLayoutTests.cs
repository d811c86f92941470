using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

/// <summary>Maps of tensors with the channels behind height and width, as models from TensorFlow have them.</summary>
[TestClass]
public sealed class ActivationLayoutTests
{
    private const int Channels = 5, Height = 4, Width = 6;

    // "last" holds the numbers of "map", transposed.
    [TestMethod]
    public void Plane_ChannelsLast_IsThatOfTheSameTensorWithThemFirst()
    {
        using ActivationSession session = Open();
        using Activations seen = session.Run(Input());
        Activation first = seen["map"], last = seen["last"];

        Assert.AreEqual((ChannelLayout.First, ChannelLayout.Last), (first.Layout, last.Layout));
        Assert.AreEqual("[2, 4, 6, 5]", last.Shape.ToString());
        Assert.AreEqual((Channels, 2), (last.Channels, last.Samples));
        for (int sample = 0; sample < 2; sample++)
            for (int channel = 0; channel < Channels; channel++)
            {
                using Mat expected = first.Plane(sample, channel), actual = last.Plane(sample, channel);
                Assert.AreEqual((Height, Width), (actual.Rows, actual.Cols));
                Assert.AreEqual(0, Cv2.Norm(expected, actual), $"{sample}, {channel}");
            }

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => last.Plane(0, Channels));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => last.Plane(2, 0));
    }

    [TestMethod]
    public void Render_ChannelsLast_FollowsTheModelUnlessItIsTold()
    {
        using ActivationSession session = Open();
        using Activations seen = session.Run(Input());
        var bare = new MosaicOptions { Legend = false };
        using Mat first = seen["map"].Render(bare), last = seen["last"].Render(bare);
        Assert.AreEqual(0, Cv2.Norm(first, last));
        using Mat told = seen["last"].Render(bare with { Channels = ChannelLayout.First });
        Assert.AreNotEqual(first.Size(), told.Size(), "four maps of 6x5, where five of 4x6 are");
    }

    private static ActivationSession Open()
    {
        var graph = new GraphBuilder("last");
        string x = graph.Input("x", ElementType.Float, 2, 3, Height, Width);
        float[] weights = [.. Enumerable.Range(0, Channels * 3).Select(i => i % 4 - 1.5f)];
        string map = graph.Node("Conv", "map", [x, graph.Initializer("w", TensorData.FromArray(weights, new(Channels, 3, 1, 1)))]);
        graph.Output(graph.Node("Transpose", "last", [map], ("perm", new[] { 0, 2, 3, 1 })), ElementType.Float, 2, Height, Width, Channels);
        return ActivationSession.Open(graph.Build(), new() { Device = ComputeDevice.Cpu, Threads = 1 });
    }

    private static TensorData Input() =>
        TensorData.FromArray([.. Enumerable.Range(0, 2 * 3 * Height * Width).Select(i => MathF.Sin(i))], new(2, 3, Height, Width));
}
