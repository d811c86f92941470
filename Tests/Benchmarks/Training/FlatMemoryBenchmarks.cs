using System.Globalization;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using CnnOnnx.Trainer.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>
/// What stays in memory over 1,000 steps of training and 1,000 inferences in either engine: resident memory and live tensors
/// after 100, 400, 700 and 1,000. No times, so BenchmarkDotNet has no part in it: run with the argument --flat-memory.
/// </summary>
internal static class FlatMemoryBenchmarks
{
    private const int Steps = 1000, Batch = 32;

    private static readonly int[] Marks = [100, 400, 700, Steps];

    public static void Run()
    {
        Console.WriteLine($"{"what",-34}{string.Concat(Marks.Select(mark => $"{mark,22}"))}");
        Train("train LeNet, batch 32", "lenet", null,
            new TrainingOptions { Epochs = 1, Batch = Batch, LearningRate = 0.01, Optimizer = "adam" });
        Train("train MobileNetV2 0.25, everything", "mobilenetv2-0.25", 64, new TrainingOptions
        {
            Epochs = 20,
            Batch = 8,
            LearningRate = 0.001,
            Optimizer = "adamw",
            Augment = "flip,rotate=0.1,crop=0.7,colour=0.3,erase=0.3,mixup=0.3,cutmix=1",
            LabelSmoothing = 0.1,
            Clip = 1,
            Ema = 0.99,
        });
        Infer("OnnxModule, ResNet-18 64²", Torch);
        Infer("ActivationSession, ResNet-18 224²", Ort);
    }

    private static void Train(string what, string network, int? side, TrainingOptions options)
    {
        Architecture architecture = ArchitectureTable.Find(network)!;
        string folder = Directory.CreateTempSubdirectory("cnnonnx-bench-").FullName;
        try
        {
            InputSpec input = side is { } given ? architecture.Input with { Size = new(given, given) } : architecture.Input;
            PictureSet train = RandomPictures.Make(Steps / options.Epochs * options.Batch, input),
                validation = RandomPictures.Make(options.Epochs == 1 ? 1 : options.Batch, input);
            train.Augmentation = Augmentation.Parse(options.Augment);
            using var data =
                new TrainingData(new DataReport("random", train.Count, 1, "test", 0, [.. train.Classes]), train, validation, null);
            using Classifier classifier = new ModelSource(network).Build(input, data.Report.Classes, options, CPU);
            using var row = new Row(what);
            int step = 0;
            var plan = new TrainingPlan(network, "random", Path.Combine(folder, "a.onnx"), input, options);
            using var run = new TrainingRun(plan, new ClassificationTask(classifier, data.Report.Classes), data, CPU)
            {
                OnProgress = now =>
                {
                    if (now.Done is null)
                        row.Mark(++step);
                },
            };
            run.Run(default);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Infer(string what, Func<OnnxModel, (Action Step, IDisposable Owner)> engine)
    {
        using var network = new ResNet18();
        (Action step, IDisposable owner) = engine(ResNet18.Graph(network));
        using (owner)
        {
            using var row = new Row(what);
            for (int i = 1; i <= Steps; i++)
            {
                step();
                row.Mark(i);
            }
        }
    }

    private static (Action, IDisposable) Torch(OnnxModel model)
    {
        var module = new OnnxModule(model);
        module.eval();
        return (() =>
        {
            using IDisposable noGradients = no_grad();
            using Tensor input = rand(1, 3, 64, 64), output = module.forward(input);
        }, module);
    }

    private static (Action, IDisposable) Ort(OnnxModel model)
    {
        ActivationSession session = ActivationSession.Open(model, new() { Device = ComputeDevice.Cpu });
        var input = new TensorData(ElementType.Float, new TensorShape(1, 3, 224, 224), new byte[4 * 3 * 224 * 224]);
        return (() => session.Run(input).Dispose(), session);
    }

    /// <summary>One line of the table.</summary>
    private sealed class Row : IDisposable
    {
        public Row(string what) => Console.Write($"{what,-34}");

        public void Mark(int step)
        {
            if (!Marks.Contains(step))
                return;
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            long live = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            Console.Write(string.Create(CultureInfo.InvariantCulture, $"{Environment.WorkingSet >> 20,10} MB {live,4} live"));
        }

        public void Dispose() => Console.WriteLine();
    }
}
