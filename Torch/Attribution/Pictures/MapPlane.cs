namespace CnnOnnx.Torch.Attribution;

/// <summary>One number for each place of a map: what pictures, comparisons and words about a map are made of.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Values">Signed numbers, row by row.</param>
internal sealed record MapPlane(int Height, int Width, float[] Values)
{
    // Of small maps every value counts; of large ones a few outliers would take all of the scale.
    private const int SmallMap = 1000;
    private const double LargeMapPercentile = 99.5;

    /// <summary>Smallest finite value; 0 where none is.</summary>
    public float Min { get; } = Finite(Values).DefaultIfEmpty(0).Min();

    /// <summary>Largest finite value; 0 where none is.</summary>
    public float Max { get; } = Finite(Values).DefaultIfEmpty(0).Max();

    /// <summary>Share of the negative numbers in the sum of all sizes, 0 to 1; 0 for a map of zeros.</summary>
    public double NegativeShare
    {
        get
        {
            double negative = 0, all = 0;
            foreach (float value in Finite(Values))
            {
                all += Math.Abs(value);
                negative += Math.Max(0, -value);
            }

            return all > 0 ? negative / all : 0;
        }
    }

    /// <summary>Adds up the channels of a map.</summary>
    /// <param name="map">A map of places, or of an input's values.</param>
    /// <param name="sizes">True to add sizes without their signs.</param>
    public static MapPlane Of(AttributionMap map, bool sizes = false)
    {
        int area = map.Height * map.Width;
        float[] sums = new float[area];
        for (int channel = 0; channel < map.Channels; channel++)
            for (int i = 0; i < area; i++)
                sums[i] += sizes ? Math.Abs(map.Values[channel * area + i]) : map.Values[channel * area + i];
        return new MapPlane(map.Height, map.Width, sums);
    }

    /// <summary>Adds up blocks of places, which keeps the total: single pixels of a gradient are confetti.</summary>
    /// <param name="block">Side of a block in places, from 1.</param>
    public MapPlane Summed(int block)
    {
        if (block <= 1)
            return this;
        int height = (Height + block - 1) / block, width = (Width + block - 1) / block;
        float[] sums = new float[height * width];
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
                sums[y / block * width + x / block] += Values[y * Width + x];
        return new MapPlane(height, width, sums);
    }

    /// <summary>Changes each value.</summary>
    public MapPlane With(Func<float, float> change) => new(Height, Width, Array.ConvertAll(Values, value => change(value)));

    /// <summary>The size at which a scale ends: the largest of a small map, a high percentile of a large one.</summary>
    /// <param name="percentile">Percentile of the sizes, 0 to 100; null for the usual one.</param>
    public float Limit(double? percentile = null)
    {
        float[] sizes = [.. Finite(Values).Select(Math.Abs)];
        double taken = percentile ?? (Values.Length > SmallMap ? LargeMapPercentile : 100);
        float limit = Percentile(sizes, taken);
        // Few places of many may be all there is.
        return limit > 0 ? limit : Percentile(sizes, 100);
    }

    /// <summary>Percentile of some numbers, linear between two of them as NumPy's is; 0 for none.</summary>
    /// <param name="values">Numbers in any order; they are sorted.</param>
    /// <param name="percentile">Percentile, 0 to 100.</param>
    public static float Percentile(float[] values, double percentile)
    {
        if (values.Length == 0)
            return 0;
        Array.Sort(values);
        double place = percentile / 100 * (values.Length - 1);
        int below = Math.Clamp((int)place, 0, values.Length - 1), above = Math.Min(below + 1, values.Length - 1);
        return (float)(values[below] + (place - below) * (values[above] - values[below]));
    }

    /// <summary>Row and column of the largest value.</summary>
    public (int Row, int Column) Peak()
    {
        int best = 0;
        for (int i = 1; i < Values.Length; i++)
            if (Values[i] > Values[best] || float.IsNaN(Values[best]))
                best = i;
        return (best / Width, best % Width);
    }

    /// <summary>Pearson's correlation with another map of the same size; NaN where one of them is the same everywhere.</summary>
    /// <param name="other">A map of as many values.</param>
    public double Correlation(MapPlane other)
    {
        if (other.Values.Length != Values.Length)
            throw new ArgumentException($"Maps of {Height}x{Width} and {other.Height}x{other.Width} cannot be correlated.", nameof(other));
        double mean = Values.Average(value => (double)value), theirs = other.Values.Average(value => (double)value);
        double both = 0, own = 0, others = 0;
        for (int i = 0; i < Values.Length; i++)
        {
            double a = Values[i] - mean, b = other.Values[i] - theirs;
            both += a * b;
            own += a * a;
            others += b * b;
        }

        return both / Math.Sqrt(own * others);
    }

    private static IEnumerable<float> Finite(float[] values) => values.Where(float.IsFinite);
}
