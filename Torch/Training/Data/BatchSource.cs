using CnnOnnx.Imaging;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Samples that go through the network together.</summary>
/// <param name="Inputs">[N, C, H, W] as the network takes them.</param>
/// <param name="Targets">
/// Answers to be learned: class indices [N] as int64; or boxes [M, 6] as float32, each the sample's place in the batch, class index,
/// centre x, centre y, width and height in pixels of the input.
/// </param>
internal readonly record struct Batch(Tensor Inputs, Tensor Targets)
{
    /// <summary>Samples in it.</summary>
    public int Count => (int)Inputs.size(0);

    /// <summary>Answers of the samples that were mixed in, [N] int64; null where none were.</summary>
    public Tensor? OtherTargets { get; init; }

    /// <summary>Share 0..1 of each sample in its mixture; the other one has the rest.</summary>
    public double Share { get; init; } = 1;

    /// <summary>Places in the order's batch of the samples that are in this one; null where it has all of them.</summary>
    public int[]? Places { get; init; }
}

/// <summary>Labelled pictures that can be read as batches, any number of times. Reading starts with <see cref="Open"/>.</summary>
/// <param name="spec">Preprocessing: size, channels, range, mean and deviation.</param>
/// <param name="classes">Class names in the order of the labels.</param>
/// <param name="labels">A class index for each picture: where it shows many things, that which it is drawn by to balance classes.</param>
internal abstract class BatchSource(InputSpec spec, string[] classes, int[] labels) : IDisposable
{
    /// <summary>Share of pictures that may be unreadable before the set is refused.</summary>
    private const double MostUnreadable = 0.1;

    public InputSpec Spec => spec;

    public IReadOnlyList<string> Classes => classes;

    public IReadOnlyList<int> Labels => labels;

    public int Count => labels.Length;

    /// <summary>
    /// Files that were to be in the set and cannot be read, each with its reason: all of them in a set that was decoded beforehand,
    /// those that were met so far in a stream.
    /// </summary>
    public virtual IReadOnlyList<string> Unreadable { get; init; } = [];

    /// <summary>Random changes of what is learned from; none for what is measured.</summary>
    /// <exception cref="BadInputException">A step that does not fit what the pictures are labelled with.</exception>
    public Augmentation Augmentation { get; set => field = value.CheckedFor(LabelKind); } = Augmentation.None;

    /// <summary>What the pictures are labelled with, which decides how they may be changed.</summary>
    protected virtual LabelKind LabelKind => LabelKind.Class;

    /// <summary>One picture's bytes 0..255, C·H·W, as it is without augmentation. Valid until the next call.</summary>
    public abstract ReadOnlySpan<byte> Bytes(int index);

    /// <summary>Starts to read. The caller disposes the reader, and the source after it.</summary>
    /// <param name="order">Indices of the pictures of each batch.</param>
    /// <param name="first">The batch to begin with: what was read before a stop is not read again.</param>
    /// <param name="device">Device that the batches go to.</param>
    /// <param name="cancel">Ends the waiting for a batch, and the work on those ahead.</param>
    public abstract BatchReader Open(BatchOrder order, int first, Device device, CancellationToken cancel);

    public abstract void Dispose();

    /// <summary>Says that so many pictures cannot be read that the set is refused; null for a few, which are left out.</summary>
    /// <param name="unreadable">Files with reasons.</param>
    /// <param name="count">Number of all pictures, readable or not.</param>
    public static string? TooMany(IReadOnlyList<string> unreadable, int count) => unreadable.Count <= MostUnreadable * count ? null
        : $"{unreadable.Count} of {count} pictures cannot be read, expected at most {MostUnreadable:P0}; the first: {unreadable[0]}";
}

/// <summary>Reads batches one after the other. For one thread; that which opened it, since tensors belong to its scopes.</summary>
internal abstract class BatchReader : IDisposable
{
    /// <summary>
    /// The next batch: fewer pictures than the order says, maybe none, where some cannot be read. The caller disposes its tensors, or
    /// its scope does.
    /// </summary>
    /// <exception cref="BadInputException">More pictures than a few cannot be read; names the first.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    /// <exception cref="InvalidOperationException">There was no other batch.</exception>
    public abstract Batch Next();

