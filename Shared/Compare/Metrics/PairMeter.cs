using System.Numerics;
using System.Runtime.InteropServices;

namespace CnnOnnx.Compare;

/// <summary>Adds up how far two tensors are apart, over as many runs as are given, in one pass over each and in double precision.</summary>
internal sealed class PairMeter
{
    // The largest number that float16 holds.
    private const float HalfMax = 65504;

    private double _differences, _absolute, _a, _b, _product, _largest, _magnitude;
    private double _min = double.PositiveInfinity, _max = double.NegativeInfinity;
    private long _count, _nanA, _nanB, _infiniteA, _infiniteB, _beyondHalf, _outside;
    private long? _at;
    private int _run, _atRun;
    private bool _isEqual = true;

    /// <summary>Takes in the values of one run.</summary>
    /// <param name="a">Values of the first tensor; the reference.</param>
    /// <param name="b">Values of the second tensor, in the order of the first.</param>
    /// <param name="tolerance">Allowed difference, which decides what counts as out of tolerance.</param>
    public void Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b, PairTolerance tolerance)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"Tensors that are compared have as many elements, got {a.Length} and {b.Length}.");
        _count += a.Length;
        bool isEqual = MemoryMarshal.AsBytes(a).SequenceEqual(MemoryMarshal.AsBytes(b));
        _isEqual &= isEqual;
        Sums sums = Sums.Of(a, b);
        if (!double.IsFinite(sums.A + sums.B))
            sums = OfFinite(a, b);
        _differences += sums.Differences;
        _absolute += sums.Absolute;
        _a += sums.A;
        _b += sums.B;
        _product += sums.Product;
        (_min, _max) = (Math.Min(_min, sums.Min), Math.Max(_max, sums.Max));
        _magnitude = Math.Max(_magnitude, Math.Max(Math.Abs(sums.Min), Math.Abs(sums.Max)));
        if (!isEqual && sums.Largest > 0)
            Locate(a, b, sums.Largest, tolerance);
        _run++;
    }

    /// <summary>The figures of all runs so far.</summary>
    public PairMetrics Result()
    {
        double range = _max - _min, mean = _count == 0 ? 0 : _differences / _count;
        return new PairMetrics
        {
            Elements = _count,
            IsBitEqual = _isEqual,
            Largest = _largest,
            At = _at,
            AtRun = _atRun,
            MeanAbsolute = _count == 0 ? 0 : _absolute / _count,
            RelativeError = _differences == 0 ? 0 : _a == 0 ? double.PositiveInfinity : Math.Sqrt(_differences / _a),
            LargestRelative = _largest == 0 ? 0 : _magnitude == 0 ? double.PositiveInfinity : _largest / _magnitude,
            Cosine = _a == 0 && _b == 0 ? 1 : _a == 0 || _b == 0 ? 0 : Math.Clamp(_product / Math.Sqrt(_a) / Math.Sqrt(_b), -1, 1),
            Psnr = mean == 0 ? double.PositiveInfinity : range <= 0 ? double.NegativeInfinity : 10 * Math.Log10(range * range / mean),
            Magnitude = _magnitude,
            OutsideShare = _count == 0 ? 0 : (double)_outside / _count,
            NaNInA = _nanA,
            NaNInB = _nanB,
            InfiniteInA = _infiniteA,
            InfiniteInB = _infiniteB,
            BeyondHalfInB = _beyondHalf,
        };
    }

    // A second pass over tensors that differ: where, and how many.
    private void Locate(ReadOnlySpan<float> a, ReadOnlySpan<float> b, double largest, PairTolerance tolerance)
    {
        double allowed = tolerance.Allowed(_magnitude);
        bool seeks = largest > _largest;
        for (int i = 0; i < a.Length; i++)
        {
            // Rounded as the first pass rounds, or the largest would not be found again.
            double difference = MathF.Abs(a[i] - b[i]);
            if (difference > allowed)
                _outside++;
            if (seeks && difference >= largest)
                (seeks, _largest, _at, _atRun) = (false, difference, i, _run);
        }
    }

    // NaN and infinities are counted; what is no number on one side only is out of tolerance and in no sum.
    private Sums OfFinite(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float[] left = a.ToArray(), right = b.ToArray();
        for (int i = 0; i < left.Length; i++)
        {
            _nanA += float.IsNaN(left[i]) ? 1 : 0;
            _nanB += float.IsNaN(right[i]) ? 1 : 0;
            _infiniteA += float.IsInfinity(left[i]) ? 1 : 0;
            _infiniteB += float.IsInfinity(right[i]) ? 1 : 0;
            if (float.IsFinite(left[i]) && float.IsFinite(right[i]))
                continue;
            if (!left[i].Equals(right[i]))
                (_outside, _at) = (_outside + 1, _at ?? i);
            left[i] = right[i] = 0;
        }

        foreach (float value in b)
            _beyondHalf += MathF.Abs(value) > HalfMax ? 1 : 0;
        return Sums.Of(left, right);
    }

    /// <summary>Sums of one run.</summary>
    private readonly record struct Sums(
        double Differences, double Absolute, double A, double B, double Product, double Largest, double Min, double Max)
    {
        public static Sums Of(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
        {
            Vector<double> differences = default, absolute = default, squaresA = default, squaresB = default, products = default;
            Vector<float> largest = default, min = new(float.PositiveInfinity), max = new(float.NegativeInfinity);
            ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a);
            ReadOnlySpan<Vector<float>> right = MemoryMarshal.Cast<float, Vector<float>>(b);
            for (int i = 0; i < left.Length; i++)
            {
                Vector<float> x = left[i], y = right[i], off = Vector.Abs(x - y);
                largest = Vector.Max(largest, off);
                min = Vector.Min(min, x);
                max = Vector.Max(max, x);
                Vector.Widen(off, out Vector<double> off0, out Vector<double> off1);
                Vector.Widen(x, out Vector<double> x0, out Vector<double> x1);
                Vector.Widen(y, out Vector<double> y0, out Vector<double> y1);
                absolute += off0 + off1;
                differences += off0 * off0 + off1 * off1;
                squaresA += x0 * x0 + x1 * x1;
                squaresB += y0 * y0 + y1 * y1;
                products += x0 * y0 + x1 * y1;
            }

            double most = 0, least = double.PositiveInfinity, highest = double.NegativeInfinity;
            for (int lane = 0; lane < Vector<float>.Count; lane++)
            {
                most = Math.Max(most, largest[lane]);
                least = Math.Min(least, min[lane]);
                highest = Math.Max(highest, max[lane]);
            }

            var sums = new Sums(Vector.Sum(differences), Vector.Sum(absolute), Vector.Sum(squaresA), Vector.Sum(squaresB),
                Vector.Sum(products), most, least, highest);
            for (int i = left.Length * Vector<float>.Count; i < a.Length; i++)
                sums = sums.With(a[i], b[i]);
            return sums;
        }

        private Sums With(float x, float y)
        {
            double off = MathF.Abs(x - y);
            return new Sums(Differences + off * off, Absolute + off, A + (double)x * x, B + (double)y * y,
                Product + (double)x * y, Math.Max(Largest, off), Math.Min(Min, x), Math.Max(Max, x));
        }
    }
}
