using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Stages of models without a card: the last tensor of each size of maps.</summary>
[TestClass]
public sealed class StagesTests
{
    [TestMethod]
    [DataRow(true, DisplayName = "sizes known")]
    [DataRow(false, DisplayName = "sizes open: strides tell")]
    public void Find_FourSizes_EndWithTheLastTensorOfEach(bool isKnown)
    {
        OnnxModel model = FourSizes(isKnown);
        var known = TypedTensors.Of(model, [.. model.Graph.NodeOutputs]).Values.ToDictionary(value => value.Name);
        Assert.AreEqual("stage1 relu2 | stage2 relu4 | stage3 relu3 | stage4 up", Text(Stages.Of(model, known.GetValueOrDefault)));
    }

    [TestMethod]
    public void Of_ModelCard_CountsMore() =>
        Assert.AreEqual("first relu_conv1 | second relu_conv2", Text(Stages.Of(SmallNetworks.LeNet())));

    [TestMethod]
    public void Choose_StagesOfAModelWithoutCard_AreChosen()
    {
        using var session = ActivationSession.Open(FourSizes(isKnown: true),
            new ActivationOptions { Selection = new TensorSelection { StagesOnly = true } });
        Assert.AreEqual("relu2 relu4 relu3 up", string.Join(' ', session.Tensors));
    }

    [TestMethod]
    public void Choose_ModelWithoutMaps_IsRefused()
    {
        var graph = new GraphBuilder("flat");
        graph.Output(graph.Node("Relu", "y", [graph.Input("x", ElementType.Float, 1, 4)]), ElementType.Float, 1, 4);
        Assert.AreEqual("flat: its stages are wanted, but no model card names them and it makes no maps",
            Assert.ThrowsExactly<BadInputException>(() => new TensorSelection { StagesOnly = true }.Choose(graph.Build())).Message);
    }

    // As ONNX Runtime's shapes have them: the last of 32x32, 16x16, 8x8; of 111, 55, 27, 13; behind ShuffleNet's changes of shape, too.
    [TestMethod]
    public void Find_RealModels_EndsOfTheirStages()
    {
        string folder = SharedData.Require("onnx-models");
        foreach ((string file, string stages) in new[]
        {
            ("classification/resnet20_cifar10.onnx", "152 175 198"),
            ("classification/SqueezeNet_fp16.onnx", "conv1_2 fire3/concat_1 fire5/concat_1 conv10_2"),
            ("detection/FastestDet.onnx", "onnx::MaxPool_423 onnx::Conv_432 onnx::Conv_500 input.504 758"),
        })
        {
            OnnxModel model = OnnxModel.Read(Path.Combine(folder, file));
            var known = TypedTensors.Of(model, [.. model.Graph.NodeOutputs]).Values.ToDictionary(value => value.Name);
            Assert.AreEqual(stages, string.Join(' ', Stages.Of(model, known.GetValueOrDefault).Select(s => s.Value)), file);
        }
    }

    // 16x16: conv, relu, conv, relu → pool to 8x8 → stride to 4x4 → back to 8x8, conv, relu → up to 32x32 → one value a channel.
    private static OnnxModel FourSizes(bool isKnown)
    {
        var graph = new GraphBuilder("four");
        Dimension side = isKnown ? 16 : "side";
        string x = graph.Input("x", ElementType.Float, 1, 1, side, side);
        x = Relu(graph, 1, x, 1);
        x = Relu(graph, 2, x, 1);
        x = graph.Node("MaxPool", "pool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        x = Relu(graph, 4, x, 2);
        string scales = graph.Initializer("scales", TensorData.FromArray([1f, 1, 2, 2], new TensorShape(4)));
        string up = graph.Node("Resize", "back", [x, "", scales]);
        x = Relu(graph, 3, up, 1);
        x = graph.Node("Resize", "up", [x, "", graph.Initializer("more", TensorData.FromArray([1f, 1, 4, 4], new TensorShape(4)))]);
        graph.Output(graph.Node("GlobalAveragePool", "y", [x]), ElementType.Float, 1, 1, 1, 1);
        return graph.Build();
    }

    private static string Relu(GraphBuilder graph, int number, string x, long stride) => graph.Node("Relu", $"relu{number}",
        [graph.Node("Conv", $"conv{number}", [x, graph.Initializer($"w{number}",
            TensorData.FromArray([.. Enumerable.Repeat(1f, 9)], new TensorShape(1, 1, 3, 3)))],
            ("pads", new long[] { 1, 1, 1, 1 }), ("strides", new[] { stride, stride }))]);

    private static string Text(IEnumerable<KeyValuePair<string, string>> stages) =>
        string.Join(" | ", stages.Select(stage => $"{stage.Key} {stage.Value}"));
}
