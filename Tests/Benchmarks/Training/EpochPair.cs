using CnnOnnx.Imaging;
using CnnOnnx.Torch;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using CnnOnnx.Trainer.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>
/// An epoch twice over the same random pictures: by the trainer, with its checkpoints, and by the shortest loop that one would write in
/// TorchSharp, which has the whole set as one tensor of floats.
/// </summary>
internal sealed class EpochPair : TrainingPair
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cnnonnx-bench-").FullName;
    private readonly string _network;
    private readonly TrainingOptions _options;
    private readonly TrainingData _data;
    private readonly Classifier _classifier;
    private readonly Tensor _pictures, _labels;
    private readonly nn.Module<Tensor, Tensor> _byHand;
    private readonly optim.Optimizer _optimizer;

    /// <param name="network">Name of the architecture.</param>
    /// <param name="pictures">Number of pictures.</param>
    /// <param name="side">Their height and width; as the architecture usually has them when null.</param>
    /// <param name="options">One epoch.</param>
    /// <param name="byHand">The same network, written in TorchSharp; disposed with this.</param>
    /// <param name="optimizer">Its optimizer, with the same numbers; disposed with this.</param>
    public EpochPair(string network, int pictures, int? side, TrainingOptions options, nn.Module<Tensor, Tensor> byHand,
        optim.Optimizer optimizer)
    {
        // For both: without it the system's memory is measured, which takes two to four times as long now and then.
        NativeHeap.KeepFreed();
        (_network, _options, _byHand, _optimizer) = (network, options, byHand, optimizer);
        InputSpec usual = ArchitectureTable.Find(network)!.Input;
        InputSpec input = side is { } given ? usual with { Size = new(given, given) } : usual;
        PictureSet train = RandomPictures.Make(pictures, input), validation = RandomPictures.Make(1, input);
        _data = new TrainingData(new DataReport("random", pictures, 1, "test", 0, [.. train.Classes]), train, validation, null);
        _classifier = new ModelSource(network).Build(input, _data.Report.Classes, options, CPU);
        (_pictures, _labels) = train.Read([.. Enumerable.Range(0, pictures)], CPU);
    }

    /// <inheritdoc/>
    public override double ByHand()
    {
        double lossSum = 0;
        int pictures = _data.Report.Train;
        _byHand.train();
        using Tensor order = randperm(pictures);
        for (int start = 0; start < pictures; start += _options.Batch)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor indices = order.narrow(0, start, Math.Min(_options.Batch, pictures - start));
            Tensor loss = nn.functional.cross_entropy(_byHand.call(_pictures.index_select(0, indices)), _labels.index_select(0, indices));
            _optimizer.zero_grad();
            loss.backward();
            _ = _optimizer.step();
            lossSum += loss.ToDouble();
        }

        return lossSum;
    }

    /// <inheritdoc/>
    public override double Trainer()
    {
        var plan = new TrainingPlan(_network, "random", Path.Combine(_folder, "net.onnx"), _data.Train.Spec, _options);
        using var run = new TrainingRun(plan, new ClassificationTask(_classifier, _data.Report.Classes), _data, CPU);
        run.Run(default);
        return run.Position.History[0].Train["loss"];
    }

    public override void Dispose()
    {
        _optimizer.Dispose();
        _byHand.Dispose();
        _labels.Dispose();
        _pictures.Dispose();
        _classifier.Dispose();
        _data.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
