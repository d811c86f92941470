using BenchmarkDotNet.Attributes;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Torch;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using CnnOnnx.Trainer.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>
/// An epoch of LeNet over 30,000 pictures with batches of 512: the trainer, with its checkpoints, against the shortest loop
/// that one would write in TorchSharp, which has the whole set as one tensor of floats.
/// </summary>
[Config(typeof(RatioConfig))]
public class LeNetEpochBenchmarks
{
    private const int Pictures = 30_000, Batch = 512;

    private static readonly TrainingOptions Options = new() { Epochs = 1, Batch = Batch, LearningRate = 0.05, Init = "xavier" };

    private readonly string _folder = Directory.CreateTempSubdirectory("cnnonnx-bench-").FullName;
    private TrainingData _data = null!;
    private Classifier _classifier = null!;
    private Tensor _pictures = null!;
    private Tensor _labels = null!;
    private LeNet _byHand = null!;
    private optim.Optimizer _sgd = null!;

    [GlobalSetup]
    public void Load()
    {
        // For both: without it the system's memory is measured, which takes two to four times as long now and then.
        NativeHeap.KeepFreed();
        Architecture lenet = ArchitectureTable.Find("lenet")!;
        PictureSet train = RandomPictures.Make(Pictures, lenet.Input), validation = RandomPictures.Make(1, lenet.Input);
        _data = new TrainingData(new DataReport("random", Pictures, 1, "test", 0, [.. train.Classes]), train, validation, null);
        _classifier = new ModelSource("lenet").Build(lenet.Input, _data.Report.Classes, Options, CPU);
        (_pictures, _labels) = train.Read([.. Enumerable.Range(0, Pictures)], CPU);
        _byHand = new LeNet();
        _sgd = optim.SGD(_byHand.parameters(), 0.05);
    }

    [GlobalCleanup]
    public void Free()
    {
        _sgd.Dispose();
        _byHand.Dispose();
        _labels.Dispose();
        _pictures.Dispose();
        _classifier.Dispose();
        _data.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public double ByHand()
    {
        double lossSum = 0;
        using Tensor order = randperm(Pictures);
        for (int start = 0; start < Pictures; start += Batch)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor indices = order.narrow(0, start, Math.Min(Batch, Pictures - start));
            Tensor loss = nn.functional.cross_entropy(_byHand.call(_pictures.index_select(0, indices)), _labels.index_select(0, indices));
            _sgd.zero_grad();
            loss.backward();
            _ = _sgd.step();
            lossSum += loss.ToDouble();
        }

        return lossSum;
    }

    [Benchmark]
    public double Trainer()
    {
        var plan = new TrainingPlan("lenet", "random", Path.Combine(_folder, "lenet.onnx"), _data.Train.Spec, Options);
        using var run = new TrainingRun(plan, new ClassificationTask(_classifier, _data.Report.Classes), _data, CPU);
        run.Run(default);
        return run.Position.History[0].Train["loss"];
    }
}
