using System.Diagnostics;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Trains a network for a task, epoch by epoch. The same plan and seed give the same weights; stopped after any batch and gone on
/// with from the checkpoint, they are the same to the bit (on the CPU, with as many threads).
/// </summary>
internal sealed class TrainingRun : IDisposable
{
    // An accelerator computes ahead of the program, and each reading waits for it.
    private const int MostUnread = 64;
    private static readonly TimeSpan ReadingInterval = TimeSpan.FromSeconds(0.2);

    private readonly TrainingPlan _plan;
    private readonly TrainingTask _task;
    private readonly DataReport _data;
    private readonly BatchSource _train;
    private readonly BatchSource _validation;
    private readonly Device _device;
    private readonly Optimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly int _batches;

    // What the batches since the last reading add to the sums: float64 vectors on the device.
    private readonly List<Tensor> _unread = [];
    private readonly double[] _sums;
    private long _lastReading = Stopwatch.GetTimestamp();

    /// <param name="plan">Options, and where checkpoints go.</param>
    /// <param name="task">The task, whose network is trained in place; stays the caller's, as the data does.</param>
    /// <param name="data">Pictures to learn from and to validate with.</param>
    /// <param name="device">Device of the network.</param>
    /// <exception cref="BadInputException">The network needs larger batches than these pictures and options give.</exception>
    public TrainingRun(TrainingPlan plan, TrainingTask task, TrainingData data, Device device)
    {
        (_plan, _task, _device, _data, _train, _validation) = (plan, task, device, data.Report, data.Train, data.Validation);
        Rates = RatesOf(plan, task.Module);
        _optimizer = new Optimizer(task.Module.named_parameters(), plan.Options.Optimizer)
        {
            Momentum = plan.Options.Momentum,
            WeightDecay = plan.Options.WeightDecay,
            Clip = plan.Options.Clip,
            Penalized = task.Penalized,
            Penalty = plan.Options.HeadDecay,
            Factors = Rates.Factors,
            NotDecayed = task.NotDecayed,
        };
        if (plan.Options.Ema is { } decay)
            _average = new WeightAverage(task.Module, decay);
        int seen = Math.Min(_train.Count, plan.Options.Batch);
        if (seen < task.SmallestBatch)
            throw new BadInputException($"{plan.Model}: {task.WhySmallestBatch}; got a batch of {seen} "
                + $"({_train.Count} pictures to train with, {plan.Options.Batch} a step), expected at least {task.SmallestBatch}")
            {
                Remedy = Remedy.ChangeBatch,
            };
        if (Options.Patience is not null && Options.PatienceOn == EarlyStopping.Validation && !data.Report.ChoosesBestEpoch)
            throw new BadInputException($"{plan.Model}: no pictures are held out to see that the training gets no better; hold some out, "
                + "or wait for the loss while learning")
            {
                Remedy = Remedy.HoldOutOthers,
            };
        _batches = OrderOf(0).Count;
        _sums = new double[task.Sums.Length];
        Position = new TrainingPosition { Sums = Sums() };
    }

    /// <summary>Epoch, batch and history so far; the sums as of the last reading.</summary>
    public TrainingPosition Position { get; private set; }

    /// <summary>Learning rates of the network's parts.</summary>
    public LearningRates Rates { get; }

    /// <summary>Called after every batch and every epoch.</summary>
    public Action<TrainingProgress>? OnProgress { get; init; }

    private TrainingOptions Options => _plan.Options;

    /// <summary>True when the training gets no better, by its options, and ends before the last epoch.</summary>
    public bool IsStopped => EarlyStopping.IsDue(Position.History, Options, _task.ChosenBy);

    /// <summary>Pictures that are still to come.</summary>
    public long PicturesLeft => ((long)(Options.Epochs - Position.Epoch) * _train.Count) - PicturesBefore(Position.Batch);

