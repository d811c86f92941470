using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Attribution;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Graph;

[TestClass]
public sealed class GradientRunTests
{
    [TestMethod]
    [DataRow("x")]
    [DataRow("conv1")]
    [DataRow("relu1")]
    [DataRow("conv.weight")]
    [DataRow("conv.bias")]
    public void Gradients_ByAnyTensor_AreWhatHandsCompute(string name)
    {
        var expected = new Dictionary<string, string>
        {
            ["x"] = "0 1 1 1 0 1 1 1 0 1 1 1 0 0 0 0",
            ["conv1"] = "0 1 1 1 0 0 -1 -1",
            ["relu1"] = "1 1 1 1 1 -1 -1 -1",
            // Sums of the pixels that each weight met where the ReLU was open: 1 + 4 + 5 … and −4 − 5 ….
            ["conv.weight"] = "10 13 16 22 25 28 34 37 40 -9 -11 -13 -17 -19 -21 -25 -27 -29",
            ["conv.bias"] = "3 -2",
        };
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        using DisposeScope scope = NewDisposeScope();
        using GradientRun run = module.RunForGradients([("x", Pixels())], ["y", name]);
        Assert.AreEqual(expected[name], string.Join(' ', run.Gradients(run["y"][0, 0], name)[0].data<float>()));
    }

    /// <summary>The referee: central differences, by giving the tensor itself in place of what makes it.</summary>
    [TestMethod]
    [DataRow("image")]
    [DataRow("relu_conv1")]
    [DataRow("pool2")]
    [DataRow("relu3")]
    public void Gradients_ByInnerTensors_AgreeWithCentralDifferences(string name)
    {
        const double Step = 1e-5;
        using var module = new OnnxModule(SmallNetworks.LeNet());
        module.to(ScalarType.Float64);
        module.eval();
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        using GradientRun run = module.RunForGradients([("image", rand(1, 1, 28, 28, dtype: ScalarType.Float64))], [name, "logits"]);
        Tensor gradient = run.Gradients(run["logits"][0, 4], name)[0], at = run[name].detach();

        double Score(Tensor moved) => module.Run([(name, moved)], ["logits"])[0][0, 4].item<double>();
        for (long i = 0; i < at.numel(); i += Math.Max(1, at.numel() / 25))
        {
            using DisposeScope one = NewDisposeScope();
            Tensor step = zeros_like(at).flatten().index_fill(0, tensor(i), Step).reshape(at.shape);
            double difference = (Score(at + step) - Score(at - step)) / (2 * Step);
            // A step of 1e-5 leaves 1e-10 of curvature and 1e-11 of rounding; a ReLU that turns within it would leave more.
            Assert.AreEqual(difference, gradient.flatten()[i].item<double>(), 1e-6, $"{name}[{i}]");
        }
    }

    [TestMethod]
    public void Gradients_SeveralTimesAndOfSeveralScalars_DoNotAddUp()
    {
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        using DisposeScope scope = NewDisposeScope();
        using GradientRun run = module.RunForGradients([("x", Pixels())], ["x", "conv1", "y"]);
        Tensor[] first = run.Gradients(run["y"][0, 0], "x", "conv1"), both = run.Gradients(run["y"].sum(), "conv1", "x");
        Assert.IsTrue((first[0] * 4).equal(both[1]).all().item<bool>());
        Assert.IsTrue((first[1] * 4).equal(both[0]).all().item<bool>());
        // A call in between that does not ask for conv1 leaves nothing there.
        run.Gradients(run["y"].sum(), "x");
        Assert.IsTrue(first[1].equal(run.Gradients(run["y"][0, 0], "conv1")[0]).all().item<bool>());
        Assert.IsTrue(module.parameters().All(p => p.grad is null));
        Assert.IsTrue(first.All(g => !g.requires_grad));
    }

    [TestMethod]
    public void RunForGradients_FrozenModuleWithoutGradients_StillHasThem()
    {
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        foreach (var parameter in module.parameters())
            parameter.requires_grad_(false);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        Tensor x = Pixels();
        using GradientRun run = module.RunForGradients([("x", x)], ["relu1", "conv.bias", "y"]);
        using IDisposable on = enable_grad();
        Assert.AreEqual("1 1 1 1 1 -1 -1 -1", string.Join(' ', run.Gradients(run["y"][0, 0], "relu1")[0].data<float>()));
        Assert.AreEqual("3 -2", string.Join(' ', run.Gradients(run["y"][0, 0], "conv.bias")[0].data<float>()));
        Assert.IsFalse(x.requires_grad);
        Assert.IsFalse(module.get_parameter("conv.bias")!.requires_grad);
    }

