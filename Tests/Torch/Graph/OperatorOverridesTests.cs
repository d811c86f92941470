using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Attribution;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Graph;

[TestClass]
public sealed class OperatorOverridesTests
{
    private const string Plain = "0 1 1 1 0 1 1 1 0 1 1 1 0 0 0 0";

    // x = 0 … 15: conv1 is −5, 4, 31, 40 and −30, −21, 6, 15. The logit's row hands 1, 1, 1, 1 and 1, −1, −1, −1 to relu1. A ReLU
    // lets 0, 1, 1, 1 and 0, 0, −1, −1 through; guided 0, 1, 1, 1 and 0, 0, 0, 0; a deconvnet 1, 1, 1, 1 and 1, 0, 0, 0. Each
    // of these is laid over the 3×3 pixels that it was made of.
    private static Dictionary<string, (OperatorOverrides Rules, string Expected)> Methods { get; } = new()
    {
        ["plain"] = (OperatorOverrides.None, Plain),
        ["guided"] = (ReluRules.GuidedBackprop, "0 1 1 1 1 3 3 2 1 3 3 2 1 2 2 1"),
        ["deconvnet"] = (ReluRules.Deconvnet, "2 3 3 1 3 5 5 2 3 5 5 2 1 2 2 1"),
    };

    [TestMethod]
    [DataRow("plain")]
    [DataRow("guided")]
    [DataRow("deconvnet")]
    public void Gradients_OfEachRule_AreWhatHandsCompute(string method)
    {
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        Assert.AreEqual(Methods[method].Expected, Gradient(module, Methods[method].Rules));
        Assert.AreEqual(Plain, Gradient(module, null), "a rule is for one run");
    }

    [TestMethod]
    public void Run_RulesForTheBackwardPass_LeaveTheForwardPass()
    {
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Pixels(), plain = module.Run([("x", x)], ["y"])[0], guided = module.Run([("x", x)], ["y"], ReluRules.GuidedBackprop)[0];
        Assert.IsTrue(plain.equal(guided).all().item<bool>());
    }

    [TestMethod]
    public void Run_RuleForOneNode_LeavesOthersOfItsType()
    {
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        using DisposeScope scope = NewDisposeScope();
        OperatorOverrides rules = OperatorOverrides.None.WithNode("relu1", node => [node[0]]).WithType("Relu", node => node.Run());
        Tensor[] found = module.Run([("x", Pixels())], ["conv1", "relu1", "y"], rules);
        Assert.IsTrue(found[0].equal(found[1]).all().item<bool>(), "an operand may be handed through");
        // −5 + 4 + 31 + 40 − 30 + 21 − 6 − 15
        Assert.AreEqual(40f, found[2][0, 0].item<float>());
        Assert.AreEqual("relu1 y", string.Join(' ', rules.NodesIn(module.Model.Graph).Select(n => n.Name)));
    }

    [TestMethod]
    public void Run_RuleInsideALoop_IsUsedThere()
    {
        var body = new GraphBuilder("body");
        string before = body.Input("iteration", ElementType.Int64), on = body.Input("on", ElementType.Bool);
        string sum = body.Input("sum", ElementType.Float, 1);
        body.Output(body.Node("Identity", "goes", [on]), ElementType.Bool);
        body.Output(body.Node("Relu", "next", [sum]), ElementType.Float, 1);
        var graph = new GraphBuilder("loop");
        string x = graph.Input("x", ElementType.Float, 1);
        string trips = graph.Initializer("trips", TensorData.FromArray([3L], TensorShape.Scalar));
        graph.Node("Loop", "", "loop", [trips, "", x], ["y"], ("body", body));
        graph.Output("y", ElementType.Float, 1);
        using var module = new OnnxModule(graph.Build());
        using DisposeScope scope = NewDisposeScope();
        OperatorOverrides doubled = OperatorOverrides.None.WithType("Relu", node => [node[0] * 2]);
        Assert.AreEqual(40f, module.Run([("x", tensor([5f]))], ["y"], doubled)[0].item<float>());
        Assert.AreEqual(5f, module.Run([("x", tensor([5f]))], ["y"])[0].item<float>());
    }