    /// <summary>Goes back to where a checkpoint was written.</summary>
    /// <exception cref="BadInputException">It is of another network or another task, or the data is not what it was.</exception>
    public void Restore(Checkpoint checkpoint, string path)
    {
        if ((checkpoint.Data.Train, checkpoint.Data.ValidatedOn) != (_data.Train, _data.ValidatedOn)
            || !checkpoint.Data.Classes.SequenceEqual(_data.Classes))
            throw new BadInputException($"{path}: was trained on {checkpoint.Data}, the data now is {_data}; expected the same");
        Metrics sums = checkpoint.Position.Sums;
        if (!sums.Select(s => s.Key).SequenceEqual(_task.Sums))
            throw new BadInputException(
                $"{path}: has sums of {string.Join(", ", sums.Select(s => s.Key))}, expected {string.Join(", ", _task.Sums)}");
        checkpoint.Restore(path, _task.Module, _optimizer, _average);
        Position = checkpoint.Position;
        for (int i = 0; i < _sums.Length; i++)
            _sums[i] = sums[i].Value;
    }

    /// <summary>
    /// Trains until the last epoch is done. Writes the last checkpoint after every epoch, the best one after a better epoch.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled; the batch is done and the last checkpoint is written.</exception>
    /// <exception cref="BadInputException">The loss is no number any more, or a checkpoint cannot be written.</exception>
    public void Run(CancellationToken cancel)
    {
        try
        {
            while (Position.Epoch < Options.Epochs && !IsStopped)
                RunEpoch(cancel);
        }
        catch (OperationCanceledException)
        {
            ReadSums();
            Save(_plan.Files.LastCheckpoint);
            throw;
        }

        _average?.Swap();
    }

    public void Dispose()
    {
        Forget();
        _average?.Dispose();
        _optimizer.Dispose();
    }

    private void RunEpoch(CancellationToken cancel)
    {
        _task.Module.train();
        BatchOrder order = OrderOf(Position.Epoch);
        using (BatchReader batches = _train.Open(order, Position.Batch, _device, cancel))
        {
            while (Position.Batch < _batches)
            {
                cancel.ThrowIfCancellationRequested();
                int done = Step(batches, order);
                Position = Position with { Batch = Position.Batch + 1, Steps = _optimizer.Steps };
                if (_unread.Count >= MostUnread || Stopwatch.GetElapsedTime(_lastReading) > ReadingInterval || Position.Batch == _batches)
                    ReadSums();
                int read = PicturesBefore(Position.Batch - _unread.Count) - Position.LeftOut;
                OnProgress?.Invoke(new TrainingProgress(Position.Epoch + 1, Options.Epochs, done, _sums[0] / read, null));
            }
        }

        // Before anything is measured or kept: a weight that is no number spoils all that comes after it.
        WeightCheck.RequireFinite(
            _task.Module, _plan.Model, $"after epoch {Position.Epoch + 1}; try a smaller learning rate", Remedy.LowerLearningRate);
        Metrics validation = Validate(cancel);
        if (!double.IsFinite(validation[Criterion.Loss]))
            throw new BadInputException($"{_plan.Model}: the loss on {_validation.Count:N0} {_data.ValidatedOn} pictures is "
                + $"{validation[Criterion.Loss]} after epoch {Position.Epoch + 1}; expected a number, try a smaller learning rate")
            {
                Remedy = Remedy.LowerLearningRate,
            };
        Metrics learned = _task.MetricsOf(_sums, _train.Count - Position.LeftOut);
        var result = new EpochResult(Position.Epoch + 1, RateOf(_batches - 1), learned, validation);
        bool isBest = !_data.ChoosesBestEpoch || _task.ChosenBy.Prefers(result, Position.Best);
        Array.Clear(_sums);
        Position = new TrainingPosition
        {
            Epoch = Position.Epoch + 1,
            Sums = Sums(),
            Steps = Position.Steps,
            History = [.. Position.History, result],
            Best = isBest ? result : Position.Best,
        };
        Save(_plan.Files.LastCheckpoint);
        if (isBest)
            Save(_plan.Files.BestCheckpoint);
        OnProgress?.Invoke(new TrainingProgress(result.Epoch, Options.Epochs, 0, result.Train[Criterion.Loss], result));
    }

