using System.Numerics.Tensors;

namespace CnnOnnx.Statistics;

/// <summary>Counts of values, from those of the smallest values to those of the largest ones.</summary>
internal static class RankedCounts
{
    // Added up at once on the way; divides the length of every table.
    private const int Step = 1 << 7;

    /// <summary>Where the value with a rank was counted, and how many values were counted before that place.</summary>
    /// <param name="counts">As many as a multiple of 128.</param>
    /// <param name="rank">From 0; less than the sum of all counts.</param>
    public static (int Place, int Below) Find(ReadOnlySpan<int> counts, int rank)
    {
        (int place, int below) = (0, 0);
        for (int step; below + (step = TensorPrimitives.Sum(counts.Slice(place, Step))) <= rank; place += Step)
            below += step;
        for (; below + counts[place] <= rank; place++)
            below += counts[place];
        return (place, below);
    }
}
