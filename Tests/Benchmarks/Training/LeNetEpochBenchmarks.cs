using BenchmarkDotNet.Attributes;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Torch.Training;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>An epoch of LeNet over 30,000 pictures with batches of 512.</summary>
[Config(typeof(RatioConfig))]
public class LeNetEpochBenchmarks
{
    private EpochPair _pair = null!;

    [GlobalSetup]
    public void Load()
    {
        const double rate = 0.05;
        var options = new TrainingOptions { Epochs = 1, Batch = 512, LearningRate = rate, Init = "xavier" };
        var byHand = new LeNet();
        _pair = new EpochPair("lenet", 30_000, null, options, byHand, optim.SGD(byHand.parameters(), rate));
    }

    [GlobalCleanup]
    public void Free() => _pair.Dispose();

    [Benchmark(Baseline = true)]
    public double ByHand() => _pair.ByHand();

    [Benchmark]
    public double Trainer() => _pair.Trainer();
}
