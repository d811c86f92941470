using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Runs that keep an average of the weights, or end before their last epoch.</summary>
[TestClass]
public sealed class AveragedRunTests
{
    private OneThread? _thread;

    [TestInitialize]
    public void UseOneThread() => _thread = new OneThread();

    [TestCleanup]
    public void UseAllThreads() => _thread?.Dispose();

    // What is measured, kept and left in the network is the average, which is not what the last step left.
    [TestMethod]
    public void Run_Averaged_MeasuresAndKeepsTheAverage()
    {
        using var folder = new TemporaryFolder();
        using TrainingData data = Toys.Data();
        TrainingOptions options = Toys.Options with { Ema = 0.95 };
        using Classifier classifier = Toys.Build(options);
        using var run = new TrainingRun(Toys.Plan(folder.File("a.onnx"), options), Toys.Task(classifier), data, CPU);

        run.Run(default);

        Metrics Measured() => Toys.Task(classifier).Measure(data.Validation, 16, CPU, null, default).Metrics;
        string averaged = Toys.Bytes(classifier.Module);
        Assert.AreEqual(run.Position.History[^1].Validation, Measured());
        Checkpoint.RestoreWeights(folder.File("a.best.ckpt"), classifier.Module);
        Assert.AreEqual(run.Position.Best!.Validation, Measured());
        Assert.AreNotEqual(averaged, Trained(folder.File("b.onnx"), options with { Ema = null }));
    }

    // Steps so small that no epoch is better than the first; gone on with, it stays stopped.
    [TestMethod]
    public void Run_NoBetterEpoch_StopsEarlyAndStaysStopped()
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = Toys.Options with { Epochs = 30, LearningRate = 1e-12, Patience = 2 };
        using TrainingData data = Toys.Data();
        using Classifier classifier = Toys.Build(options);
        TrainingPlan plan = Toys.Plan(folder.File("a.onnx"), options);
        using var run = new TrainingRun(plan, Toys.Task(classifier), data, CPU);
        run.Run(default);
        Assert.AreEqual(3, run.Position.Epoch);

        (Checkpoint checkpoint, string path) = Checkpoint.Read(folder.File("a.last.ckpt"));
        using var again = new TrainingRun(plan, Toys.Task(classifier), data, CPU);
        again.Restore(checkpoint, path);
        again.Run(default);

        Assert.IsTrue(again.IsStopped);
        Assert.AreEqual(3, again.Position.Epoch);
    }

    [TestMethod]
    public void Run_PatienceWithNothingHeldOut_IsRefused()
    {
        using TrainingData data = Toys.Data("test");
        using Classifier classifier = Toys.Build(Toys.Options);
        var fault = Assert.ThrowsExactly<BadInputException>(
            () => new TrainingRun(Toys.Plan("a.onnx", Toys.Options with { Patience = 2 }), Toys.Task(classifier), data, CPU));
        Assert.AreEqual("toy: no pictures are held out to see that the training gets no better; hold some out, or wait for the loss while "
            + "learning", fault.Message);
    }

    private static string Trained(string model, TrainingOptions options)
    {
        using TrainingData data = Toys.Data();
        using Classifier classifier = Toys.Build(options);
        using var run = new TrainingRun(Toys.Plan(model, options), Toys.Task(classifier), data, CPU);
        run.Run(default);
        return Toys.Bytes(classifier.Module);
    }
}
