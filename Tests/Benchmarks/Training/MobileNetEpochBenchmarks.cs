using BenchmarkDotNet.Attributes;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Torch.Training;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>An epoch of MobileNetV2 over 128 pictures of 128x128 with batches of 16.</summary>
[Config(typeof(RatioConfig))]
public class MobileNetEpochBenchmarks
{
    private EpochPair _pair = null!;

    [GlobalSetup]
    public void Load()
    {
        const double rate = 0.05, momentum = 0.9;
        var options = new TrainingOptions { Epochs = 1, Batch = 16, LearningRate = rate, Optimizer = "momentum", Momentum = momentum };
        var byHand = new MobileNetV2();
        _pair = new EpochPair("mobilenetv2", 128, 128, options, byHand, optim.SGD(byHand.parameters(), rate, momentum: momentum));
    }

    [GlobalCleanup]
    public void Free() => _pair.Dispose();

    [Benchmark(Baseline = true)]
    public double ByHand() => _pair.ByHand();

    [Benchmark]
    public double Trainer() => _pair.Trainer();
}
