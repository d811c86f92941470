using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class OperatorFactsTests
{
    // The operators with inputs that are trained, or kept with what is: all others leave every initializer a constant.
    private const string Roles = """
        Add: Weight 0 of 2, Weight 1 of 2
        BatchNormalization: Weight 1, Weight 2, Statistic 3, Statistic 4
        Conv: Weight 1, Weight 2
        ConvTranspose: Weight 1, Weight 2
        DeformConv: Weight 1, Weight 3
        Div: Weight 0 of 2, Weight 1 of 2
        GRU: Weight 1, Weight 2, Weight 3
        Gemm: Weight 1, Weight 2
        GroupNormalization: Weight 1, Weight 2
        InstanceNormalization: Weight 1, Weight 2
        LSTM: Weight 1, Weight 2, Weight 3, Weight 7
        LayerNormalization: Weight 1, Weight 2
        MatMul: Weight 0, Weight 1
        Mul: Weight 0 of 2, Weight 1 of 2
        PRelu: Weight 1
        RMSNormalization: Weight 1
        RNN: Weight 1, Weight 2, Weight 3
        Sub: Weight 0 of 2, Weight 1 of 2
        """;

    [TestMethod]
    public void Weights_OfEveryOperatorThatIsTrained_HaveTheRolesThatTrainingCountsOn()
    {
        IEnumerable<string> found = OperatorTable.All.Select(row => row.Type).Distinct().Order(StringComparer.Ordinal)
            .Select(type => (type, Uses: OperatorFacts.Of(type).Weights.Where(w => w.Role != TensorRole.Constant).OrderBy(w => w.Index)
                .Select(w => $"{w.Role} {w.Index}{(w.Smallest > 1 ? $" of {w.Smallest}" : "")}").ToArray()))
            .Where(row => row.Uses.Length > 0)
            .Select(row => $"{row.type}: {string.Join(", ", row.Uses)}");
        Assert.AreEqual(Roles.ReplaceLineEndings("\n"), string.Join('\n', found));
    }

    [TestMethod]
    public void Weights_ThatAreTrained_BelongToOperatorsThatCanBe()
    {
        var executed = OperatorTable.All.Select(row => row.Type).ToHashSet();
        string[] idle = [.. OperatorFacts.All.Where(row => row.Weights.Any(w => w.Role != TensorRole.Constant))
            .Select(row => row.Type).Where(type => !executed.Contains(type))];
        Assert.IsEmpty(idle, $"Trained by nobody: {string.Join(", ", idle)}");
    }

    [TestMethod]
    public void Weights_OfARow_AreDifferentInputs()
    {
        string[] twice = [.. OperatorFacts.All.Where(row => row.Weights.DistinctBy(w => w.Index).Count() < row.Weights.Length)
            .Select(row => row.Type)];
        Assert.IsEmpty(twice, string.Join(", ", twice));
    }

    [TestMethod]
    public void Of_OperatorWithoutARow_IsTheDefault()
    {
        OperatorFacts facts = OperatorFacts.Of("NobodysOperator");
        Assert.AreEqual((0, 0, false, OperatorFamily.Other, EffectOnClasses.Mixes),
            (facts.Weights.Length, facts.Limits.Length, facts.Quantizes, facts.Family, facts.OnClasses));
    }

    [TestMethod]
    [DataRow("Neg", ElementType.Float16, 0, ElementType.Float16)]
    [DataRow("Cast", ElementType.Float16, 0, ElementType.Float)]
    [DataRow("Less", ElementType.Float, 0, ElementType.Bool)]
    [DataRow("TopK", ElementType.Float16, 0, ElementType.Float16)]
    [DataRow("TopK", ElementType.Float16, 1, ElementType.Int64)]
    [DataRow("Dropout", ElementType.Float, 1, ElementType.Bool)]
    [DataRow("Unique", ElementType.Double, 3, ElementType.Int64)]
    [DataRow("If", ElementType.Float, 0, ElementType.Undefined)]
    [DataRow("ConstantOfShape", ElementType.Int64, 0, ElementType.Float)]
    [DataRow("Constant", ElementType.Int64, 0, ElementType.Undefined)]
    public void Types_OfOutputs_FollowTheOperator(string op, ElementType given, int output, ElementType expected)
    {
        var graph = new GraphBuilder("types");
        string[] outputs = [.. Enumerable.Range(0, output + 1).Select(i => $"y{i}")];
        graph.Node(op, "", "n", [graph.Input("x", given, 4)], outputs);
        graph.Output("x", given, 4);
        Assert.AreEqual(expected, new GraphTypes(graph.Build().Proto.Graph).Of(outputs[^1]));
    }

    [TestMethod]
    public void IsNondeterministic_MaskOfDropout_OnlyBeforeVersion12()
    {
        foreach ((int opset, bool isOpen) in new[] { (11, true), (12, false) })
        {
            var graph = new GraphBuilder("mask", opset);
            graph.Node("Dropout", "", "drop", [graph.Input("x", ElementType.Float, 4)], ["y", "mask"]);
            graph.Output("y", ElementType.Float, 4);
            OnnxNode node = graph.Build().Graph.Nodes[0];
            Assert.AreEqual((false, isOpen), (OperatorFacts.IsNondeterministic(node, "y"), OperatorFacts.IsNondeterministic(node, "mask")));
        }
    }
}