    public abstract void Dispose();
}

/// <summary>
/// Indices of the pictures of each batch, and random numbers for each picture: they depend on seed, epoch and place alone, so there is no
/// state to keep when a training is stopped.
/// </summary>
internal sealed class BatchOrder
{
    private readonly int[] _indices;
    private readonly int _batch;
    private readonly int? _seed;

    private BatchOrder(int[] indices, int batch, int? seed, int smallest = 1)
    {
        (_indices, _batch, _seed) = (indices, batch, seed);
        int count = indices.Length, rest = count % batch;
        Count = (count / batch) + (rest == 0 || (rest < smallest && count > batch) ? 0 : 1);
        if (seed is { } known)
            new Random(known).Shuffle(_indices);
    }

    /// <summary>Number of batches. The last takes what is left, which may be fewer pictures, or more where it took in a rest.</summary>
    public int Count { get; }

    /// <summary>Pictures of the largest batch.</summary>
    public int Largest => Count == 0 ? 0 : Math.Max(this[0].Length, this[Count - 1].Length);

    /// <summary>True while learning; what is measured is measured as it is.</summary>
    public bool IsAugmented => _seed is not null;

    /// <summary>Indices of the pictures of a batch.</summary>
    public ReadOnlySpan<int> this[int batch] => _indices.AsSpan()[Before(batch)..Before(batch + 1)];

    /// <summary>Number of pictures in the batches before this one.</summary>
    public int Before(int batch) => batch >= Count ? _indices.Length : batch * _batch;

    /// <summary>All pictures once, in an order of the epoch's own.</summary>
    /// <param name="count">Number of pictures.</param>
    /// <param name="batch">Pictures a batch.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="smallest">
    /// Fewest pictures that the network learns from at once. What is left for the last batch goes to the one before it when it is
    /// fewer, so that every picture is seen in every epoch.
    /// </param>
    public static BatchOrder Shuffled(int count, int batch, int seed, int epoch, int smallest = 1) =>
        new([.. Enumerable.Range(0, count)], batch, HashOf(seed, epoch), smallest);

    /// <summary>
    /// Draws as many pictures as there are, of each class equally many: of a large class some are left out in this epoch, those of a
    /// small one come more than once.
    /// </summary>
    /// <param name="labels">Class index of each picture.</param>
    /// <inheritdoc cref="Shuffled"/>
    public static BatchOrder Balanced(IReadOnlyList<int> labels, int batch, int seed, int epoch, int smallest = 1)
    {
        int hash = HashOf(seed, epoch);
        var random = new Random(hash);
        int[][] classes = [.. Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).OrderBy(g => g.Key).Select(g => g.ToArray())];
        // who gets one more where the classes do not divide the pictures evenly
        random.Shuffle(classes);
        foreach (int[] members in classes)
            random.Shuffle(members);
        int[] drawn = [.. Enumerable.Range(0, labels.Count).Select(i =>
            classes[i % classes.Length][i / classes.Length % classes[i % classes.Length].Length])];
        return new BatchOrder(drawn, batch, hash, smallest);
    }

    /// <summary>All pictures once, as they come.</summary>
    public static BatchOrder InSequence(int count, int batch) => new([.. Enumerable.Range(0, count)], batch, null);

    /// <summary>Random numbers for a place in a batch, the same however many threads work and wherever the reading began.</summary>
    public Random RandomOf(int batch, int place) =>
        new(unchecked((_seed ?? 0) + ((Before(batch) + place + 1) * (int)0xC2B2AE35)));

    /// <summary>Random numbers for a batch as a whole.</summary>
    public Random RandomOf(int batch) => new(unchecked((_seed ?? 0) - ((batch + 1) * (int)0xC2B2AE35)));

    // Neighbouring seeds must not give the same orders one epoch apart.
    private static int HashOf(int seed, int epoch) => unchecked((seed * (int)0x9E3779B1) + (epoch * (int)0x85EBCA77));
}
