using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Where channels are, by what a graph does to axes whose meaning the specification gives.</summary>
[TestClass]
public sealed class ChannelLayoutsTests
{
    private static readonly long[] ToLast = [0, 2, 3, 1], ToFirst = [0, 3, 1, 2];

    private readonly GraphBuilder _graph = new("g");

    [TestMethod]
    public void Of_BehindTranspose_IsLastWithTheReason()
    {
        string y = _graph.Node("Relu", "r", [Transpose("t", Conv("c", Input(1, 3, 8, 8)), ToLast)]);
        Assert.AreEqual((ChannelLayout.First, null), Layouts(y).Of("c", 4));
        Assert.AreEqual((ChannelLayout.Last, "behind Transpose 't' (0,2,3,1)"), Layouts().Of("t", 4));
        Assert.AreEqual(Layouts().Of("t", 4), Layouts().Of("r", 4));
    }

    [TestMethod]
    public void Of_InFrontOfTranspose_IsLastUpToTheInput()
    {
        string scaled = _graph.Node("Mul", "scaled",
            [Input(1, 8, 8, 3), _graph.Initializer("half", TensorData.FromArray([0.5f], new TensorShape(1)))]);
        Layouts(Conv("c", Transpose("t", scaled, ToFirst)));
        Assert.AreEqual((ChannelLayout.Last, "in front of Transpose 't' (0,3,1,2)"), Layouts().Of("scaled", 4));
        Assert.AreEqual(ChannelLayout.Last, Layouts().Of("x", 4).Layout);
        Assert.AreEqual((ChannelLayout.First, null), Layouts().Of("t", 4));
        Assert.AreEqual((ChannelLayout.First, null), Layouts().Of("half", 1));
    }

    [TestMethod]
    public void Of_ThereAndBack_IsFirst()
    {
        Layouts(Transpose("back", Transpose("there", Conv("c", Input(1, 3, 8, 8)), ToLast), ToFirst));
        Assert.AreEqual((ChannelLayout.First, null), Layouts().Of("back", 4));
    }

    /// <summary>A block of ConvNeXt: norm and dense layers over the channels of each place.</summary>
    [TestMethod]
    public void Of_DenseLayerBehindTranspose_IsLast()
    {
        string last = Transpose("t", Conv("c", Input(1, 3, 8, 8)), ToLast);
        string wide = _graph.Node("MatMul", "wide",
            [last, _graph.Initializer("w", TensorData.FromArray(new float[32], new TensorShape(4, 8)))]);
        Layouts(_graph.Node("Gelu", "g", [wide]));
        Assert.AreEqual(ChannelLayout.Last, Layouts().Of("wide", 4).Layout);
        Assert.AreEqual(ChannelLayout.Last, Layouts().Of("g", 4).Layout);
    }

    [TestMethod]
    public void Of_ReducedWithItsAxes_IsLast()
    {
        string last = Transpose("t", Conv("c", Input(1, 3, 8, 8)), ToLast);
        Layouts(_graph.Node("ReduceMax", "m", [last], ("axes", new long[] { 1, 2 }), ("keepdims", 1L)));
        Assert.AreEqual(ChannelLayout.Last, Layouts().Of("m", 4).Layout);
    }

    [TestMethod]
    public void Of_ShuffledGroupsAndTokens_AreAsBefore()
    {
        string shape = _graph.Initializer("shape", TensorData.FromArray(new long[] { 1, 2, 2, 8, 8 }, new TensorShape(5)));
        string groups = _graph.Node("Reshape", "groups", [Conv("c", Input(1, 3, 8, 8)), shape]);
        Layouts(_graph.Node("Transpose", "shuffled", [groups], ("perm", new long[] { 0, 2, 1, 3, 4 })));
        Assert.AreEqual((ChannelLayout.First, null), Layouts().Of("shuffled", 5));
    }

    [TestMethod]
    [DataRow(new long[] { 1, 0, 2, 3 })]
    [DataRow(new long[] { 0, 2, 1, 3 })]
    [DataRow(new long[] { 3, 0, 1, 2 })]
    public void Of_ChannelsInTheMiddleOrBatchNotInFront_AreAsBefore(long[] perm)
    {
        Layouts(Transpose("t", Conv("c", Input(1, 3, 8, 8)), perm));
        Assert.AreEqual((ChannelLayout.First, null), Layouts().Of("t", 4));
    }

    /// <summary>Width before height does not matter to where the channels are.</summary>
    [TestMethod]
    public void Of_PlacesChangeSides_ChannelsAreStillLast()
    {
        Layouts(Transpose("t", Conv("c", Input(1, 3, 8, 8)), [0, 3, 2, 1]));
        Assert.AreEqual(ChannelLayout.Last, Layouts().Of("t", 4).Layout);
    }

    [TestMethod]
    public void Of_ThreePlaces_IsLast()
    {
        string c = _graph.Node("MaxPool", "p", [Input(1, 3, 4, 8, 8)], ("kernel_shape", new long[] { 1, 1, 1 }));
        Layouts(Transpose("t", c, [0, 2, 3, 4, 1]));
        Assert.AreEqual(ChannelLayout.Last, Layouts().Of("t", 5).Layout);
        Assert.AreEqual(ChannelLayout.First, Layouts().Of("t", 4).Layout, "Not of the rank that the graph speaks of.");
    }

    [TestMethod]
    public void Of_Forced_IsWhatWasAskedForFromFourAxesOn()
    {
        Layouts(Transpose("t", Conv("c", Input(1, 3, 8, 8)), ToLast));
        ChannelLayouts last = ChannelLayouts.Of(_graph.Build().Graph, ChannelLayout.Last),
            first = ChannelLayouts.Of(_graph.Build().Graph, ChannelLayout.First);
        Assert.AreEqual((ChannelLayout.Last, "it was asked for"), last.Of("c", 4));
        Assert.AreEqual((ChannelLayout.First, null), last.Of("c", 3));
        Assert.AreEqual((ChannelLayout.First, "it was asked for"), first.Of("t", 4));
        Assert.AreEqual((ChannelLayout.First, null), first.Of("c", 4));
    }

    private ChannelLayouts Layouts(string? output = null)
    {
        if (output is not null)
            _graph.Output(output, ElementType.Float);
        return ChannelLayouts.Of(_graph.Build().Graph);
    }

    private string Input(params long[] shape) => _graph.Input("x", ElementType.Float, [.. shape.Select(size => (Dimension)size)]);

    private string Conv(string name, string x) => _graph.Node("Conv", name,
        [x, _graph.Initializer($"{name}.w", TensorData.FromArray(new float[12], new TensorShape(4, 3, 1, 1)))]);

    private string Transpose(string name, string x, long[] perm) => _graph.Node("Transpose", name, [x], ("perm", perm));
}
