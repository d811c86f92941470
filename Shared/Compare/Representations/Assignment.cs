namespace CnnOnnx.Compare;

/// <summary>
/// Gives each row a column of its own so that the sum of values is largest. Kuhn 1955, in Jonker and Volgenant's form, O(n³).
/// </summary>
internal static class Assignment
{
    /// <summary>Solves the problem.</summary>
    /// <param name="values">Square matrix.</param>
    /// <returns>The column of each row.</returns>
    public static int[] Largest(double[,] values)
    {
        int n = values.GetLength(0);
        if (n != values.GetLength(1))
            throw new ArgumentException($"An assignment takes a square matrix, got {n} × {values.GetLength(1)}.", nameof(values));
        // Prices of rows and columns; rowOf has the row of each column. Index 0 stands for none.
        double[] rowPrice = new double[n + 1], columnPrice = new double[n + 1];
        int[] rowOf = new int[n + 1], before = new int[n + 1];
        for (int row = 1; row <= n; row++)
        {
            rowOf[0] = row;
            int column = 0;
            double[] least = new double[n + 1];
            Array.Fill(least, double.PositiveInfinity);
            bool[] isUsed = new bool[n + 1];
            do
            {
                isUsed[column] = true;
                int from = rowOf[column], next = 0;
                double step = double.PositiveInfinity;
                for (int j = 1; j <= n; j++)
                {
                    if (isUsed[j])
                        continue;
                    double cost = -values[from - 1, j - 1] - rowPrice[from] - columnPrice[j];
                    if (cost < least[j])
                        (least[j], before[j]) = (cost, column);
                    if (least[j] < step)
                        (step, next) = (least[j], j);
                }

                for (int j = 0; j <= n; j++)
                    if (isUsed[j])
                    {
                        rowPrice[rowOf[j]] += step;
                        columnPrice[j] -= step;
                    }
                    else
                    {
                        least[j] -= step;
                    }

                column = next;
            }
            while (rowOf[column] != 0);
            for (; column != 0; column = before[column])
                rowOf[column] = rowOf[before[column]];
        }

        int[] columns = new int[n];
        for (int j = 1; j <= n; j++)
            columns[rowOf[j] - 1] = j - 1;
        return columns;
    }
}
