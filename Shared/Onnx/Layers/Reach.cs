namespace CnnOnnx.Onnx;

/// <summary>
/// Along one axis of a map: the first and the last row (or column) of the picture that each place is computed from. Between them a dilated
/// window may leave some out. A place that is computed of padding alone has a last one before its first.
/// </summary>
/// <param name="First">The first row of the picture for each place, from 0.</param>
/// <param name="Last">The last row of the picture for each place.</param>
/// <param name="Picture">Rows of the picture.</param>
internal sealed record Reach(int[] First, int[] Last, int Picture)
{
    private const int None = int.MaxValue;

    /// <summary>Number of places.</summary>
    public int Count => First.Length;

    /// <summary>True when each place is computed from all of the picture.</summary>
    public bool IsWhole => First.All(first => first == 0) && Last.All(last => last == Picture - 1);

    /// <summary>The picture itself: each place is computed from itself.</summary>
    public static Reach OfPicture(int size) => new([.. Enumerable.Range(0, size)], [.. Enumerable.Range(0, size)], size);

    /// <summary>The reach of places that are computed from these.</summary>
    /// <param name="count">Number of the new places.</param>
    /// <param name="read">Gives the places that a new one reads; those outside are padding.</param>
    public Reach Read(int count, Func<int, IEnumerable<int>> read)
    {
        (int[] first, int[] last) = (new int[count], new int[count]);
        for (int i = 0; i < count; i++)
        {
            (first[i], last[i]) = (None, -1);
            foreach (int place in read(i))
                if (place >= 0 && place < Count)
                    (first[i], last[i]) = (Math.Min(first[i], First[place]), Math.Max(last[i], Last[place]));
        }

        return new Reach(first, last, Picture);
    }

    /// <summary>
    /// The union with what is combined place by place; a single place is combined with each. Null where the sizes differ.
    /// </summary>
    public Reach? With(Reach other)
    {
        int count = Count == 1 ? other.Count : Count;
        if (other.Count != count && other.Count != 1)
            return null;
        Reach Spread(Reach reach) => reach.Count == count ? reach : reach.Read(count, _ => [0]);
        (Reach a, Reach b) = (Spread(this), Spread(other));
        return new Reach([.. a.First.Zip(b.First, Math.Min)], [.. a.Last.Zip(b.Last, Math.Max)], Picture);
    }

    /// <summary>The reach of places that are computed from all of these, such as a mean.</summary>
    /// <param name="count">Number of the new places.</param>
    public Reach Mix(int count)
    {
        Reach one = Read(1, _ => Enumerable.Range(0, Count));
        return one.Read(count, _ => [0]);
    }
}

/// <summary>What the places of a stack of maps are computed from.</summary>
/// <param name="Rank">Number of the tensor's axes.</param>
/// <param name="RowAxis">Axis of the rows, from 0.</param>
/// <param name="ColumnAxis">Axis of the columns, from 0.</param>
/// <param name="Rows">Rows of the picture.</param>
/// <param name="Columns">Columns of the picture.</param>
internal sealed record MapReach(int Rank, int RowAxis, int ColumnAxis, Reach Rows, Reach Columns)
{
    /// <summary>Maps of which each place is computed from the whole picture, whatever their sizes.</summary>
    public static MapReach Everything { get; } = new(0, -1, -1, Reach.OfPicture(1), Reach.OfPicture(1));

    /// <summary>True when each place is computed from the whole picture.</summary>
    public bool IsWhole => ReferenceEquals(this, Everything) || (Rows.IsWhole && Columns.IsWhole);

    /// <summary>Changes both axes; null where one cannot be told.</summary>
    /// <param name="change">Given the reach along an axis, and the axis.</param>
    public MapReach? Along(Func<Reach, int, Reach?> change) =>
        change(Rows, RowAxis) is { } rows && change(Columns, ColumnAxis) is { } columns
            ? this with { Rows = rows, Columns = columns } : null;

    /// <summary>
    /// The union with maps that are combined with these place by place, as broadcasting does. Null where axes do not fit.
    /// </summary>
    public MapReach? With(MapReach other)
    {
        if (IsWhole || other.IsWhole)
            return Everything;
        int rank = Math.Max(Rank, other.Rank), row = rank - Rank + RowAxis, column = rank - Rank + ColumnAxis;
        return rank - other.Rank + other.RowAxis == row && rank - other.Rank + other.ColumnAxis == column
            && Rows.With(other.Rows) is { } rows && Columns.With(other.Columns) is { } columns
            ? new MapReach(rank, row, column, rows, columns) : null;
    }

    /// <summary>Each place mixed with all others along some axes, as a normalisation does.</summary>
    public MapReach Mixed(Func<int, bool> axes) => this with
    {
        Rows = axes(RowAxis) ? Rows.Mix(Rows.Count) : Rows,
        Columns = axes(ColumnAxis) ? Columns.Mix(Columns.Count) : Columns,
    };
}
