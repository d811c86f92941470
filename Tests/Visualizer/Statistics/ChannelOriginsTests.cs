using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Tests.Statistics;

/// <summary>Channels in trouble count where the trouble begins.</summary>
[TestClass]
public sealed class ChannelOriginsTests
{
    private const int Side = 4;

    // conv has channels: 0 alive, 1 dead (weight 0), 2 constant (weight 0, bias 1), 3 negative: dead behind the Relu.
    [TestMethod]
    public void Result_DeadChannelsBehindCopies_CountOnce()
    {
        SurveyRecord survey = Survey();
        Assert.AreEqual("conv dead 1 constant 2 | relu dead 3 constant ", string.Join(" | ", survey.Layers
            .Where(layer => layer.Dead.Length + layer.Constant.Length > 0)
            .Select(layer => $"{layer.Name} dead {string.Join(',', layer.Dead)} constant {string.Join(',', layer.Constant)}")));
        Assert.AreEqual((2, 1), (survey.Dead, survey.Constant));
        // relu 2; pool 3, dropout 3, both halves of concat 6, sum 3
        Assert.AreEqual(17, survey.Copies);
        // Channels 0 and 3 of conv are one another's negatives, and channel 0 is in the concat twice.
        Assert.Contains("2 dead, 1 constant, 0 saturated, 2 duplicate, and 17 behind those;", survey.ToString());
    }

    [TestMethod]
    public void Advice_Channels_DependsOnHowManyAndOnHowManyPictures()
    {
        SurveyRecord few = Survey();
        Assert.AreEqual("3 dead or constant channels in 3 pictures: look at more before you prune", few.Advice);
        Assert.StartsWith("3 dead or constant channels are many: is the preprocessing", (few with { Pictures = 100 }).Advice!);
        Assert.StartsWith("3 dead or constant channels can be pruned", (few with { Pictures = 100, Channels = 1000 }).Advice!);
        Assert.IsNull((few with { Dead = 0, Constant = 0 }).Advice);
        Assert.HasCount(1, (few with { Dead = 0, Constant = 0 }).Lines());
    }

    [TestMethod]
    public void Survey_Plumbing_HasNoChannels()
    {
        // shape [4] and its product with a constant would be 8 constant channels.
        SurveyRecord survey = Survey();
        Assert.IsFalse(survey.Layers.Any(layer => layer.Name is "shape" or "twice"));
        // conv 4, relu 4, pool 4, dropout 4, concat 8, sum 4
        Assert.AreEqual(28, survey.Channels);
    }

    private static SurveyRecord Survey()
    {
        using ActivationSession session = ActivationSession.Open(Model(), new ActivationOptions());
        var survey = new ChannelSurvey(session.Model.Graph);
        var random = new Random(3);
        for (int picture = 0; picture < 3; picture++)
        {
            using Activations seen = session.Run(TensorData.FromArray(
                [.. Enumerable.Range(0, Side * Side).Select(_ => 0.1f + random.NextSingle())], new TensorShape(1, 1, Side, Side)));
            survey.Add($"picture {picture}", seen);
        }

        return survey.Result();
    }

    private static OnnxModel Model()
    {
        var graph = new GraphBuilder("origins");
        string x = graph.Input("x", ElementType.Float, 1, 1, Side, Side);
        string weight = graph.Initializer("w", TensorData.FromArray([1f, 0, 0, -1], new TensorShape(4, 1, 1, 1)));
        string bias = graph.Initializer("b", TensorData.FromArray([0f, 0, 1, 0], new TensorShape(4)));
        string relu = graph.Node("Relu", "relu", [graph.Node("Conv", "conv", [x, weight, bias])]);
        string pool = graph.Node("MaxPool", "pool", [relu], ("kernel_shape", new long[] { 1, 1 }));
        string dropout = graph.Node("Dropout", "dropout", [pool]);
        graph.Node("Mul", "twice", [graph.Node("Shape", "shape", [dropout]),
            graph.Initializer("two", TensorData.FromArray(new long[] { 2 }, new TensorShape(1)))]);
        graph.Output(graph.Node("Concat", "concat", [dropout, pool], ("axis", 1L)), ElementType.Float, 1, 8, Side, Side);
        graph.Output(graph.Node("Add", "sum", [dropout, relu]), ElementType.Float, 1, 4, Side, Side);
        return graph.Build();
    }
}
