using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>A part of a data set that is not loaded yet: what is in it is known, the pictures are still in their files.</summary>
/// <param name="Name">train, test, val, held-out or all.</param>
/// <param name="Classes">Class names in the order of the labels.</param>
/// <param name="Labels">A class index for each picture.</param>
/// <param name="Read">Decodes the pictures with the given indices.</param>
internal sealed record DataPart(string Name, string[] Classes, int[] Labels, DataPart.Reader Read)
{
    /// <param name="indices">Which pictures.</param>
    /// <param name="spec">The size and the channels to bring them to.</param>
    /// <param name="progress">Told how many more are done.</param>
    public delegate PictureSet Reader(int[] indices, InputSpec spec, Action<int>? progress, CancellationToken cancel);

    public int Count => Labels.Length;

    /// <summary>Decodes all pictures. The caller disposes the set.</summary>
    /// <exception cref="BadInputException">Too many cannot be read, or a class has none left.</exception>
    public PictureSet Load(InputSpec spec, Action<int>? progress, CancellationToken cancel) =>
        Read([.. Enumerable.Range(0, Count)], spec, progress, cancel);

    /// <summary>Two parts with the same share of every class in each; at least one picture of a class on either side.</summary>
    /// <param name="share">Of the second part, between 0 and 1.</param>
    public (DataPart First, DataPart Second) Split(double share, int seed)
    {
        var random = new Random(seed);
        var first = new List<int>();
        var second = new List<int>();
        foreach (IGrouping<int, int> members in Enumerable.Range(0, Count).GroupBy(i => Labels[i]).OrderBy(g => g.Key))
        {
            int[] shuffled = [.. members];
            random.Shuffle(shuffled);
            if (shuffled.Length < 2)
                throw new BadInputException($"class '{Classes[members.Key]}' has one picture; expected at least two, to train with and to validate with");
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
            (chosen, spec, progress, cancel) => Read([.. chosen.Select(i => indices[i])], spec, progress, cancel));
    }
}
