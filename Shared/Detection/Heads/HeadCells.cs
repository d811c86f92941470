using System.Collections.Immutable;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>Rows of a level that are the cells of one map over the input, each with a box for every anchor.</summary>
/// <param name="FirstRow">Row of the first cell.</param>
/// <param name="Columns">Cells in a row of the map.</param>
/// <param name="Rows">Rows of the map.</param>
/// <param name="Anchors">Boxes of a cell.</param>
/// <param name="AnchorsInside">The boxes of a cell stand together; when false, all cells of an anchor do.</param>
internal readonly record struct HeadCells(int FirstRow, int Columns, int Rows, int Anchors = 1, bool AnchorsInside = false)
{
    private int Count => Columns * Rows * Anchors;

    /// <summary>The cells of one map: all rows of a level.</summary>
    public static ImmutableArray<HeadCells> Of(long columns, long rows) => [new(0, (int)columns, (int)rows)];

    /// <summary>The cells of a stride: all rows of a level.</summary>
    public static ImmutableArray<HeadCells> OfStride(int stride, Size input) =>
        Of(HeadGrid.Cells(stride, input.Width), HeadGrid.Cells(stride, input.Height));

    /// <summary>Maps of several strides one behind the other; empty where so many rows are none of these.</summary>
    /// <param name="choices">Strides that may be meant.</param>
    /// <param name="input">Width and height of the network's input.</param>
    /// <param name="anchors">Boxes of a cell; the cells of an anchor stand together.</param>
    /// <param name="rows">Number of rows of all maps.</param>
    public static ImmutableArray<HeadCells> OfStrides(int[][] choices, Size input, int anchors, long rows) =>
        Array.Find(choices, strides => (long)HeadGrid.Cells(strides, input) * anchors == rows) is { } found
            ? Behind(found.Select(stride =>
                new HeadCells(0, HeadGrid.Cells(stride, input.Width), HeadGrid.Cells(stride, input.Height), anchors)))
            : [];

    /// <summary>Maps one behind the other.</summary>
    public static ImmutableArray<HeadCells> Behind(IEnumerable<HeadCells> maps)
    {
        int first = 0;
        var placed = ImmutableArray.CreateBuilder<HeadCells>();
        foreach (HeadCells map in maps)
        {
            placed.Add(map with { FirstRow = first });
            first += map.Count;
        }

        return placed.ToImmutable();
    }

    /// <summary>Cell and anchor of a row; null for a row of another map.</summary>
    public (int Column, int Row, int Anchor)? At(int row)
    {
        int place = row - FirstRow;
        if (place < 0 || place >= Count)
            return null;
        (int cell, int anchor) = AnchorsInside ? (place / Anchors, place % Anchors)
            : (place % (Columns * Rows), place / (Columns * Rows));
        return (cell % Columns, cell / Columns, anchor);
    }
}

/// <summary>The cell of a head that made a box.</summary>
/// <param name="Level">Number of the map, from 0, in the order of the head.</param>
/// <param name="Columns">Cells in a row of the map.</param>
/// <param name="Rows">Rows of the map.</param>
/// <param name="Column">Column of the cell, from 0.</param>
/// <param name="Row">Row of the cell, from 0.</param>
/// <param name="Anchor">Number of the cell's box, from 0.</param>
public sealed record HeadCell(int Level, int Columns, int Rows, int Column, int Row, int Anchor);

/// <summary>A map of a head over the network's input: how sure it is of each cell.</summary>
/// <param name="Level">Number of the map, from 0, in the order of the head.</param>
/// <param name="Columns">Cells in a row.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Scores">0 to 1 for each cell, row by row: that of its best box.</param>
/// <param name="IsObjectness">True where the head says whether anything is there; false where its best class's score is taken.</param>
public sealed record ScoreMap(int Level, int Columns, int Rows, ImmutableArray<float> Scores, bool IsObjectness);
