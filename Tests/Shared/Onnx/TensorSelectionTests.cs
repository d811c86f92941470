using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class TensorSelectionTests
{
    // x → conv1 → relu1 → conv2 → relu2, and "scaled", which only depends on a weight.
    private static readonly OnnxModel Model = Build();

    [TestMethod]
    [DataRow(new string[0], "", null, null, false, "conv1 relu1 conv2 relu2")]
    [DataRow(new string[0], "", null, null, true, "scaled conv1 relu1 conv2 relu2")]
    [DataRow(new[] { "relu*" }, "", null, null, false, "relu1 relu2")]
    [DataRow(new[] { "?onv1", "relu2" }, "", null, null, false, "conv1 relu2")]
    [DataRow(new string[0], "conv", null, null, false, "conv1 conv2")]
    [DataRow(new string[0], "Conv,Relu", 1, null, false, "conv1")]
    [DataRow(new string[0], "", null, 1, false, "relu2")]
    [DataRow(new string[0], "", 1, 1, false, "conv1 relu2")]
    [DataRow(new[] { "*1" }, "Relu", 5, null, false, "relu1")]
    public void Choose_Conditions_Combine(string[] globs, string ops, int? first, int? last, bool constants, string expected)
    {
        SelectionResult result = Selection(globs, ops, first, last, constants).Choose(Model);
        Assert.AreEqual(expected, string.Join(' ', result.Chosen));
        Assert.AreEqual(5, result.Chosen.Count + result.LeftOut.Sum(l => l.Value), "Every tensor is chosen or has a reason.");
    }

    [TestMethod]
    public void Choose_Result_SaysWhyTensorsAreLeftOut() => Assert.AreEqual(
        "1 of 5 tensors (left out: 1 constants, 2 made by other operators, 1 beyond the first and last)",
        Selection([], "Conv", 1, null, false).Choose(Model).ToString());

    [TestMethod]
    [DataRow("pool*", "", "chain: no tensor is named 'pool*'; its 5 tensors are scaled, conv1, relu1, conv2, relu2")]
    [DataRow("", "Gelu", "chain: no node is of type 'Gelu'; its operators are Abs, Conv, Relu")]
    [DataRow("conv1", "Relu", "chain: no tensor is left of 5 (1 constants, 3 of other names, 1 made by other operators)")]
    public void Choose_NothingLeft_SaysWhatThereIs(string glob, string ops, string message)
    {
        TensorSelection selection = Selection(glob.Length > 0 ? [glob] : [], ops, null, null, false);
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => selection.Choose(Model)).Message);
    }

    private static TensorSelection Selection(string[] globs, string ops, int? first, int? last, bool constants) => new()
    {
        Globs = globs,
        Ops = ops.Split(',', StringSplitOptions.RemoveEmptyEntries),
        First = first,
        Last = last,
        Constants = constants,
    };

    private static OnnxModel Build()
    {
        var graph = new GraphBuilder("chain");
        string x = graph.Input("x", ElementType.Float, 1, 1, 8, 8);
        string weight = graph.Initializer("w", TensorData.FromArray([1f], new TensorShape(1, 1, 1, 1)));
        graph.Node("Abs", "scaled", [weight]);
        foreach (int i in new[] { 1, 2 })
            x = graph.Node("Relu", $"relu{i}", [graph.Node("Conv", $"conv{i}", [x, "scaled"])]);
        graph.Output(x, ElementType.Float, 1, 1, 8, 8);
        return graph.Build();
    }
}
