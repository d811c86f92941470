using System.Numerics.Tensors;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>Figures of one pair while inputs come in.</summary>
internal sealed class PairState(TensorPair pair, bool isInput, CompareOptions options, bool isQuantized, float? step)
{
    private readonly PairMeter _cumulative = new(), _local = new();
    private PairTolerance _tolerance;
    private TensorShape _shape;
    private (ElementType A, ElementType B) _types;
    private int _localRuns;

    public TensorPair Pair => pair;

    /// <summary>True for an input of the graphs, which no layer makes.</summary>
    public bool IsInput => isInput;

    public int Runs { get; private set; }

    public double? Effect { get; set; }

    /// <summary>Relative error that the layer adds, so far.</summary>
    public double LocalError => _local.Result().RelativeError;

    /// <summary>Relative error between the two whole runs, so far.</summary>
    public double TotalError => _cumulative.Result().RelativeError;

    public bool IsOutside => Runs > 0 && !_cumulative.Result().IsWithin(_tolerance);

    /// <summary>Difference that an element may have.</summary>
    public double AllowedOf(ReadOnlySpan<float> values) => _tolerance.Allowed(Math.Abs(TensorPrimitives.MaxMagnitude(values)));

    public bool IsIntroduced => _localRuns > 0 && !_local.Result().IsWithin(_tolerance);

    public void Add(SideTensor a, SideTensor b, PairedValues values)
    {
        if (Runs == 0)
        {
            (_shape, _types) = (a.Shape, (a.ElementType, b.ElementType));
            _tolerance = options.For(pair, a.ElementType, b.ElementType, isQuantized);
        }

        if (!values.TryRead(a, b, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y))
            return;
        _cumulative.Add(x, y, _tolerance);
        Runs++;
    }

    public void AddLocal(SideTensor a, SideTensor local, PairedValues values)
    {
        if (!values.TryRead(a, local, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y))
            return;
        _local.Add(x, y, _tolerance);
        _localRuns++;
    }

    public PairComparison Result(PairMaps? maps = null)
    {
        PairMetrics cumulative = _cumulative.Result();
        PairMetrics? local = _localRuns == 0 ? null : _local.Result();
        return new PairComparison
        {
            Pair = pair,
            Shape = _shape,
            Types = _types,
            Cumulative = cumulative,
            Local = local,
            Tolerance = _tolerance,
            Effect = Effect,
            Step = step,
            Maps = maps,
            Finding = local is not null && !local.IsWithin(_tolerance) ? PairFinding.Introduced
                : cumulative.IsWithin(_tolerance) ? PairFinding.Equal
                : local is null ? PairFinding.Different
                : PairFinding.CarriedOn,
        };
    }
}
