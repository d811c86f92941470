using System.Runtime.InteropServices;

namespace CnnOnnx.Statistics;

/// <summary>
/// The values from one number to another, of which it is known how many there are. Most often they are all the same: zeros, a
/// clip's bound, a step of a quantised tensor. So the first one is only counted, and the others are kept.
/// </summary>
/// <param name="from">The smallest float of the group.</param>
/// <param name="to">The smallest float after it.</param>
/// <param name="below">How many values are smaller than all of these.</param>
/// <param name="count">Values in the group.</param>
internal sealed class ValueGroup(float from, float to, int below, int count)
{
    private readonly List<float> _others = [];
    private int? _smaller;

    public float From => from;

    public float To => to;

    /// <summary>0 where it belongs to the group: there may be many. Else the first value met; NaN before that.</summary>
    public float First { get; private set; } = from <= 0 && to > 0 ? 0 : float.NaN;

    public bool Has(int rank) => below <= rank && rank < below + count;

    public bool Has(float value) => value >= from && value < to;

    public void Meet(float value)
    {
        if (float.IsNaN(First))
            First = value;
        else if (value != First)
            _others.Add(value);
    }

    /// <summary>The value with a rank, once all values were met.</summary>
    public float At(int rank)
    {
        int place = rank - below, same = count - _others.Count;
        Span<float> others = CollectionsMarshal.AsSpan(_others);
        int smaller = _smaller ??= _others.Count(other => other < First);
        return place < smaller ? Percentiles.Select(others, place)
            : place < smaller + same ? First
            : Percentiles.Select(others, place - same);
    }
}
