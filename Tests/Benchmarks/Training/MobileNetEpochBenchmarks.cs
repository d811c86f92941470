using BenchmarkDotNet.Attributes;
using CnnOnnx.Torch;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using CnnOnnx.Trainer.Commands;
using TorchSharp;
using static TorchSharp.torch;
using MobileNetV2 = CnnOnnx.Benchmarks.Networks.MobileNetV2;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>
/// An epoch of MobileNetV2 over 128 pictures of 128x128 with batches of 16: the trainer, with its checkpoints, against the
/// same network written by hand in TorchSharp, in the shortest loop that one would write.
/// </summary>
[Config(typeof(RatioConfig))]
public class MobileNetEpochBenchmarks
{
    private const string Name = "mobilenetv2";
    private const int Pictures = 128, Side = 128, Batch = 16;

    private static readonly TrainingOptions Options = new() { Epochs = 1, Batch = Batch, LearningRate = 0.05, Optimizer = "momentum" };

    private readonly string _folder = Directory.CreateTempSubdirectory("cnnonnx-bench-").FullName;
    private TrainingData _data = null!;
    private Classifier _classifier = null!;
    private Tensor _pictures = null!;
    private Tensor _labels = null!;
    private MobileNetV2 _byHand = null!;
    private optim.Optimizer _sgd = null!;

    [GlobalSetup]
    public void Load()
    {
        NativeHeap.KeepFreed();
        Architecture mobile = ArchitectureTable.Find(Name)!;
        PictureSet train = RandomPictures.Make(Pictures, mobile.Input with { Size = new(Side, Side) });
        PictureSet validation = RandomPictures.Make(1, train.Spec);
        _data = new TrainingData(new DataReport("random", Pictures, 1, "test", 0, [.. train.Classes]), train, validation, null);
        _classifier = new ModelSource(Name).Build(train.Spec, _data.Report.Classes, Options, CPU);
        (_pictures, _labels) = train.Read([.. Enumerable.Range(0, Pictures)], CPU);
        _byHand = new MobileNetV2();
        _sgd = optim.SGD(_byHand.parameters(), 0.05, momentum: 0.9);
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
        _byHand.train();
        using Tensor order = randperm(Pictures);
        for (int start = 0; start < Pictures; start += Batch)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor indices = order.narrow(0, start, Batch);
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
        var plan = new TrainingPlan(Name, "random", Path.Combine(_folder, "mobile.onnx"), _data.Train.Spec, Options);
        using var run = new TrainingRun(plan, new ClassificationTask(_classifier, _data.Report.Classes), _data, CPU);
        run.Run(default);
        return run.Position.History[0].Train["loss"];
    }
}
