using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>A part of a data set that is not loaded yet: what is in it is known, the pictures are still in their files.</summary>
/// <param name="Name">train, test, val, held-out or all.</param>
/// <param name="Classes">Class names in the order of the labels.</param>
/// <param name="Labels">A class index for each picture.</param>
/// <param name="Read">Decodes the pictures with the given indices.</param>
internal sealed record DataPart(string Name, string[] Classes, int[] Labels, DataPart.Reader Read)
{
    /// <param name="indices">Indices of the pictures to decode.</param>
    /// <param name="spec">The size and the channels to bring them to.</param>
    /// <param name="progress">Told how many more are done.</param>
    public delegate BatchSource Reader(int[] indices, InputSpec spec, Action<int>? progress, CancellationToken cancel);

    public int Count => Labels.Length;

    /// <summary>Opens the pictures with the given indices as a stream; null where there is no file for each.</summary>
    public Func<int[], InputSpec, PictureStream>? Stream { get; init; }

    /// <summary>
    /// Decodes all pictures, once; or, where they would not fit into the memory, opens them as a stream that decodes them in
    /// every epoch. The caller disposes the source.
    /// </summary>
    /// <param name="mostStored">Bytes of decoded pictures beyond which they are a stream; all memory when not given.</param>
    /// <exception cref="BadInputException">Too many cannot be read.</exception>
    public BatchSource Load(InputSpec spec, Action<int>? progress, CancellationToken cancel, long? mostStored = null)
    {
        long bytes = (long)Count * spec.ChannelCount * spec.Height * spec.Width;
        int[] all = [.. Enumerable.Range(0, Count)];
        return Stream is not null && bytes > (mostStored ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            ? Stream(all, spec)
            : Read(all, spec, progress, cancel);
    }

    /// <summary>Two parts with the same share of every class in each; at least one picture of a class on either side.</summary>
    /// <param name="share">Share of the pictures in the second part, between 0 and 1.</param>
    /// <param name="seed">Seed of the choice of pictures.</param>
    /// <param name="set">Path of the set, for messages.</param>
    /// <exception cref="BadInputException">A class has one picture.</exception>
    public (DataPart First, DataPart Second) Split(double share, int seed, string set)
    {
        var random = new Random(seed);
        var first = new List<int>();
        var second = new List<int>();
        foreach (IGrouping<int, int> members in Enumerable.Range(0, Count).GroupBy(i => Labels[i]).OrderBy(g => g.Key))
        {
            int[] shuffled = [.. members];
            random.Shuffle(shuffled);
            if (shuffled.Length < 2)
                throw new BadInputException($"{set}: class '{Classes[members.Key]}' has one picture; expected at least two, to train "
                    + "with and to validate with");
            int taken = Math.Clamp((int)Math.Round(share * shuffled.Length), 1, shuffled.Length - 1);
            second.AddRange(shuffled[..taken]);
            first.AddRange(shuffled[taken..]);
        }

        return (Only("train", first), Only("held-out", second));
    }

    private DataPart Only(string name, List<int> indices)
    {
        indices.Sort();
        return new DataPart(name, Classes, [.. indices.Select(i => Labels[i])],
            (chosen, spec, progress, cancel) => Read([.. chosen.Select(i => indices[i])], spec, progress, cancel))
        {
            Stream = Stream is null ? null : (chosen, spec) => Stream([.. chosen.Select(i => indices[i])], spec),
        };
    }
}
