using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Tensors without features are told apart from those with.</summary>
[TestClass]
public sealed class PlumbingTests
{
    [TestMethod]
    public void Of_GraphWithEachKind_NamesThem()
    {
        OnnxModel model = Build();
        var plumbing = Plumbing.Of(model.Graph, model.Graph.Declared);
        Assert.AreEqual("b shape arithmetic | batch shape arithmetic | constant constants | doubled constants | "
            + "flat_shape shape arithmetic | mask shape arithmetic | shape shape arithmetic",
            string.Join(" | ", plumbing.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} {p.Value}")));
        Assert.AreEqual("5 shape arithmetic, 2 constants", Plumbing.Describe(plumbing.Values));
    }

    // The mean over everything is a number; the score, too, and it is what the model is for.
    [TestMethod]
    public void Of_ShapesOfTheRuntime_FindSingleNumbersButNoOutput()
    {
        OnnxModel model = Build();
        var known = TypedTensors.Of(model, [.. model.Graph.NodeOutputs]).Values.ToDictionary(value => value.Name);
        var plumbing = Plumbing.Of(model.Graph, known.GetValueOrDefault);
        Assert.AreEqual(Plumbing.Scalar, plumbing["mean"]);
        foreach (string feature in new[] { "relu", "masked", "flat", "score" })
            Assert.IsFalse(plumbing.ContainsKey(feature), feature);
    }

    private static OnnxModel Build()
    {
        var graph = new GraphBuilder("plumbing");
        string x = graph.Input("x", ElementType.Float, "N", 2, 3, 3);
        string minusOne = graph.Initializer("minus_one", TensorData.FromArray(new long[] { -1 }, new TensorShape(1)));
        string zero = graph.Initializer("zero", TensorData.FromArray(new long[] { 0 }, TensorShape.Scalar));
        string zeroes = graph.Initializer("zeroes", TensorData.FromArray(new long[] { 0 }, new TensorShape(1)));
        graph.Node("Identity", "constant", [graph.Initializer("w", TensorData.FromArray([2f], new TensorShape(1)))]);
        graph.Node("Mul", "doubled", ["constant", "constant"]);
        string relu = graph.Node("Relu", "relu", [graph.Node("Mul", "scaled", [x, "doubled"])]);
        string shape = graph.Node("Shape", "shape", [relu]);
        // A mask of zeros as large as the maps, as Swin's shifted windows have.
        string mask = graph.Node("ConstantOfShape", "mask", [shape]);
        string masked = graph.Node("Add", "masked", [relu, mask]);
        string batch = graph.Node("Unsqueeze", "batch", [graph.Node("Gather", "b", [shape, zero]), zeroes]);
        string flat = graph.Node("Reshape", "flat", [masked, graph.Node("Concat", "flat_shape", [batch, minusOne], ("axis", 0L))]);
        string mean = graph.Node("ReduceMean", "mean", [flat], ("keepdims", 0L));
        graph.Output(graph.Node("ReduceSum", "score", [graph.Node("Add", "shifted", [flat, mean])], ("keepdims", 0L)), ElementType.Float);
        return graph.Build();
    }
}
