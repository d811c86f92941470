using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Onnx;

/// <summary>What the graph says that a place is computed from, by hand and against what a changed pixel changes.</summary>
[TestClass]
public sealed class ReceptiveFieldsTests
{
    private const int Height = 11, Width = 14, Channels = 4;

    private static readonly Dictionary<string, Func<GraphBuilder, string, string>> Networks = new()
    {
        ["strides and dilations"] = (g, x) =>
            Conv(g, "b", Conv(g, "a", x, 3, ("strides", Both(2)), Pads(1)), 3, ("dilations", Both(2)), Pads(2)),
        ["uneven pads"] = (g, x) => Conv(g, "a", x, 3, ("pads", new long[] { 0, 2, 1, 0 })),
        ["residual"] = (g, x) => g.Node("Relu", "r", [g.Node("Add", "sum", [
            Conv(g, "b", g.Node("Relu", "ra", [Conv(g, "a", x, 3, ("strides", Both(2)), Pads(1))]), 3, Pads(1)),
            Conv(g, "short", x, 1, ("strides", Both(2)))])]),
        ["pool that rounds up"] = (g, x) => g.Node("MaxPool", "p", [x], Kernel(3), ("strides", Both(2)), ("ceil_mode", 1)),
        ["pool, same upper"] = (g, x) => g.Node("AveragePool", "p", [x], Kernel(2), ("strides", Both(2)), ("auto_pad", "SAME_UPPER")),
        ["pool, same lower"] = (g, x) => g.Node("AveragePool", "p", [x], Kernel(4), ("strides", Both(2)), ("auto_pad", "SAME_LOWER")),
        ["transposed convolution"] = (g, x) => g.Node("ConvTranspose", "t", [Conv(g, "a", x, 3, ("strides", Both(2))), Weight(g, "tw", 3)],
            ("strides", Both(2)), Pads(1), ("output_padding", Both(1))),
        ["nearest"] = (g, x) => g.Node("Resize", "u", [Conv(g, "a", x, 3, Pads(1)), "", Floats(g, "s", 1, 1, 2, 1.5f)]),
        ["linear"] = (g, x) => g.Node("Resize", "u", [x, "", Floats(g, "s", 1, 1, 2, 0.5f)], ("mode", "linear")),
        ["cubic, corners"] = (g, x) => g.Node("Resize", "u", [x, "", Floats(g, "s", 1, 1, 2, 2)], ("mode", "cubic"),
            ("coordinate_transformation_mode", "align_corners")),
        ["mirror"] = (g, x) => Conv(g, "a",
            g.Node("Pad", "p", [x, Longs(g, "pads", 0, 0, 2, 1, 0, 0, 1, 3)], ("mode", "reflect")), 3),
        ["zeros around"] = (g, x) => Conv(g, "a", g.Node("Pad", "p", [x, Longs(g, "pads", 0, 0, 1, 1, 0, 0, 1, 1)]), 3),
        ["focus"] = (g, x) => Conv(g, "a",
            g.Node("Concat", "c", [Every(g, "e", x, 0, 0), Every(g, "f", x, 1, 1)], ("axis", 1)), 3, 2 * Channels),
        ["rows behind one another"] = (g, x) => g.Node("Concat", "c",
            [Conv(g, "a", x, 3, Pads(1)), Conv(g, "b", x, 3, ("strides", Both(1)), Pads(1))], ("axis", 2)),
        ["pixels of channels"] = (g, x) => g.Node("DepthToSpace", "d", [Conv(g, "a", x, 3, Pads(1))], ("blocksize", 2)),
        ["shuffled channels"] = (g, x) => g.Node("Reshape", "r2", [g.Node("Transpose", "t", [
            g.Node("Reshape", "r1", [Conv(g, "a", x, 3, Pads(1)), Longs(g, "s1", -1, 2, 2, Height, Width)])],
                ("perm", new long[] { 0, 2, 1, 3, 4 })),
            Longs(g, "s2", -1, Channels, Height, Width)]),
        ["channels last"] = (g, x) => g.Node("MatMul", "m", [
            g.Node("Transpose", "t", [Conv(g, "a", x, 3, Pads(1))], ("perm", new long[] { 0, 2, 3, 1 })),
            g.Initializer("mw", Positive(Channels, 5))]),
        ["squeeze and excite"] = (g, x) => g.Node("Mul", "m", [x, Conv(g, "a", g.Node("GlobalAveragePool", "p", [x]), 1)]),
        ["norm over the picture"] = (g, x) => g.Node("InstanceNormalization", "n",
            [Conv(g, "a", x, 3), g.Initializer("scale", Positive(Channels)), g.Initializer("shift", Positive(Channels))]),
        ["mean of columns"] = (g, x) => g.Node("ReduceMean", "n", [Conv(g, "a", x, 3)], ("axes", new long[] { 3 })),
    };

