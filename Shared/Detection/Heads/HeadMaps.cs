using System.Buffers;
using CnnOnnx.Inference;

namespace CnnOnnx.Detection;

/// <summary>The maps of a head: levels whose cells lie on the same grid are one.</summary>
internal static class HeadMaps
{
    /// <summary>The cell of a row; null where the level's rows are no cells of a map.</summary>
    public static HeadCell? CellOf(IReadOnlyList<HeadLevel> levels, int level, int row)
    {
        List<(int Columns, int Rows)> grids = Grids(levels);
        foreach (HeadCells cells in levels[level].Cells)
            if (cells.At(row) is var (column, at, anchor))
                return new HeadCell(grids.IndexOf((cells.Columns, cells.Rows)), cells.Columns, cells.Rows, column, at,
                    anchor + AnchorsBefore(levels, level, cells));
        return null;
    }

    /// <summary>Reads the maps of one picture; none where the rows are no cells.</summary>
    /// <param name="levels">Levels of the head.</param>
    /// <param name="seen">A run on one picture, with the head's tensors.</param>
    public static List<ScoreMap> Read(IReadOnlyList<HeadLevel> levels, Activations seen)
    {
        List<(int Columns, int Rows)> grids = Grids(levels);
        float[][] scores = [.. grids.Select(grid => new float[grid.Columns * grid.Rows])];
        bool isObjectness = true;
        foreach (HeadLevel level in levels)
        {
            if (level.Cells.IsEmpty)
                continue;
            isObjectness &= level.Objectness is not null;
            float[] rows = ScoresOf(level, seen);
            foreach (HeadCells cells in level.Cells)
            {
                float[] map = scores[grids.IndexOf((cells.Columns, cells.Rows))];
                for (int row = 0; row < rows.Length; row++)
                    if (cells.At(row) is var (column, at, _))
                        map[(at * cells.Columns) + column] = Math.Max(map[(at * cells.Columns) + column], rows[row]);
            }
        }

        return [.. grids.Select((grid, i) => new ScoreMap(i, grid.Columns, grid.Rows, [.. scores[i]], isObjectness))];
    }

    private static List<(int Columns, int Rows)> Grids(IReadOnlyList<HeadLevel> levels) =>
        [.. levels.SelectMany(level => level.Cells).Select(cells => (cells.Columns, cells.Rows)).Distinct()];

    // A head with a level for each anchor numbers them on.
    private static int AnchorsBefore(IReadOnlyList<HeadLevel> levels, int level, HeadCells own) => levels.Take(level)
        .SelectMany(l => l.Cells).Where(c => (c.Columns, c.Rows) == (own.Columns, own.Rows)).Sum(c => c.Anchors);

    private static float[] ScoresOf(HeadLevel level, Activations seen)
    {
        float[] scores = new float[level.Rows];
        if (level.Objectness is { } objectness)
        {
            ReadOnlySpan<float> values = seen[objectness.Tensor].Values;
            for (int row = 0; row < scores.Length; row++)
                scores[row] = (float)HeadDecoder.Activate(level.ObjectnessActivation, values[(int)objectness.Element(row, 0)]);
            return scores;
        }

        ReadOnlySpan<float> classes = seen[level.Classes.Tensor].Values;
        double[] shares = ArrayPool<double>.Shared.Rent(level.Classes.Count + level.Background);
        for (int row = 0; row < scores.Length; row++)
        {
            double best = 0;
            foreach (double share in HeadDecoder.Shares(level, classes, row, shares))
                best = Math.Max(best, share);
            scores[row] = (float)best;
        }

        ArrayPool<double>.Shared.Return(shares);
        return scores;
    }
}
