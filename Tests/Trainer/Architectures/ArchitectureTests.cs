using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Architectures;

[TestClass]
public sealed class ArchitectureTests
{
    private const int OddClasses = 7;

    private static IEnumerable<object[]> Names =>
        ArchitectureTable.Rows.Where(row => !row.IsDetector).Select(row => new object[] { row.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Build_OddClassCount_RunsAndGivesEveryParameterAGradient(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using OnnxModule module = Small(name, ChannelOrder.Rgb, out InputSpec input);
        WeightInit.Fill(module, "kaiming");

        Tensor logits = module.forward(rand(3, 3, input.Height, input.Width));
        nn.functional.cross_entropy(logits, tensor(new long[] { 0, 3, 6 })).backward();

        CollectionAssert.AreEqual(new long[] { 3, OddClasses }, logits.shape);
        Assert.IsTrue(logits.isfinite().all().ToBoolean());
        foreach ((string parameter, Parameter weight) in module.named_parameters())
            Assert.IsTrue(weight.grad is { } gradient && gradient.abs().sum().ToDouble() > 0, $"{parameter} has no gradient.");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Build_Outputs_AreAllTensorsTypedWithTheScoresFirst(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using OnnxModule module = Small(name, ChannelOrder.Gray, out InputSpec input);
        OnnxGraph graph = module.Model.Graph;

        Tensor[] made = module.Run([("input", rand(5, 1, input.Height, input.Width))], [.. graph.Outputs.Select(o => o.Name)]);

        Assert.AreEqual("logits", graph.Outputs[0].Name);
        CollectionAssert.AreEquivalent(graph.NodeOutputs.ToArray(), graph.Outputs.Select(o => o.Name).ToArray());
        foreach ((OnnxValue output, Tensor tensor) in graph.Outputs.Zip(made))
        {
            Assert.AreEqual(ElementType.Float, output.ElementType);
            Assert.AreEqual($"N, {string.Join(", ", tensor.shape[1..])}", string.Join(", ", output.Shape!.Value), output.Name);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Build_Card_NamesStagesThatAreTensors(string name)
    {
        Architecture row = ArchitectureTable.Find(name)!;
        ModelCard card = row.Build(row.Input, OddClasses).Card;

        Assert.AreEqual(row.Input.ToString(), card.Input!.ToString());
        Assert.AreEqual("logits", card.Stages![^1].Value);
        CollectionAssert.IsSubsetOf(
            card.Stages.Select(s => s.Value).ToArray(), row.Build(row.Input, OddClasses).Graph.NodeOutputs.ToArray());
    }

    // Weights and biases, layer by layer, counted by hand.
    [TestMethod]
    [DataRow("lenet", 10, (6 * 25 + 6) + (16 * 6 * 25 + 16) + (400 * 120 + 120) + (120 * 84 + 84) + (84 * 10 + 10))]
    [DataRow("xo", 2, (9 * 9 + 9) + (5 * 81 + 5) + (27 * 27 * 5 * 1200 + 1200) + (1200 * 64 + 64) + (64 * 2 + 2))]
    [DataRow("xo-3conv", 2, (9 * 9 + 9) + (5 * 81 + 5) + (5 * 45 + 5) + (12 * 12 * 5 * 480 + 480) + (480 * 320 + 320) + (320 * 2 + 2))]
    [DataRow("xo-nopool", 2, (9 * 9 + 9) + (5 * 81 + 5) + (112 * 112 * 5 * 4000 + 4000) + (4000 * 2400 + 2400) + (2400 * 2 + 2))]
    public void Build_UsualInput_HasAsManyWeights(string name, int classes, int expected)
    {
        Architecture row = ArchitectureTable.Find(name)!;
        Assert.AreEqual(expected, row.Build(row.Input, classes).Graph.Initializers.Sum(t => t.Shape.Count));
    }

    [TestMethod]
    public void Build_LeNet_HasTheNamesThatPyTorchUsersExpect()
    {
        Architecture lenet = ArchitectureTable.Find("lenet")!;
        OnnxGraph graph = lenet.Build(lenet.Input, 10).Graph;

        Assert.AreEqual("conv1 relu1 pool1 conv2 relu2 pool2 flatten fc1 relu3 fc2 relu4 logits", string.Join(' ', graph.NodeOutputs));
        Assert.AreEqual(
            "conv1.weight [6, 1, 5, 5], conv1.bias [6], conv2.weight [16, 6, 5, 5], conv2.bias [16], fc1.weight [120, 400], "
            + "fc1.bias [120], "
            + "fc2.weight [84, 120], fc2.bias [84], fc3.weight [10, 84], fc3.bias [10]",
            string.Join(", ", graph.Initializers.Select(t => $"{t.Name} {t.Shape}")));
    }

    // The referee is the same network written by hand, with the same weights. Same kernels in the same order: no tolerance.
    [TestMethod]
    public void Build_LeNet_ComputesWhatTheNetworkWrittenByHandDoes()
    {
        using DisposeScope scope = NewDisposeScope();
        Architecture row = ArchitectureTable.Find("lenet")!;
        using var module = new OnnxModule(row.Build(row.Input, 10));
        using Sequential byHand = nn.Sequential(
            ("conv1", nn.Conv2d(1, 6, 5, padding: 2)), ("relu1", nn.ReLU()), ("pool1", nn.AvgPool2d(2)),
            ("conv2", nn.Conv2d(6, 16, 5)), ("relu2", nn.ReLU()), ("pool2", nn.AvgPool2d(2)), ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(400, 120)), ("relu3", nn.ReLU()), ("fc2", nn.Linear(120, 84)), ("relu4", nn.ReLU()),
            ("fc3", nn.Linear(84, 10)));
        _ = module.load_state_dict(byHand.state_dict());
        Tensor pictures = rand(4, 1, 28, 28);

        Assert.IsTrue(module.forward(pictures).equal(byHand.forward(pictures)).all().ToBoolean());
    }

    [TestMethod]
    public void Build_PicturesTooSmall_SaysWhereNothingIsLeft()
    {
        Architecture row = ArchitectureTable.Find("lenet")!;
        var fault = Assert.ThrowsExactly<BadInputException>(() => row.Build(row.Input with { Size = new(28, 8) }, 10));
        Assert.AreEqual(
            "lenet: pictures of 8x28 are too small, nothing is left of them at 'conv2'; its usual size is 28x28", fault.Message);
    }

    [TestMethod]
    public void Rows_Names_AreUniqueAndEveryRecipeIsKnown()
    {
        CollectionAssert.AllItemsAreUnique(ArchitectureTable.Rows.Select(r => r.Name).ToArray());
        foreach (TrainingOptions recipe in ArchitectureTable.Rows.Select(r => r.Recipe))
            Assert.IsTrue(UpdateRules.All.ContainsKey(recipe.Optimizer) && Schedules.Factor.ContainsKey(recipe.Schedule)
                && WeightInit.Spread.ContainsKey(recipe.Init));
    }

    // A branch that is added to its input and one that stands beside it, as residual and inception networks have them.
    [TestMethod]
    public void Blocks_Branches_AreAddedAndConcatenated()
    {
        using DisposeScope scope = NewDisposeScope();
        var branching = new Architecture("branching", (net, x, classes) =>
        {
            GraphTensor a = net.Conv(x, "a", 4, kernel: 3, padding: 1), b = net.Relu(net.Conv(a, "b", 4, kernel: 3, padding: 1), "relu");
            GraphTensor both = net.Concat("both", net.Add(a, b, "sum"), net.Conv(x, "c", 2, kernel: 1));
            return net.Linear(net.Flatten(both, "flatten"), "fc", classes, "logits");
        })
        { Summary = "for a test", Input = new InputSpec { Size = new(5, 6) }, Recipe = new TrainingOptions() };
        using var module = new OnnxModule(branching.Build(branching.Input, 3));
        WeightInit.Fill(module, "kaiming");
        Tensor pictures = rand(2, 3, 6, 5);

        Tensor[] made = module.Run([("input", pictures)], ["a", "relu", "c", "both", "logits"]);

        Assert.IsTrue(made[3].equal(cat([made[0] + made[1], made[2]], 1)).all().ToBoolean());
        CollectionAssert.AreEqual(new long[] { 2, 3 }, made[4].shape);
        Assert.AreEqual("both: float32[N, 6, 6, 5]", module.Model.Graph.Outputs.Single(o => o.Name == "both").ToString());
    }

    // 36x36 leaves the smallest of the networks something and the largest no gigabyte.
    private static OnnxModule Small(string name, ChannelOrder channels, out InputSpec input)
    {
        _ = manual_seed(1);
        input = new InputSpec { Size = new(36, 36), Channels = channels };
        return new OnnxModule(ArchitectureTable.Find(name)!.Build(input, OddClasses));
    }
}