    public static IEnumerable<object[]> Names => Networks.Keys.Select(name => new object[] { name });

    // Along one axis: conv1 5 wide with 2 of padding: i−2 .. i+2. pool1, 2 by 2: 2i−2 .. 2i+3. conv2 5 wide without padding reads
    // i .. i+4 of these: 2i−2 .. 2(i+4)+3 = 2i+11. pool2 reads 2i and 2i+1: 4i−2 .. 4i+13, 16 pixels every 4.
    [TestMethod]
    public void LeNet_ByHand()
    {
        OnnxModel model = SmallNetworks.LeNet();
        var fields = new ReceptiveFields(model.Graph, "image", new TensorShape(1, 1, 28, 28));
        foreach ((string tensor, int count, int step, int first, int last) in new[]
        {
            ("conv1", 28, 1, -2, 2), ("relu_conv1", 28, 1, -2, 2), ("pool1", 14, 2, -2, 3), ("conv2", 10, 2, -2, 11),
            ("pool2", 5, 4, -2, 13),
        })
        {
            foreach (Reach reach in new[] { fields.Of(tensor)!.Rows, fields.Of(tensor)!.Columns })
            {
                int[] places = [.. Enumerable.Range(0, count)];
                CollectionAssert.AreEqual(places.Select(i => Math.Max(0, step * i + first)).ToArray(), reach.First, tensor);
                CollectionAssert.AreEqual(places.Select(i => Math.Min(27, step * i + last)).ToArray(), reach.Last, tensor);
            }
        }

        Assert.IsNull(fields.Of("flat"), "a vector has no places");
    }

    // The long path: 3 wide every 2nd, then 3 wide: 2(i−1)−1 .. 2(i+1)+1 = 2i−3 .. 2i+3. The short one reads 2i alone, which is within;
    // a short path that looks two further to the right widens the union: 2i−3 .. 2i+4.
    [TestMethod]
    public void BlockWithTwoPaths_ByHand_IsTheUnion()
    {
        foreach ((int size, int last) in new[] { (1, 3), (5, 4) })
        {
            var graph = new GraphBuilder("block");
            string x = graph.Input("x", ElementType.Float, 1, Channels, 32, 32);
            string longer = Conv(graph, "b", Conv(graph, "a", x, 3, ("strides", Both(2)), Pads(1)), 3, Pads(1));
            string shorter = Conv(graph, "short", x, size, ("strides", Both(2)), ("pads", new long[] { 0, 0, size - 1, size - 1 }));
            graph.Output(graph.Node("Add", "y", [longer, shorter]), ElementType.Float, 1, Channels, 16, 16);
            Reach rows = new ReceptiveFields(graph.Build().Graph, "x", new TensorShape(1, Channels, 32, 32)).Of("y")!.Rows;
            CollectionAssert.AreEqual(Enumerable.Range(0, 16).Select(i => Math.Max(0, 2 * i - 3)).ToArray(), rows.First);
            CollectionAssert.AreEqual(Enumerable.Range(0, 16).Select(i => Math.Min(31, 2 * i + last)).ToArray(), rows.Last);
        }
    }

    [TestMethod]
    public void OrderOfPlacesThatNobodyKnows_IsNotGuessed()
    {
        var graph = new GraphBuilder("windows");
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        string cut = graph.Node("Reshape", "cut", [x, Longs(graph, "s", 1, 4, 2, 2)]);
        graph.Output(graph.Node("Relu", "y", [cut]), ElementType.Float, 1, 4, 2, 2);
        Assert.IsNull(new ReceptiveFields(graph.Build().Graph, "x", new TensorShape(1, 1, 4, 4)).Of("y"));
    }