    /// <summary>Each would end the process if it left a backward pass as an exception.</summary>
    [TestMethod]
    [DataRow("throws", "has a backward rule that failed: no such thing")]
    [DataRow("nothing", "has a backward rule that made nothing, expected Float32[1, 4]")]
    [DataRow("shape", "has a backward rule that made Float32[1], expected Float32[1, 4]")]
    [DataRow("type", "has a backward rule that made Float64[1, 4], expected Float32[1, 4]")]
    [DataRow("torch", "has a backward rule that failed: "
        + "The size of tensor a (4) must match the size of tensor b (3) at non-singleton dimension 1")]
    public void Gradients_RuleThatIsWrong_IsOneLineAndTheProcessLives(string mistake, string expected)
    {
        BackwardFunction rule = mistake switch
        {
            "throws" => (_, _, _) => throw new InvalidOperationException("no such thing\nat all"),
            "nothing" => (_, _, _) => null!,
            "shape" => (_, _, _) => zeros(1),
            "type" => (operand, _, _) => zeros_like(operand).to(ScalarType.Float64),
            _ => (operand, _, _) => operand + zeros(3),
        };
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        OperatorOverrides rules = OperatorOverrides.None.WithNode("y", BackwardRule.Of(rule));
        for (int time = 0; time < 2; time++)
        {
            OnnxException fault = Assert.ThrowsExactly<OnnxException>(() => Gradient(module, rules));
            Assert.AreEqual($"toy: node 'y' (Relu, opset {module.Model.Opsets[""]}): {expected}", fault.Message);
        }

        Assert.AreEqual(Plain, Gradient(module, null));
    }

    [TestMethod]
    public void Backward_OfARuleThatIsWrong_WithoutAnyoneToTell_IsNaN()
    {
        using var module = new OnnxModule(ToyGraphs.TwoRelus());
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Pixels().requires_grad_();
        OperatorOverrides rules = OperatorOverrides.None.WithNode("y", BackwardRule.Of((_, _, _) => throw new InvalidOperationException()));
        module.Run([("x", x)], ["y"], rules)[0].sum().backward();
        Assert.IsTrue(x.grad!.isnan().any().item<bool>());
    }

    [TestMethod]
    public void Run_RulesThatCannotBe_AreRefused()
    {
        using var module = new OnnxModule(ToyGraphs.WithArgMax());
        using DisposeScope scope = NewDisposeScope();
        (string, Tensor)[] x = [("x", ones(4)), ("unused", ones(4))];
        string Refused(OperatorOverrides rules) => Assert.ThrowsExactly<OnnxException>(() => module.Run(x, ["y"], rules)).Message;

        Assert.AreEqual("argmax: has no node 'nobody', for which there is a rule",
            Refused(OperatorOverrides.None.WithNode("nobody", node => node.Run())));
        Assert.Contains("node 'best' (ArgMax", Refused(OperatorOverrides.None.WithNode("best", _ => [])));
        Assert.EndsWith("has a rule that made 0 tensors, expected 1", Refused(OperatorOverrides.None.WithNode("best", _ => [])));
        Assert.EndsWith("has a rule that made 0 tensors, expected 1", Refused(OperatorOverrides.None.WithNode("best", _ => null!)));
        Assert.EndsWith("has a backward rule and input 0 is Int64, expected a floating point type",
            Refused(OperatorOverrides.None.WithType("Cast", BackwardRule.Of((_, _, gradient) => gradient))));
        Assert.EndsWith("cannot run on Float32[4]: not today",
            Refused(OperatorOverrides.None.WithType("Relu", _ => throw new InvalidOperationException("not today"))));
    }

    private static Tensor Pixels() => arange(16, ScalarType.Float32).reshape(1, 1, 4, 4);

    /// <summary>Gradient of the first logit behind its ReLU, by the picture.</summary>
    private static string Gradient(OnnxModule module, OperatorOverrides? rules)
    {
        using DisposeScope scope = NewDisposeScope();
        using GradientRun run = module.RunForGradients([("x", Pixels())], ["x", "y"], rules);
        return string.Join(' ', run.Gradients(run["y"][0, 0], "x")[0].data<float>());
    }
}
