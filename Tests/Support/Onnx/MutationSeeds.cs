using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Sound models of a few nodes with the parts that engines are choosy about.</summary>
internal static class MutationSeeds
{
    /// <summary>Convolutions in groups and transposed, BatchNormalization, pools, a classifier.</summary>
    public static ModelProto Classifier()
    {
        var graph = new GraphBuilder("classifier");
        string x = graph.Input("x", ElementType.Float, 1, 4, 8, 8);
        x = graph.Node("Conv", "conv", [x, Floats(graph, "w", 4, 2, 3, 3)], ("group", 2), ("pads", new[] { 1, 1, 1, 1 }),
            ("strides", new[] { 1, 1 }), ("dilations", new[] { 1, 1 }));
        x = graph.Node("BatchNormalization", "norm",
            [x, Floats(graph, "s", 4), Floats(graph, "b", 4), Floats(graph, "m", 4), Floats(graph, "v", 4)], ("epsilon", 1e-5f));
        x = graph.Node("MaxPool", "pool", [x], ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }), ("ceil_mode", 1));
        x = graph.Node("ConvTranspose", "up", [x, Floats(graph, "u", 4, 2, 2, 2)], ("strides", new[] { 2, 2 }),
            ("output_padding", new[] { 0, 0 }));
        x = graph.Node("LRN", "lrn", [x], ("size", 3), ("alpha", 1e-4f));
        x = graph.Node("AveragePool", "mean", [x], ("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 1, 1, 1 }),
            ("count_include_pad", 1));
        x = graph.Node("Flatten", "flat", [x], ("axis", 1));
        x = graph.Node("Gemm", "fc", [x, Floats(graph, "f", 3, 128)], ("transB", 1), ("alpha", 0.5f));
        graph.Output(graph.Node("Softmax", "y", [x], ("axis", -1)), ElementType.Float, 1, 3);
        return graph.Build().Proto;
    }

    /// <summary>If, whose branches use tensors around them.</summary>
    public static ModelProto Branches()
    {
        GraphBuilder Branch(string op)
        {
            var branch = new GraphBuilder(op);
            branch.Output(branch.Node(op, op, ["r"]), ElementType.Float, 2, 3);
            return branch;
        }

        var graph = new GraphBuilder("branches");
        string x = graph.Input("x", ElementType.Float, 2, 3), condition = graph.Input("c", ElementType.Bool);
        _ = graph.Node("Relu", "r", [x]);
        graph.Output(graph.Node("If", "y", [condition], ("then_branch", Branch("Sin")), ("else_branch", Branch("Neg"))), ElementType.Float,
            2, 3);
        return graph.Build().Proto;
    }

    /// <summary>Loop with a state and a scan output, and Scan.</summary>
    public static ModelProto Loops()
    {
        var body = new GraphBuilder("body");
        body.Input("i", ElementType.Int64);
        body.Input("go", ElementType.Bool);
        body.Input("state", ElementType.Float, 3);
        body.Output(body.Node("Identity", "on", ["go"]), ElementType.Bool);
        body.Output(body.Node("Add", "next", ["state", "x"]), ElementType.Float, 3);
        body.Output(body.Node("Mul", "each", ["next", "next"]), ElementType.Float, 3);
        var step = new GraphBuilder("step");
        step.Input("sum", ElementType.Float, 3);
        step.Input("row", ElementType.Float, 3);
        step.Output(step.Node("Add", "sum_out", ["sum", "row"]), ElementType.Float, 3);
        step.Output(step.Node("Identity", "row_out", ["sum_out"]), ElementType.Float, 3);
        var graph = new GraphBuilder("loops");
        string x = graph.Input("x", ElementType.Float, 3);
        string trips = graph.Initializer("trips", TensorData.FromArray([4L], TensorShape.Scalar));
        graph.Node("Loop", "", "loop", [trips, "", x], ["last", "rows"], ("body", body));
        graph.Node("Scan", "", "scan", [x, "rows"], ["total", "y"], ("body", step), ("num_scan_inputs", 1));
        graph.Output("y", ElementType.Float, 4, 3);
        return graph.Build().Proto;
    }

    /// <summary>Quantised values around a convolution, and one in integers.</summary>
    public static ModelProto Quantized()
    {
        var graph = new GraphBuilder("quantized");
        string x = graph.Input("x", ElementType.Float, 1, 2, 5, 5);
        string scale = graph.Initializer("scale", TensorData.FromArray([0.1f], TensorShape.Scalar));
        string zero = graph.Initializer("zero", new TensorData(ElementType.UInt8, TensorShape.Scalar, new byte[] { 128 }));
        byte[] weights = [.. Enumerable.Range(100, 54).Select(i => (byte)i)];
        string weight = graph.Initializer("w", new TensorData(ElementType.UInt8, new TensorShape(3, 2, 3, 3), weights));
        string q = graph.Node("QuantizeLinear", "q", [x, scale, zero]);
        string c = graph.Node(
            "QLinearConv", "c", [q, scale, zero, weight, scale, zero, scale, zero], ("kernel_shape", new[] { 3, 3 }),
            ("pads", new[] { 1, 1, 1, 1 }));
        string d = graph.Node("DequantizeLinear", "d", [c, scale, zero]);
        var second = new TensorData(ElementType.UInt8, new TensorShape(2, 3, 1, 1), new byte[] { 1, 2, 3, 4, 5, 6 });
        string f = graph.Node("Conv", "f", [d, graph.Node("DequantizeLinear", "dw", [graph.Initializer("w2", second), scale, zero])]);
        string p = graph.Node("MaxPool", "p", [graph.Node("QuantizeLinear", "q2", [f, scale, zero])], ("kernel_shape", new[] { 2, 2 }));
        graph.Output(graph.Node("DequantizeLinear", "y", [p, scale, zero]), ElementType.Float, 1, 2, 4, 4);
        return graph.Build().Proto;
    }

    /// <summary>What takes shapes, axes and indices from tensors.</summary>
    public static ModelProto Shapes()
    {
        var graph = new GraphBuilder("shapes");
        string Longs(string name, params long[] values) =>
            graph.Initializer(name, TensorData.FromArray(values, new TensorShape(values.Length)));
        string x = graph.Input("x", ElementType.Float, 1, 2, 6, 6);
        x = graph.Node("Pad", "pad", [x, Longs("pads", 0, 0, 1, 1, 0, 0, 1, 1)], ("mode", "reflect"));
        x = graph.Node("Slice", "slice", [x, Longs("starts", 1, -1), Longs("ends", 100, -100), Longs("axes", 2, 3), Longs("steps", 2, -1)]);
        x = graph.Node("Resize", "resize", [x, "", "", Longs("sizes", 1, 2, 6, 6)], ("mode", "linear"));
        x = graph.Node("Gather", "gather", [x, Longs("picked", 1, 0, 1)], ("axis", 1));
        x = graph.Node("Expand", "expand", [x, Longs("wide", 2, 3, 6, 6)]);
        x = graph.Node("Tile", "tile", [x, Longs("times", 1, 1, 2, 1)]);
        x = graph.Node("Transpose", "transpose", [x], ("perm", new[] { 0, 2, 3, 1 }));
        x = graph.Node("Reshape", "reshape", [x, Longs("shape", 0, -1)]);
        graph.Node("Split", "", "split", [x, Longs("parts", 200, 16)], ["left", "right"], ("axis", 1));
        graph.Node("TopK", "", "top", ["left", Longs("k", 3)], ["best", "places"], ("axis", -1));
        x = graph.Node("Concat", "concat", ["best", "right"], ("axis", 1));
        x = graph.Node("ReduceSum", "sum", [x, Longs("over", 1)], ("keepdims", 0));
        string range = graph.Node("ConstantOfShape", "fill", [Longs("size", 2)], ("value", TensorData.FromArray([1f], new TensorShape(1))));
        graph.Output(graph.Node("Mul", "y", [x, range]), ElementType.Float, 2);
        return graph.Build().Proto;
    }

    private static string Floats(GraphBuilder graph, string name, params long[] dims)
    {
        var shape = new TensorShape(dims);
        return graph.Initializer(
            name, TensorData.FromArray([.. Enumerable.Range(0, (int)shape.Count).Select(i => 0.1f + (i % 7 * 0.05f))], shape));
    }
}
