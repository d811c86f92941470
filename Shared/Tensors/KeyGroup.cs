namespace CnnOnnx.Tensors;

/// <summary>
/// The values that share a key of <see cref="FloatKeys"/>. Most often they are all the same: zeros, a clip's bound, a step of a
/// quantised tensor. So the first one is only counted, and the others are kept.
/// </summary>
/// <param name="key">Of all of them.</param>
/// <param name="below">How many values have smaller keys.</param>
/// <param name="count">Values with this key.</param>
internal sealed class KeyGroup(int key, int below, int count)
{
    private readonly List<float> _others = [];
    private int _smaller;

    public int Key => key;

    /// <summary>The first value met; NaN before that.</summary>
    public float First { get; private set; } = float.NaN;

    public bool Has(int rank) => below <= rank && rank < below + count;

    public void Meet(float value)
    {
        if (float.IsNaN(First))
            First = value;
        else if (value != First)
            _others.Add(value);
    }

    /// <summary>Must come between meeting all values and asking for ranks.</summary>
    public void Order()
    {
        _others.Sort();
        _smaller = _others.Count(value => value < First);
    }

    public float At(int rank)
    {
        int place = rank - below, same = count - _others.Count;
        return place < _smaller ? _others[place] : place < _smaller + same ? First : _others[place - same];
    }
}
