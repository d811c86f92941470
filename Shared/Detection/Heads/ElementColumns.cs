using System.Collections.Immutable;

namespace CnnOnnx.Detection;

/// <summary>
/// Elements of a tensor that belong to each row of a head: column c of row r is element Start + r·RowStep + c·ColumnStep. So one way
/// of reading serves heads with the row's values side by side, those with a plane for each value, and all in between.
/// </summary>
/// <param name="Tensor">Name of the output.</param>
/// <param name="Start">Element of the first column of the first row.</param>
/// <param name="RowStep">Elements from a row to the next.</param>
/// <param name="ColumnStep">Elements from a column to the next.</param>
/// <param name="Count">Number of columns.</param>
internal readonly record struct ElementColumns(string Tensor, long Start, long RowStep, long ColumnStep, int Count)
{
    /// <summary>Columns of rows whose values stand side by side: [1, rows, width].</summary>
    public static ElementColumns OfRows(string tensor, long width, int first, int count, long firstRow = 0) =>
        new(tensor, firstRow * width + first, width, 1, count);

    /// <summary>Columns that are planes: [1, width, rows].</summary>
    public static ElementColumns OfPlanes(string tensor, long rows, int first, int count) => new(tensor, first * rows, 1, rows, count);

    public long Element(long row, long column) => Start + row * RowStep + column * ColumnStep;

    /// <summary>Elements of all columns of a row.</summary>
    public TensorElements Of(long row)
    {
        ElementColumns columns = this;
        return new TensorElements(Tensor, [.. Enumerable.Range(0, Count).Select(column => columns.Element(row, column))]);
    }

    /// <summary>The element of one column of a row.</summary>
    public TensorElements Of(long row, long column) => new(Tensor, [Element(row, column)]);
}

/// <summary>Elements of a tensor of the model.</summary>
/// <param name="Tensor">Name of the tensor.</param>
/// <param name="Elements">Places in the tensor of one picture, from 0, the last axis fastest.</param>
public sealed record TensorElements(string Tensor, ImmutableArray<long> Elements)
{
    /// <summary>Compares the places, too.</summary>
    /// <param name="other">Other elements.</param>
    public bool Equals(TensorElements? other) =>
        other is not null && Tensor == other.Tensor && Elements.AsSpan().SequenceEqual(other.Elements.AsSpan());

    /// <summary>Hashes name and number of the elements.</summary>
    public override int GetHashCode() => HashCode.Combine(Tensor, Elements.Length);

    /// <summary>One line, such as "output0[4, 5]".</summary>
    public override string ToString() => $"{Tensor}[{string.Join(", ", Elements)}]";
}