    /// <summary>
    /// The next batch forward and back; returns how many samples the order has for it. What it adds to the sums is not read yet.
    /// A batch of which too little can be read is left out.
    /// </summary>
    private int Step(BatchReader batches, BatchOrder order)
    {
        using DisposeScope scope = NewDisposeScope();
        Batch batch = batches.Next();
        int planned = PicturesBefore(Position.Batch + 1) - PicturesBefore(Position.Batch);
        bool isLearned = batch.Count >= _task.SmallestBatch;
        Position = Position with { LeftOut = Position.LeftOut + planned - (isLearned ? batch.Count : 0) };
        if (!isLearned)
        {
            _unread.Add(zeros(_sums.Length, ScalarType.Float64, _device).DetachFromDisposeScope());
            return planned;
        }

        if (_train.Augmentation.Mix(batch.Inputs, order.RandomOf(Position.Batch)) is { } mixed)
            batch = batch with
            {
                Inputs = mixed.Pictures,
                OtherTargets = batch.Targets.index_select(0, mixed.Partners),
                Share = mixed.Share,
            };
        (Tensor loss, Tensor sums) = _task.Learn(batch);
        loss.backward();
        _optimizer.Step(RateOf(Position.Batch));
        _average?.Add(_optimizer.Steps);
        _unread.Add(sums.DetachFromDisposeScope());
        return planned;
    }

    /// <summary>
    /// Adds what the device has summed up since the last time, batch by batch, so that sums do not depend on when they are read.
    /// </summary>
    /// <exception cref="BadInputException">A loss is no number.</exception>
    private void ReadSums()
    {
        _lastReading = Stopwatch.GetTimestamp();
        if (_unread.Count == 0)
            return;
        int first = Position.Batch - _unread.Count;
        using (DisposeScope scope = NewDisposeScope())
        {
            double[] added = stack(_unread).cpu().data<double>().ToArray();
            for (int i = 0; i < added.Length; i++)
                _sums[i % _sums.Length] += added[i];
            for (int batch = 0; batch < _unread.Count; batch++)
                CheckLoss(added[batch * _sums.Length], first + batch);
        }

        Forget();
        Position = Position with { Sums = Sums() };
    }

    private void CheckLoss(double loss, int batch)
    {
        if (!double.IsFinite(loss))
            throw new BadInputException($"{_plan.Model}: the loss is {loss} in epoch {Position.Epoch + 1}, batch {batch + 1} of "
                + $"{_batches}, with the learning rate {RateOf(batch):0.######}; expected a number, try a smaller one")
            {
                Remedy = Remedy.LowerLearningRate,
            };
    }

    private void Forget()
    {
        _unread.ForEach(sums => sums.Dispose());
        _unread.Clear();
    }

    private Metrics Sums() => new([.. _task.Sums.Zip(_sums)]);

    private BatchOrder OrderOf(int epoch) => Options.Balanced
        ? BatchOrder.Balanced(_train.Labels, Options.Batch, Options.Seed, epoch, _task.SmallestBatch)
        : BatchOrder.Shuffled(_train.Count, Options.Batch, Options.Seed, epoch, _task.SmallestBatch);

    /// <summary>Metrics of the weights that would be exported now.</summary>
    private Metrics Validate(CancellationToken cancel)
    {
        _average?.Swap();
        try
        {
            return _task.Measure(_validation, Options.Batch, _device, null, cancel).Metrics;
        }
        finally
        {
            _average?.Swap();
        }
    }

    /// <summary>Number of pictures in the batches of an epoch before this one.</summary>
    private int PicturesBefore(int batch) => batch >= _batches ? _train.Count : batch * Options.Batch;

    private LearningRates RatesOf(TrainingPlan plan, OnnxModule module)
    {
        (string, long)[] trained =
            [.. module.named_parameters().Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter.numel()))];
        RateRules rules = plan.Options.Rates;
        IReadOnlyList<IReadOnlyList<string>>? blocks =
            rules.LayerDecay != 1 && _task.Features is { } end ? NetworkBlocks.Of(module.Model.Graph, end) : null;
        return LearningRates.Of(trained, _task.BackboneWeights, blocks, rules, plan.Model);
    }

    /// <summary>Learning rate of a batch of this epoch.</summary>
    private double RateOf(int batch)
    {
        double steps = (Position.Epoch * (double)_batches) + batch, done = steps / (Options.Epochs * (double)_batches);
        double warm = Options.WarmUp > 0 ? Math.Min(1, (steps + 1) / (Options.WarmUp * _batches)) : 1;
        return Options.LearningRate * warm * Schedules.Factor[Options.Schedule](done, Position.Epoch);
    }

    private void Save(string path) => new Checkpoint(_plan, _data, Position).Save(path, _task.Module, _optimizer, _average);
}
