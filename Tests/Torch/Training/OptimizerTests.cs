using CnnOnnx.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class OptimizerTests
{
    private const int Steps = 25;

    // The referee is torch.optim with the same settings. Both compute in float32, with sums in another order.
    [TestMethod]
    [DataRow("sgd", 0.0)]
    [DataRow("sgd", 0.1)]
    [DataRow("momentum", 0.0)]
    [DataRow("momentum", 0.1)]
    [DataRow("adam", 0.0)]
    [DataRow("adam", 0.1)]
    [DataRow("adamw", 0.0)]
    [DataRow("adamw", 0.1)]
    public void Step_ManySteps_GoWhereTorchsOptimizerGoes(string name, double decay)
    {
        using DisposeScope scope = NewDisposeScope();
        const double Rate = 0.05;
        Tensor start = randn(6, 5, generator: new Generator(1)), target = randn(6, 5, generator: new Generator(2));
        var own = new Parameter(start.clone());
        var theirs = new Parameter(start.clone());
        using var optimizer = new Optimizer([("w", own)], name) { Momentum = 0.8, WeightDecay = decay };
        using optim.Optimizer referee = name switch
        {
            "sgd" => optim.SGD([theirs], Rate, weight_decay: decay),
            "momentum" => optim.SGD([theirs], Rate, momentum: 0.8, weight_decay: decay),
            "adam" => optim.Adam([theirs], Rate, weight_decay: decay),
            _ => optim.AdamW([theirs], Rate, weight_decay: decay),
        };
        for (int i = 0; i < Steps; i++)
        {
            Loss(own, target, i).backward();
            optimizer.Step(Rate);
            referee.zero_grad();
            Loss(theirs, target, i).backward();
            _ = referee.step();
        }

        Assert.AreEqual(Steps, optimizer.Steps);
        Assert.IsGreaterThan(0.1, (own - start).abs().max().ToDouble(), "It has moved.");
        Assert.IsLessThan(2e-6, (own - theirs).abs().max().ToDouble());
    }

    [TestMethod]
    public void Step_FrozenParameter_StaysAndHasNoState()
    {
        using DisposeScope scope = NewDisposeScope();
        var weight = new Parameter(ones(3));
        var frozen = new Parameter(ones(3)) { requires_grad = false };
        using var optimizer = new Optimizer([("w", weight), ("f", frozen)], "adam");

        (weight * frozen).sum().backward();
        optimizer.Step(0.1);

        Assert.AreEqual("w.mean, w.square", string.Join(", ", optimizer.State.Select(s => s.Name)));
        Assert.AreEqual(3, frozen.sum().ToDouble());
        Assert.IsNull(weight.grad, "Gradients are cleared.");
    }

    // An ill-conditioned bowl whose pull changes from step to step.
    private static Tensor Loss(Tensor weight, Tensor target, int step) =>
        ((weight - target).square() * arange(1, 6) * (1 + (0.3 * Math.Sin(step)))).sum();
}
