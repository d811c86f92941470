namespace CnnOnnx.Inference;

/// <summary>Finds the numbers x of rows · x ≈ targets with the smallest sum of squares, for a few unknowns.</summary>
/// <param name="Values">The unknowns.</param>
/// <param name="Errors">Standard error of each.</param>
/// <param name="Residual">Length of what is left of the targets, as a share of their own.</param>
internal sealed record LinearFit(double[] Values, double[] Errors, double Residual)
{
    /// <summary>Null where the rows do not tell the unknowns apart.</summary>
    /// <param name="rows">A row of factors for each target.</param>
    /// <param name="targets">One number a row.</param>
    public static LinearFit? Of(IReadOnlyList<double[]> rows, IReadOnlyList<double> targets)
    {
        int unknowns = rows.Count == 0 ? 0 : rows[0].Length;
        if (unknowns == 0 || rows.Count <= unknowns)
            return null;
        double[,] normal = new double[unknowns, unknowns];
        double[] right = new double[unknowns];
        for (int row = 0; row < rows.Count; row++)
            for (int i = 0; i < unknowns; i++)
            {
                right[i] += rows[row][i] * targets[row];
                for (int j = 0; j < unknowns; j++)
                    normal[i, j] += rows[row][i] * rows[row][j];
            }

        if (Inverse(normal) is not { } inverse)
            return null;
        double[] values = [.. Enumerable.Range(0, unknowns).Select(i => Enumerable.Range(0, unknowns).Sum(j => inverse[i, j] * right[j]))];
        double left = rows.Zip(targets, (row, target) => Square(target - row.Zip(values, (a, b) => a * b).Sum())).Sum();
        double whole = targets.Sum(Square);
        double variance = left / (rows.Count - unknowns);
        return new LinearFit(values, [.. Enumerable.Range(0, unknowns).Select(i => Math.Sqrt(Math.Max(0, variance * inverse[i, i])))],
            whole == 0 ? 1 : Math.Sqrt(left / whole));
    }

    // Gauss and Jordan, with the largest pivot of a column.
    private static double[,]? Inverse(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        double[,] work = (double[,])matrix.Clone();
        double[,] inverse = new double[n, n];
        for (int i = 0; i < n; i++)
            inverse[i, i] = 1;
        for (int column = 0; column < n; column++)
        {
            int pivot = Enumerable.Range(column, n - column).MaxBy(row => Math.Abs(work[row, column]));
            // Against the diagonal as it was: what is left of a column that follows from the others is rounding.
            if (Math.Abs(work[pivot, column]) <= 1e-12 * matrix[column, column])
                return null;
            for (int j = 0; j < n; j++)
            {
                (work[column, j], work[pivot, j]) = (work[pivot, j], work[column, j]);
                (inverse[column, j], inverse[pivot, j]) = (inverse[pivot, j], inverse[column, j]);
            }

            double divisor = work[column, column];
            for (int j = 0; j < n; j++)
            {
                work[column, j] /= divisor;
                inverse[column, j] /= divisor;
            }

            for (int row = 0; row < n; row++)
            {
                double factor = work[row, column];
                if (row == column || factor == 0)
                    continue;
                for (int j = 0; j < n; j++)
                {
                    work[row, j] -= factor * work[column, j];
                    inverse[row, j] -= factor * inverse[column, j];
                }
            }
        }

        return inverse;
    }

    private static double Square(double value) => value * value;
}