    /// <summary>autograd.grad would end the process over each of them.</summary>
    [TestMethod]
    public void Gradients_ThatDoNotExist_AreRefusedInWords()
    {
        using var module = new OnnxModule(ToyGraphs.WithArgMax());
        using DisposeScope scope = NewDisposeScope();
        int opset = (int)module.Model.Opsets[""];
        using GradientRun run = module.RunForGradients(
            [("x", tensor([1f, -2, 3, 0])), ("unused", ones(4))], ["x", "unused", "relu", "best", "y", "z", "other"]);
        string Refused(Func<Tensor> scalar, string by) => Assert.ThrowsExactly<OnnxException>(() => run.Gradients(scalar(), by)).Message;

        Assert.AreEqual("2 0 2 0", string.Join(' ', run.Gradients(run["z"], "x")[0].data<float>()));
        string stopped = "argmax: no gradient reaches 'x': the scalar is not computed from it, or only through "
            + $"node 'best' (ArgMax, opset {opset}), which lets none through";
        Assert.AreEqual(stopped, Refused(() => run["y"], "x"));
        Assert.AreEqual(stopped, Refused(() => run["other"].sum(), "x"));
        Assert.AreEqual("argmax: no gradient reaches 'other': the scalar is not computed from it", Refused(() => run["z"], "other"));
        Assert.AreEqual("argmax: no gradient reaches 'best': it is Int64, and only floating point numbers have one",
            Refused(() => run["z"], "best"));
        Assert.AreEqual("argmax: the scalar to differentiate is of shape [4], expected one number", Refused(() => run["relu"], "x"));
        Assert.AreEqual("argmax: the scalar to differentiate is Int64, expected a floating point type", Refused(() => run["best"], "x"));
        Assert.AreEqual(
            "argmax: the scalar to differentiate has no gradient: it was not computed from tensors of this run with autograd on",
            Refused(() => run["z"].detach(), "x"));
        Assert.AreEqual("argmax: tensor 'twice' was not kept by this run, which has 'x', 'unused', 'relu', 'best', 'y', 'z', 'other'",
            Refused(() => run["z"], "twice"));
        using (Tensor gone = run["z"] + 1)
        {
            gone.Dispose();
            Assert.AreEqual("argmax: the scalar to differentiate was disposed", Refused(() => gone, "x"));
        }

        // What was changed after the run, which only autograd itself can see.
        Tensor square = run["relu"] * run["relu"];
        using (no_grad())
            run["relu"].mul_(2);
        Assert.Contains("argmax: cannot be differentiated: one of the variables needed for gradient computation has been modified",
            Refused(() => square.sum(), "x"));
    }

    [TestMethod]
    public void Run_FromATensorInside_RunsOnlyWhatFollows()
    {
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        using DisposeScope scope = NewDisposeScope();
        Tensor relu = module.Run([("x", Pixels())], ["relu1"])[0];
        // Without x, and two of them at once.
        Tensor[] both = module.Run([("relu1", cat([relu, relu + 1]))], ["fc", "relu1"]);
        Assert.AreEqual("54 54 54 54 56 56 56 56", string.Join(' ', both[0].data<float>()));
        Assert.AreEqual("toy: input 'x: float32[N, 1, 4, 4]' is not given",
            Assert.ThrowsExactly<OnnxException>(() => module.Run([("relu1", relu)], ["conv1"])).Message);
        Assert.AreEqual("toy: has no tensor 'z'", Assert.ThrowsExactly<OnnxException>(() => module.Run([("relu1", relu)], ["z"])).Message);
        Assert.AreEqual("toy: has no tensor 'z' that could be given",
            Assert.ThrowsExactly<OnnxException>(() => module.Run([("x", relu), ("z", relu)], ["y"])).Message);
    }

    [TestMethod]
    public void RunForGradients_ManyTimes_LeavesNoTensor()
    {
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        using Tensor x = Pixels();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        for (int i = 0; i < 200; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            using GradientRun run = module.RunForGradients([("x", x)], ["x", "relu1", "y"], i % 2 == 0 ? ReluRules.GuidedBackprop : null);
            run.Gradients(run["y"][0, 0], "x", "relu1");
            run.Gradients(run["y"][0, 1], "x");
            Assert.ThrowsExactly<OnnxException>(() => run.Gradients(run["relu1"], "x"));
        }

        Assert.ThrowsExactly<OnnxException>(() => module.RunForGradients([("x", x)], ["nothing"]));
        OperatorOverrides failing = OperatorOverrides.None.WithNode("y", node => throw node.Fault("no"));
        Assert.ThrowsExactly<OnnxException>(() => module.RunForGradients([("x", x)], ["y"], failing));
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    private static Tensor Pixels() => arange(16, ScalarType.Float32).reshape(1, 1, 4, 4);
}
