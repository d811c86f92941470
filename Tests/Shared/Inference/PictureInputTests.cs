using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class PictureInputTests
{
    [TestMethod]
    [DataRow("N 3 224 224", "0 1 2 3")]
    [DataRow("N 224 224 3", "0 3 1 2")]
    [DataRow("1 1 28 28", "0 1 2 3")]
    [DataRow("1 28 28 1", "0 3 1 2")]
    [DataRow("1 3 5 3", "0 1 2 3")]
    [DataRow("N C H W", "0 1 2 3")]
    [DataRow("N H W 3", "0 3 1 2")]
    [DataRow("3 32 32", "-1 0 1 2")]
    [DataRow("32 32 3", "-1 2 0 1")]
    [DataRow("N 784", "0 -1 -1 -1")]
    [DataRow("N 12 224 224", "")]
    [DataRow("N 4 224 224", "")]
    [DataRow("N F", "")]
    [DataRow("7", "")]
    public void Find_ByShape_SeesWhichAxisIsWhich(string shape, string axes)
    {
        var input = PictureInput.Find(Model(shape).Graph);
        Assert.AreEqual(axes, input is null ? "" : $"{input.Axes.Batch} {input.Axes.Channel} {input.Axes.Height} {input.Axes.Width}");
    }

    [TestMethod]
    [DataRow("N 3 224 192", ElementType.Float, "224x192 rgb, stretch, 0..1")]
    [DataRow("1 28 30 1", ElementType.Float, "28x30 gray, stretch, 0..1")]
    [DataRow("1 3 64 64", ElementType.UInt8, "64x64 rgb, stretch, 0..255")]
    [DataRow("N 784", ElementType.Float, "28x28 gray, stretch, 0..1")]
    [DataRow("N 3072", ElementType.Float, "32x32 rgb, stretch, 0..1")]
    [DataRow("N 3 H W", ElementType.Float, "416x640 rgb, stretch, 0..1")]
    public void Suggest_WithoutACard_FollowsTheShape(string shape, ElementType type, string expected) =>
        Assert.AreEqual(expected, PictureInput.Find(Model(shape, type).Graph)!.Suggest(pictureHeight: 853, pictureWidth: 1280).ToString());

    // The picture's own size, on a step of 32; a larger one is scaled to 640 first.
    [TestMethod]
    [DataRow(100, 200, 96, 192)]
    [DataRow(1, 1, 32, 32)]
    [DataRow(640, 480, 640, 480)]
    [DataRow(4000, 2000, 640, 320)]
    public void Suggest_OfFreeSize_StaysNearThePicture(int height, int width, int expectedHeight, int expectedWidth)
    {
        InputSpec spec = PictureInput.Find(Model("N 3 H W").Graph)!.Suggest(height, width);
        Assert.AreEqual((expectedHeight, expectedWidth), (spec.Height, spec.Width));
    }

    [TestMethod]
    public void Shape_ThatDoesNotFit_SaysBoth()
    {
        var input = PictureInput.Find(Model("N 3 224 224").Graph)!;
        var fault = Assert.ThrowsExactly<BadInputException>(
            () => input.Shape(new InputSpec { Size = new(28, 28), Channels = ChannelOrder.Gray }, 1, "m.onnx"));
        Assert.AreEqual(
            "m.onnx: input 'x' takes [N, 3, 224, 224], the preprocessing makes [1, 1, 28, 28] (28x28 gray, stretch, 0..1)", fault.Message);
    }

    private static OnnxModel Model(string shape, ElementType type = ElementType.Float)
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input(
            "x", type, [.. shape.Split(' ').Select(d => long.TryParse(d, out long size) ? size : new Dimension(null, d))]);
        graph.Output(graph.Node("Identity", "y", [x]), type);
        return graph.Build();
    }
}
