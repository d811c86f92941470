using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Trains a classifier, epoch by epoch. The same plan and seed give the same weights; stopped after any batch and gone on with
/// from the checkpoint, they are the same to the bit (on the CPU, with as many threads).
/// </summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly DataReport _data;
    private readonly Classifier _classifier;
    private readonly PictureSet _train;
    private readonly Evaluation _validation;
    private readonly Device _device;
    private readonly TrainingFiles _files;
    private readonly Optimizer _optimizer;
    private readonly int _batches;

    /// <param name="classifier">Trained in place; stays the caller's, as the data does.</param>
    public TrainingRun(TrainingPlan plan, Classifier classifier, TrainingData data, Device device)
    {
        (_plan, _classifier, _device, _data) = (plan, classifier, device, data.Report);
        _train = data.Train;
        _validation = new Evaluation(classifier, data.Validation, device) { Batch = plan.Options.Batch };
        _files = new TrainingFiles(plan.Out);
        _optimizer = new Optimizer(classifier.Module.named_parameters(), plan.Options);
        _batches = (_train.Count + plan.Options.Batch - 1) / plan.Options.Batch;
    }

    public TrainingPosition Position { get; private set; } = new();

    /// <summary>Called after every batch.</summary>
    public Action<StepReport>? OnStep { get; init; }

    /// <summary>Called after every epoch.</summary>
    public Action<EpochResult>? OnEpoch { get; init; }

    private TrainingOptions Options => _plan.Options;

    /// <summary>Pictures that are still to come.</summary>
    public long PicturesLeft => ((long)(Options.Epochs - Position.Epoch) * _train.Count) - Math.Min(_train.Count, (long)Position.Batch * Options.Batch);

    /// <summary>Goes back to where a checkpoint was written.</summary>
    /// <exception cref="BadInputException">It is of another network, or the data is not what it was.</exception>
    public void Restore(Checkpoint checkpoint, string path)
    {
        if ((checkpoint.Data.Train, checkpoint.Data.ValidatedOn) != (_data.Train, _data.ValidatedOn) || !checkpoint.Data.Classes.SequenceEqual(_data.Classes))
            throw new BadInputException($"{path}: was trained on {checkpoint.Data}, the data now is {_data}; expected the same");
        checkpoint.Restore(path, _classifier.Module, _optimizer);
        Position = checkpoint.Position;
    }

    /// <summary>Trains until the last epoch is done. Writes the last checkpoint after every epoch, the best one after a better epoch.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the batch is done and the last checkpoint is written.</exception>
    /// <exception cref="BadInputException">The loss is no number any more, or a checkpoint cannot be written.</exception>
    public void Run(CancellationToken cancel)
    {
        try
        {
            while (Position.Epoch < Options.Epochs)
                RunEpoch(cancel);
        }
        catch (OperationCanceledException)
        {
            Save(_files.LastCheckpoint);
            throw;
        }
    }

    public void Dispose() => _optimizer.Dispose();

    private void RunEpoch(CancellationToken cancel)
    {
        int[] order = [.. Enumerable.Range(0, _train.Count)];
        // A seed of its own for every epoch: no state to keep, and the same order after a stop.
        new Random(HashOf(Options.Seed, Position.Epoch)).Shuffle(order);
        _classifier.Module.train();
        while (Position.Batch < _batches)
        {
            cancel.ThrowIfCancellationRequested();
            int start = Position.Batch * Options.Batch;
            ReadOnlySpan<int> indices = order.AsSpan(start, Math.Min(Options.Batch, order.Length - start));
            double rate = RateOf(Position.Batch);
            (double loss, long right) = Step(indices, rate);
            CheckLoss(loss, rate);
            Position = Position with
            {
                Batch = Position.Batch + 1,
                LossSum = Position.LossSum + (loss * indices.Length),
                Right = Position.Right + right,
                Steps = _optimizer.Steps,
            };
            OnStep?.Invoke(new StepReport(Position.Epoch + 1, indices.Length, Position.LossSum / (start + indices.Length)));
        }

        Score score = _validation.Measure(null, cancel);
        var result = new EpochResult(Position.Epoch + 1, RateOf(_batches - 1), Position.LossSum / _train.Count, (double)Position.Right / _train.Count, score.Loss, score.Accuracy);
        bool isBest = !_data.ChoosesBestEpoch || result.IsBetterThan(Position.Best);
        Position = new TrainingPosition
        {
            Epoch = Position.Epoch + 1,
            Steps = Position.Steps,
            History = [.. Position.History, result],
            Best = isBest ? result : Position.Best,
        };
        Save(_files.LastCheckpoint);
        if (isBest)
            Save(_files.BestCheckpoint);
        OnEpoch?.Invoke(result);
    }

    /// <summary>One batch forward and back; returns its mean loss and how many answers were right.</summary>
    private (double Loss, long Right) Step(ReadOnlySpan<int> indices, double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor pictures, Tensor labels) = _train.Read(indices, _device);
        Tensor scores = _classifier.Scores(pictures);
        Tensor loss = nn.functional.cross_entropy(scores, labels);
        loss.backward();
        _optimizer.Step(rate);
        return (loss.ToDouble(), scores.argmax(1).eq(labels).sum().ToInt64());
    }

    /// <summary>Learning rate of a batch of this epoch.</summary>
    private double RateOf(int batch)
    {
        double done = ((Position.Epoch * (double)_batches) + batch) / (Options.Epochs * (double)_batches);
        return Options.LearningRate * Schedules.Factor[Options.Schedule](done);
    }

    private void CheckLoss(double loss, double rate)
    {
        if (!double.IsFinite(loss))
            throw new BadInputException($"{_plan.Model}: the loss is {loss} in epoch {Position.Epoch + 1}, batch {Position.Batch + 1} of {_batches}, "
                + $"with the learning rate {rate:0.######}; expected a number, try a smaller --lr");
    }

    private void Save(string path) => new Checkpoint(_plan, _data, Position).Save(path, _classifier.Module, _optimizer);

    // Neighbouring seeds must not give the same orders one epoch apart.
    private static int HashOf(int seed, int epoch) => unchecked((seed * (int)0x9E3779B1) + (epoch * (int)0x85EBCA77));
}