    // Weights and pictures are positive, so that no rectifier hides a change, and a changed pixel becomes the largest of all.
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Reach_IsWhatChangesWithAPixel(string name)
    {
        var graph = new GraphBuilder(name);
        string x = graph.Input("x", ElementType.Float, "N", 1, Height, Width);
        string wide = Conv(graph, "in", x, 1, 1);
        string last = Networks[name](graph, wide);
        graph.Output(graph.Node("Identity", "y", [last]), ElementType.Float, "N", "a", "b", "c");
        OnnxModel model = graph.Build();
        MapReach reach = new ReceptiveFields(model.Graph, "x", new TensorShape(1, 1, Height, Width)).Of("y")!;

        // One picture as it is, and one for each pixel that is changed.
        const int Area = Height * Width;
        float[] pictures = [.. Enumerable.Repeat(Positive(Area).As<float>().ToArray(), Area + 1).SelectMany(p => p)];
        for (int pixel = 0; pixel < Area; pixel++)
            pictures[(pixel + 1) * Area + pixel] += 10;
        using var session = ActivationSession.Open(model);
        using Activations seen = session.Run(TensorData.FromArray(pictures, new TensorShape(Area + 1, 1, Height, Width)));
        TensorShape shape = seen["y"].Shape;
        ReadOnlySpan<float> values = seen["y"].Values;
        (int rowAxis, int columnAxis) = ReferenceEquals(reach, MapReach.Everything) ? (2, 3) : (reach.RowAxis, reach.ColumnAxis);
        int[] sizes = [.. shape.Dims.Select(d => (int)d)];
        int sample = values.Length / sizes[0];
        var found = new Dictionary<(int, int), (int Top, int Bottom, int Left, int Right)>();
        for (int pixel = 0; pixel < Area; pixel++)
        {
            for (int i = 0; i < sample; i++)
            {
                if (values[i] == values[(pixel + 1) * sample + i])
                    continue;
                (int row, int column) place = (At(i, sizes, rowAxis), At(i, sizes, columnAxis));
                (int y, int x) at = (pixel / Width, pixel % Width);
                var box = found.GetValueOrDefault(place, (int.MaxValue, -1, int.MaxValue, -1));
                found[place] = (Math.Min(box.Item1, at.y), Math.Max(box.Item2, at.y), Math.Min(box.Item3, at.x), Math.Max(box.Item4, at.x));
            }
        }

        for (int row = 0; row < sizes[rowAxis]; row++)
        {
            for (int column = 0; column < sizes[columnAxis]; column++)
            {
                (int, int, int, int) told = reach.IsWhole ? (0, Height - 1, 0, Width - 1)
                    : (reach.Rows.First[row], reach.Rows.Last[row], reach.Columns.First[column], reach.Columns.Last[column]);
                Assert.AreEqual(found.GetValueOrDefault((row, column), (int.MaxValue, -1, int.MaxValue, -1)), told,
                    $"{name}: ({row}, {column})");
            }
        }
    }

    private static int At(int index, int[] sizes, int axis) => index / sizes[(axis + 1)..].Aggregate(1, (a, b) => a * b) % sizes[axis];

    private static long[] Both(long value) => [value, value];

    private static (string, object) Pads(long value) => ("pads", new[] { value, value, value, value });

    private static (string, object) Kernel(long side) => ("kernel_shape", Both(side));

    private static string Conv(GraphBuilder graph, string name, string x, int side, params (string, object)[] attributes) =>
        Conv(graph, name, x, side, Channels, attributes);

    private static string Conv(GraphBuilder graph, string name, string x, int side, int inputs, params (string, object)[] attributes) =>
        graph.Node("Conv", name, [x, graph.Initializer($"{name}.weight", Positive(Channels, inputs, side, side))], attributes);

    private static string Weight(GraphBuilder graph, string name, int side) =>
        graph.Initializer(name, Positive(Channels, Channels, side, side));

    private static string Every(GraphBuilder graph, string name, string x, long row, long column) => graph.Node("Slice", name,
        [x, Longs(graph, $"{name}.s", row, column), Longs(graph, $"{name}.e", Height - 1, Width), Longs(graph, $"{name}.a", 2, -1),
            Longs(graph, $"{name}.t", 2, 2)]);

    private static string Longs(GraphBuilder graph, string name, params long[] values) =>
        graph.Initializer(name, TensorData.FromArray(values, new TensorShape(values.Length)));

    private static string Floats(GraphBuilder graph, string name, params float[] values) =>
        graph.Initializer(name, TensorData.FromArray(values, new TensorShape(values.Length)));

    private static TensorData Positive(params long[] shape)
    {
        var tensor = new TensorShape(shape);
        var random = new Random(7);
        return TensorData.FromArray([.. Enumerable.Range(0, (int)tensor.Count).Select(_ => 0.5f + random.NextSingle())], tensor);
    }
}
