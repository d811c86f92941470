using CnnOnnx.Torch.Graph;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// The aim of a training: how a batch becomes a loss, which numbers are told of it, and by which of them the best epoch
/// is chosen. The loop, its checkpoints, curves and reports know these numbers by name only.
/// </summary>
internal abstract class TrainingTask
{
    /// <summary>The network; in it, the weights that are trained.</summary>
    public abstract OnnxModule Module { get; }

    /// <summary>Names of the sums that are kept over an epoch's batches; the first is the sum of the samples' losses.</summary>
    public abstract string[] Sums { get; }

    public abstract Criterion ChosenBy { get; }

    /// <summary>Names of the weights that the options' penalty on the classifier is for.</summary>
    public virtual IReadOnlySet<string> Penalized => new HashSet<string>();

    /// <summary>Names of the weights that the options' penalty on all weights is not for.</summary>
    public virtual IReadOnlySet<string> NotDecayed => new HashSet<string>();

    /// <summary>Names of the weights in front of the classifier; none where it is not known.</summary>
    public virtual IReadOnlySet<string> BackboneWeights => new HashSet<string>();

    /// <summary>Name of the tensor that the classifier starts from; null where it is not known.</summary>
    public virtual string? Features => null;

    /// <summary>Names of the network's classes; null for those of the data.</summary>
    public virtual IReadOnlyList<string>? ClassNames => null;

    /// <summary>Fewest samples that the network learns from at once.</summary>
    public virtual int SmallestBatch => 1;

    /// <summary>The layer that needs so many, and why: part of a sentence for messages.</summary>
    public virtual string WhySmallestBatch => "";

    /// <summary>A batch as the network's input takes it, with the input's name. The caller's scope disposes it.</summary>
    public abstract (string Name, Tensor Value) InputOf(Batch batch);

    /// <summary>One batch forward, in train mode.</summary>
    /// <param name="batch">Inputs and targets, on the network's device.</param>
    /// <returns>
    /// The loss to differentiate, a scalar, and what the batch adds to the sums: a float64 vector on the device, without
    /// gradients. The caller disposes both, or its scope does.
    /// </returns>
    public abstract (Tensor Loss, Tensor Sums) Learn(Batch batch);

    /// <summary>The metrics of an epoch's training, of its sums.</summary>
    /// <param name="sums">Sums over the epoch, in the order of <see cref="Sums"/>.</param>
    /// <param name="samples">Number of samples that were summed over.</param>
    public abstract Metrics MetricsOf(ReadOnlySpan<double> sums, int samples);

    /// <summary>Runs the network over all samples, in eval mode and without gradients; leaves it in the mode it was in.</summary>
    /// <param name="batch">Samples at once.</param>
    /// <param name="progress">Told how many more samples are done.</param>
    public abstract Measurement Measure(BatchSource samples, int batch, Device device, Action<int>? progress, CancellationToken cancel);

    /// <summary>Goes through all samples once, in eval mode and without gradients; leaves the network in the mode it was in.</summary>
    /// <param name="samples">Samples, in their order.</param>
    /// <param name="batch">Samples at once.</param>
    /// <param name="device">Device of the network.</param>
    /// <param name="progress">Told how many more samples are done.</param>
    /// <param name="cancel">Ends it between two batches.</param>
    /// <param name="each">Reads the next batch, and gets the indices of its samples, unreadable ones among them.</param>
    protected void Walk(BatchSource samples, int batch, Device device, Action<int>? progress, CancellationToken cancel,
        Action<BatchReader, int[]> each)
    {
        bool wasTraining = Module.training;
        Module.eval();
        using IDisposable noGradients = no_grad();
        try
        {
            var order = BatchOrder.InSequence(samples.Count, batch);
            using BatchReader batches = samples.Open(order, 0, device, cancel);
            for (int i = 0; i < order.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                int[] indices = [.. order[i]];
                each(batches, indices);
                progress?.Invoke(indices.Length);
            }
        }
        finally
        {
            Module.train(wasTraining);
        }
    }
}

/// <summary>Metrics of a network on samples.</summary>
/// <param name="Metrics">Numbers by name, the loss among them.</param>
internal abstract record Measurement(Metrics Metrics)
{
    /// <summary>Further results for a report, by the property's name in JSON.</summary>
    public abstract IEnumerable<(string Name, object Value)> Details { get; }
}
