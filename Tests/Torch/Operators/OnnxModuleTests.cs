using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static CnnOnnx.Tests.Operators.OperatorCheck;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class OnnxModuleTests
{
    [TestMethod]
    public void Forward_SmallNetwork_AgreesWithOrt()
    {
        OnnxModel model = Network();
        TensorData x = Floats([2, 1, 6, 6], 9);
        using var module = new OnnxModule(model);
        module.eval();
        using Tensor input = TorchTensors.From(x, CPU);
        using Tensor output = module.forward(input);
        // The bar for every model: 1e-4 of the largest number, or of 1.
        Assert.IsNull(Difference(TorchTensors.ToData(output), OrtReferee.Run(model, [("x", x)])[0], 0, 1e-4));
    }

    [TestMethod]
    public void Parameters_HaveTheNamesOfWeights_BuffersThoseOfStatistics()
    {
        using var module = new OnnxModule(Network());
        Assert.AreEqual("bn.bias bn.weight conv.bias conv.weight fc.bias fc.weight scale",
            string.Join(' ', module.named_parameters().Select(p => p.name).Order()));
        Assert.AreEqual("bn.mean bn.var", string.Join(' ', module.named_buffers().Select(b => b.name).Order()));
        Assert.IsTrue(module.parameters().All(p => p.requires_grad));
        Assert.IsTrue(module.buffers().All(b => !b.requires_grad));
    }

    [TestMethod]
    public void Backward_ReachesEveryParameter()
    {
        using var module = new OnnxModule(Network());
        module.train();
        using Tensor input = rand(4, 1, 6, 6), output = module.forward(input), loss = output.square().sum();
        loss.backward();
        foreach ((string name, var parameter) in module.named_parameters())
            Assert.IsTrue(parameter.grad is { } gradient && gradient.abs().sum().item<float>() > 0, name);
    }

    [TestMethod]
    public void Train_BatchNormalization_UpdatesTheRunningStatisticsAsTorchDoes()
    {
        using var module = new OnnxModule(Network());
        using Tensor input = TorchTensors.From(Floats([3, 1, 6, 6], 4), CPU);
        Tensor mean = module.get_buffer("bn.mean")!.clone(), variance = module.get_buffer("bn.var")!.clone();
        module.train();
        Tensor[] taps = module.Run([("x", input)], ["conv", "bn"]);
        // ONNX's momentum 0.75 is torch's 0.25; torch's module is the referee, on clones.
        using Tensor expected = nn.functional.batch_norm(
            taps[0], mean, variance, module.get_parameter("bn.weight"), module.get_parameter("bn.bias"),
                training: true, momentum: 0.25, eps: 1e-5f);
        Assert.IsTrue(expected.allclose(taps[1]));
        Assert.IsTrue(mean.allclose(module.get_buffer("bn.mean")!));
        Assert.IsTrue(variance.allclose(module.get_buffer("bn.var")!));
        module.eval();
        module.Run([("x", input)], ["bn"]);
        Assert.IsTrue(mean.allclose(module.get_buffer("bn.mean")!), "eval leaves them alone");
    }

    [TestMethod]
    public void Run_AnyTensor_CanBeTapped()
    {
        using var module = new OnnxModule(Network());
        module.eval();
        using Tensor input = rand(1, 1, 6, 6);
        Tensor[] taps = module.Run([("x", input)], ["relu", "x", "conv.weight", "y"]);
        Assert.AreEqual("[1, 2, 4, 4]", new TensorShape(taps[0].shape).ToString());
        Assert.AreSame(input, taps[1]);
        Assert.AreSame(module.get_parameter("conv.weight"), taps[2]);
    }

    [TestMethod]
    public void Run_ThousandTimes_LeavesNoTensor()
    {
        using var module = new OnnxModule(Network());
        module.eval();
        using Tensor input = rand(1, 1, 6, 6);
        // Tensors that earlier tests left to the collector would be missing afterwards.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        for (int i = 0; i < 1000; i++)
        {
            using Tensor output = module.forward(input);
            foreach (Tensor tap in module.Run([("x", input)], ["conv", "relu"]))
                tap.Dispose();
        }

        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Constructor_UnsupportedOperators_AreAllNamed()
    {
        OnnxModel model = Unsupported();
        OnnxException fault = Assert.ThrowsExactly<OnnxException>(() => new OnnxModule(model));
        Assert.AreEqual(
            "model: 2 nodes use operators that are not supported: node 'strange' (Strange, opset 17); node 'odd' (my.Odd, opset 3)",
                fault.Message);
    }

    [TestMethod]
    public void Constructor_TargetsBeforeUnsupportedOperators_Run()
    {
        using var module = new OnnxModule(Unsupported(), targets: ["relu"]);
        using Tensor input = TorchTensors.From(TensorData.FromArray([-1f, 2f], new TensorShape(2)), CPU);
        using Tensor result = module.Run([("x", input)], ["relu"])[0];
        CollectionAssert.AreEqual(new[] { 0f, 2f }, result.data<float>().ToArray());
    }

    [TestMethod]
    public void Run_NamesThatAreWrong_AreRefused()
    {
        using var module = new OnnxModule(Network());
        using Tensor input = rand(1, 1, 6, 6);
        Assert.AreEqual("network: input 'x: float32[N, 1, 6, 6]' is not given",
            Assert.ThrowsExactly<OnnxException>(() => module.Run([], ["y"])).Message);
        Assert.AreEqual("network: has no tensor 'z'",
            Assert.ThrowsExactly<OnnxException>(() => module.Run([("x", input)], ["z"])).Message);
    }

    [TestMethod]
    public void Run_OutputThatItsNodeDoesNotMake_IsRefused() =>
        new OperatorCheck("Relu", 14, Floats([2], 1)) { Outputs = 2 }.IsRefused(
            "does not make its output 'o1' here; expected one result for each output");

    [TestMethod]
    public void CurrentBytes_OfTrainedTensors_AreTheirs_OthersAreLeftToTheGraph()
    {
        OnnxModel model = Network();
        using var module = new OnnxModule(model);
        foreach (OnnxTensor initializer in model.Graph.Initializers)
        {
            byte[]? bytes = module.CurrentBytes(initializer)?.ToArray();
            CollectionAssert.AreEqual(initializer.Name == "half" ? null : initializer.Load().Bytes.ToArray(), bytes, initializer.Name);
        }
    }

    [TestMethod]
    public void Save_AfterAStep_IsReadWithTheWeightsAsTheyAre()
    {
        using var folder = new TemporaryFolder();
        using var module = new OnnxModule(Network());
        using (no_grad())
            module.get_parameter("fc.bias")!.add_(1);
        module.Save(folder.File("again.onnx"));
        using var again = new OnnxModule(folder.File("again.onnx"));
        module.eval();
        again.eval();
        using Tensor input = rand(2, 1, 6, 6), before = module.forward(input), after = again.forward(input);
        Assert.IsTrue(before.equal(after).all().item<bool>());
        CollectionAssert.AreEqual(module.state_dict().Keys.Order().ToArray(), again.state_dict().Keys.Order().ToArray());
        FileNotFoundException fault = Assert.ThrowsExactly<FileNotFoundException>(() => new OnnxModule(folder.File("no.onnx")));
        Assert.AreEqual($"{folder.File("no.onnx")}: does not exist", fault.Message);
    }

    [TestMethod]
    public void To_Double_TakesParametersStatisticsAndConstantsAlong()
    {
        OnnxModel model = Network();
        using var module = new OnnxModule(model);
        module.eval();
        using Tensor input = TorchTensors.From(Floats([2, 1, 6, 6], 9), CPU), single = module.forward(input);
        module.to(ScalarType.Float64);
        using Tensor wide = input.to(ScalarType.Float64), exact = module.forward(wide);
        Assert.AreEqual(ScalarType.Float64, exact.dtype);
        Assert.IsTrue(exact.allclose(single.to(ScalarType.Float64), rtol: 1e-4, atol: 1e-5));
    }

    [TestMethod]
    public void Dispose_FreesParametersStatisticsAndConstants()
    {
        var module = new OnnxModule(Network());
        using Tensor input = rand(1, 1, 6, 6);
        Tensor[] held = module.Run([("x", input)], ["conv.weight", "bn.mean", "half"]);
        module.Dispose();
        Assert.IsTrue(held.All(tensor => tensor.IsInvalid));
    }

    /// <summary>Conv, BatchNormalization, Relu, a scale for each channel, a constant factor, pool, Gemm.</summary>
    private static OnnxModel Network()
    {
        var graph = new GraphBuilder("network");
        string x = graph.Input("x", ElementType.Float, "N", 1, 6, 6);
        string Weight(string name, long[] shape, float min = -1) => graph.Initializer(name, Floats(shape, name.Length, min, 1));
        x = graph.Node("Conv", "conv", [x, Weight("conv.weight", [2, 1, 3, 3]), Weight("conv.bias", [2])]);
        x = graph.Node("BatchNormalization", "bn",
            [x, Weight("bn.weight", [2]), Weight("bn.bias", [2]), Weight("bn.mean", [2]), Weight("bn.var", [2], 0.5f)],
                ("momentum", 0.75f));
        x = graph.Node("Relu", "relu", [x]);
        x = graph.Node("Mul", "scaled", [x, Weight("scale", [2, 1, 1])]);
        x = graph.Node("Add", "moved", [x, graph.Initializer("half", Scalar(0.5f))]);
        x = graph.Node("AveragePool", "pool", [x], ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }));
        x = graph.Node("Gemm", "y", [graph.Node("Flatten", "flat", [x]), Weight("fc.weight", [3, 8]), Weight("fc.bias", [3])],
            ("transB", 1));
        graph.Output(x, ElementType.Float, "N", 3);
        return graph.Build();
    }

    private static OnnxModel Unsupported()
    {
        var graph = new GraphBuilder("model");
        string x = graph.Node("Relu", "relu", [graph.Input("x", ElementType.Float, 2)]);
        x = graph.Node("Strange", "strange", [x]);
        graph.Node("Odd", "my", "odd", [x], ["y"]);
        graph.Output("y", ElementType.Float, 2);
        ModelProto proto = graph.Build().Proto;
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "my", Version = 3 });
        return new OnnxModel(proto, "model");
    }
}
