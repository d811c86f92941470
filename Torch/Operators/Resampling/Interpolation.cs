using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// What Resize does along an axis: every resized element is a weighted sum of elements before. The weights are those of a
/// filter around the element's place: one element (nearest), a triangle (linear), a cubic convolution; with antialias the
/// filter is stretched when the axis shrinks.
/// </summary>
internal sealed class Interpolation
{
    private readonly Func<float, AxisResize, float> _coordinate;
    private readonly Func<float, AxisResize, float>? _nearest;
    private readonly bool _isCubic, _antialias, _excludeOutside;
    private readonly double _a;
    private readonly float _extrapolation;

    private Interpolation(OnnxNode node)
    {
        bool isOld = node.OpType == "Upsample" || node.Opset < 11;
        string mode = node.OneOf("mode", "nearest", "linear", "cubic");
        string coordinates = isOld ? "asymmetric" : node.OneOf("coordinate_transformation_mode", [.. Coordinates.Transformations.Keys]);
        _coordinate = Coordinates.Transformations[coordinates];
        if (mode == "nearest")
            _nearest = isOld ? Coordinates.NearestBefore11 : Coordinates.Nearest[node.OneOf("nearest_mode", [.. Coordinates.Nearest.Keys])];
        _isCubic = mode == "cubic";
        _antialias = node.Flag("antialias", false);
        _excludeOutside = node.Flag("exclude_outside", false);
        _a = node.Float("cubic_coeff_a", -0.75f);
        _extrapolation = node.Float("extrapolation_value", 0);
        Crops = coordinates == "tf_crop_and_resize";
    }

    /// <summary>A region of the tensor is resized; beyond the tensor stands one value.</summary>
    public bool Crops { get; }

    public static Interpolation Of(OnnxNode node) => new(node);

    public Tensor Apply(Tensor data, IReadOnlyList<AxisResize> plan)
    {
        // Sums of bytes and halves are made in float32; of integers the fraction is cut off.
        if (Repeats(data, plan) is var times && times != (1, 1))
            return nn.functional.interpolate(data, [data.size(2) * times.Rows, data.size(3) * times.Columns]);
        bool inFloat = _nearest is null && data.dtype is not (ScalarType.Float32 or ScalarType.Float64);
        Tensor result = inFloat ? data.to(ScalarType.Float32) : data.Again();
        // The last axis first: its elements lie together, and are fewest before the other axes have grown.
        foreach (AxisResize axis in plan.OrderByDescending(p => p.Axis))
        {
            // An axis that keeps its size keeps its elements, unless a part of it is cropped.
            if (axis.Resized != axis.Size || (axis.Scale != 1 && !Crops) || (Crops && (axis.From != 0 || axis.To != 1)))
                result = Along(result, axis);
        }

        return inFloat ? result.to(data.dtype) : result;
    }

    // Maps of which each row and column comes so many times, as detectors and decoders enlarge them: one pass for both axes, both ways.
    // torch multiplies places by 1 / times, which is exact for powers of two.
    private (int Rows, int Columns) Repeats(Tensor data, IReadOnlyList<AxisResize> plan)
    {
        if (_nearest is null || Crops || data.Dimensions != 4 || data.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            return (1, 1);
        int[] times = [1, 1, 1, 1];
        foreach (AxisResize axis in plan.Where(axis => axis.Size > 0))
        {
            times[axis.Axis] = (int)(axis.Resized / axis.Size);
            if (!int.IsPow2(times[axis.Axis]) || times[axis.Axis] * axis.Size != axis.Resized || Enumerable.Range(0, (int)axis.Resized)
                .Any(i => Inside(_nearest(_coordinate(i, axis), axis), axis) != i / times[axis.Axis]))
                return (1, 1);
        }

        return (times[0], times[1]) == (1, 1) ? (times[2], times[3]) : (1, 1);
    }

    private Tensor Along(Tensor data, AxisResize axis)
    {
        float[] places = [.. Enumerable.Range(0, (int)axis.Resized).Select(i => _coordinate(i, axis))];
        Tensor result = _nearest is null
            ? Weighted(data, axis, [.. places.Select(place => Taps(place, axis))])
            : data.index_select(axis.Axis, Index(places.Select(place => Inside(_nearest(place, axis), axis)), data));
        if (!Crops || !places.Any(IsOutside))
            return result;
        Tensor outside = tensor(places.Select(IsOutside).ToArray(), ScalarType.Bool, data.device).reshape(Broadcast(data, axis));
        return where(outside, tensor(_extrapolation, data.dtype, data.device), result);

        bool IsOutside(float place) => place < 0 || place > axis.Size - 1;
    }

    // A term for the first tap of every place, one for the second …; a place with fewer taps takes part with weight 0.
    private static Tensor Weighted(Tensor data, AxisResize axis, List<(long Element, double Weight)>[] taps)
    {
        Tensor? sum = null;
        int most = taps.Max(t => t.Count);
        for (int k = 0; k < most; k++)
        {
            (long Element, double Weight)[] tap = [.. taps.Select(t => k < t.Count ? t[k] : default)];
            Tensor weights = tensor(tap.Select(t => t.Weight).ToArray(), data.dtype, data.device).reshape(Broadcast(data, axis));
            Tensor term = data.index_select(axis.Axis, Index(tap.Select(t => t.Element), data)) * weights;
            sum = sum is null ? term : sum + term;
        }

        return sum ?? data.index_select(axis.Axis, Index(taps.Select(_ => 0L), data)) * 0;
    }

    /// <summary>
    /// Finds the elements and weights that make the value at a place. Elements beyond the ends are the end ones, or left out
    /// and made up for.
    /// </summary>
    private List<(long Element, double Weight)> Taps(float place, AxisResize axis)
    {
        double stretch = _antialias && axis.Scale < 1 ? 1.0 / axis.Scale : 1, reach = (_isCubic ? 2 : 1) * stretch;
        var taps = new List<(long Element, double Weight)>();
        double total = 0;
        for (long at = (long)Math.Floor(place - reach) + 1; at < place + reach; at++)
        {
            double weight = Filter(Math.Abs(at - (double)place) / stretch);
            if (weight == 0 || (_excludeOutside && (at < 0 || at >= axis.Size)))
                continue;
            total += weight;
            long inside = Inside(at, axis);
            if (taps.Count > 0 && taps[^1].Element == inside)
                taps[^1] = (inside, taps[^1].Weight + weight);
            else
                taps.Add((inside, weight));
        }

        return total == 0 ? taps : [.. taps.Select(t => (t.Element, t.Weight / total))];
    }

    // Keys 1981, "Cubic convolution interpolation for digital image processing".
    private double Filter(double x) => x switch
    {
        _ when !_isCubic => Math.Max(0, 1 - x),
        < 1 => ((_a + 2) * x - (_a + 3)) * x * x + 1,
        < 2 => ((_a * x - 5 * _a) * x + 8 * _a) * x - 4 * _a,
        _ => 0,
    };

    private static long Inside(double at, AxisResize axis) => (long)Math.Clamp(at, 0, axis.Size - 1);

    private static Tensor Index(IEnumerable<long> index, Tensor data) => tensor(index.ToArray(), ScalarType.Int64, data.device);

    private static long[] Broadcast(Tensor data, AxisResize axis) =>
        [.. Enumerable.Range(0, (int)data.Dimensions).Select(i => i == axis.Axis ? -1L : 1L)];
}
