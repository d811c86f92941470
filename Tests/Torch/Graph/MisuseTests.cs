using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Graph;

/// <summary>
/// Use after disposal, on several threads and after a late cancel: an exception or a result, and never the process's end.
/// </summary>
[TestClass]
public sealed class MisuseTests
{
    [TestMethod]
    public void Module_AfterItWasDisposed_Throws()
    {
        var module = new OnnxModule(SmallNetworks.LeNet());
        using Tensor x = rand(1, 1, 28, 28);
        using Tensor made = module.forward(x);
        module.Dispose();
        module.Dispose();

        Action[] uses =
        [
            () => module.forward(x), () => module.Run([("image", x)], ["relu3"]), () => module.Save("never.onnx"),
            () => module.RunForGradients([("image", x)], ["logits"]),
        ];
        foreach (Action use in uses)
            Assert.ThrowsExactly<ObjectDisposedException>(use);
        Assert.IsFalse(File.Exists("never.onnx"));
        Assert.IsTrue(made.isfinite().all().item<bool>(), "What it has returned stays.");
    }

    // Each with a part of the graph of its own, which is compiled when it is first asked for.
    [TestMethod]
    public void Module_OnSeveralThreads_GivesEachItsOwn()
    {
        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(SmallNetworks.LeNet());
        module.eval();
        string[] from = ["image", "relu_conv1", "pool1", "relu3"];
        Tensor[] pictures = [.. Enumerable.Range(0, 4).Select(i => full([1 + i, 1, 28, 28], 0.1f * i))];
        Tensor[] starts = [.. from.Select((name, i) => name == "image" ? pictures[i] : module.Run([("image", pictures[i])], [name])[0])];
        Tensor[] expected = [.. pictures.Select(module.forward)];
        using var other = new OnnxModule(SmallNetworks.LeNet());
        other.eval();
        Parallel.For(0, 80, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using DisposeScope own = NewDisposeScope();
            using IDisposable noGradients = no_grad();
            Tensor scores = other.Run([(from[i % 4], starts[i % 4])], ["logits"])[0];
            Assert.IsTrue(scores.equal(expected[i % 4]).all().item<bool>(), from[i % 4]);
        });
    }

    [TestMethod]
    public void GradientRun_AfterItWasDisposed_Throws()
    {
        using var module = new OnnxModule(SmallNetworks.LeNet());
        using Tensor x = rand(1, 1, 28, 28);
        GradientRun run = module.RunForGradients([("image", x)], ["image", "logits"]);
        using Tensor scalar = run["logits"].sum();
        run.Dispose();
        run.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => run["logits"]);
        Assert.ThrowsExactly<ObjectDisposedException>(() => run.Gradients(scalar, "image"));
        Assert.ThrowsExactly<ObjectDisposedException>(() => run.Gradients(scalar));
    }

    // It holds what it needs of the weights.
    [TestMethod]
    public void GradientRun_AfterItsModuleWasDisposed_StillHasItsGradients()
    {
        var module = new OnnxModule(SmallNetworks.LeNet());
        using DisposeScope scope = NewDisposeScope();
        Tensor x = rand(1, 1, 28, 28);
        using GradientRun run = module.RunForGradients([("image", x)], ["image", "logits"]);
        Tensor before = run.Gradients(run["logits"].sum(), "image")[0];
        module.Dispose();
        Assert.IsTrue(run.Gradients(run["logits"].sum(), "image")[0].equal(before).all().item<bool>());
    }

    [TestMethod]
    public void GradientRuns_OnSeveralThreads_DoNotMix()
    {
        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(SmallNetworks.LeNet());
        module.eval();
        Tensor[] pictures = [.. Enumerable.Range(0, 4).Select(i => rand(1, 1, 28, 28))];
        Tensor[] expected = [.. pictures.Select(Gradient)];
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using DisposeScope own = NewDisposeScope();
            Assert.IsTrue(Gradient(pictures[i % 4]).equal(expected[i % 4]).all().item<bool>());
        });
        Assert.IsTrue(module.parameters().All(p => p.grad is null), "Gradients of parameters stay as they are.");

        Tensor Gradient(Tensor picture)
        {
            using GradientRun run = module.RunForGradients([("image", picture)], ["image", "logits"]);
            return run.Gradients(run["logits"].sum(), "image")[0];
        }
    }

    [TestMethod]
    public void Prefix_AfterItWasDisposed_Throws()
    {
        var prefix = new RuntimePrefix(SmallNetworks.LeNet(), ["pool1"]);
        using Tensor x = rand(1, 1, 28, 28);
        using Tensor made = prefix.Run([("image", x)])[0];
        prefix.Dispose();
        prefix.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => prefix.Run([("image", x)]));
        Assert.IsTrue(made.isfinite().all().item<bool>(), "What it has returned stays.");
    }

    // Disposal waits for the runs that go on; those that come later are refused.
    [TestMethod]
    public void Prefix_DisposedWhileOthersRun_EndsInResultsOrRefusals()
    {
        for (int time = 0; time < 10; time++)
        {
            var prefix = new RuntimePrefix(SmallNetworks.LeNet(), ["pool1"], threads: 1);
            using var isRunning = new CountdownEvent(2);
            Task<int>[] runs = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                using Tensor x = rand(4, 1, 28, 28);
                for (int run = 0; ; run++)
                {
                    try
                    {
                        prefix.Run([("image", x)])[0].Dispose();
                    }
                    catch (ObjectDisposedException)
                    {
                        return run;
                    }

                    if (run == 0)
                        isRunning.Signal();
                }
            }))];
            isRunning.Wait();
            prefix.Dispose();
            Task.WaitAll(runs);
            Assert.IsTrue(runs.All(run => run.Result > 0));
        }
    }

    // A token that is cancelled when its run is over, as a timeout is that was set a little long.
    [TestMethod]
    public void Prefix_CancelledAfterwards_LeavesTheNextAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        using var prefix = new RuntimePrefix(SmallNetworks.LeNet(), ["pool1"]);
        Tensor x = rand(1, 1, 28, 28), expected = prefix.Run([("image", x)])[0];
        for (int time = 0; time < 20; time++)
        {
            using var stop = new CancellationTokenSource();
            _ = prefix.Run([("image", x)], stop.Token);
            stop.Cancel();
            Assert.IsTrue(prefix.Run([("image", x)])[0].equal(expected).all().item<bool>());
        }
    }
}
