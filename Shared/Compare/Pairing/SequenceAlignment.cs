namespace CnnOnnx.Compare;

/// <summary>Aligns two sequences so that the sum of scores is largest. Needleman and Wunsch 1970.</summary>
internal static class SequenceAlignment
{
    private const int MostCells = 1 << 24;

    /// <summary>Aligns 0 … a−1 with 0 … b−1; what has no partner costs nothing.</summary>
    /// <param name="a">Length of the first sequence.</param>
    /// <param name="b">Length of the second sequence.</param>
    /// <param name="score">Score of a pair; pairs with 0 or less are not made.</param>
    /// <returns>Pairs in order; none where the table would take more than 16 million cells.</returns>
    public static IReadOnlyList<(int A, int B)> Align(int a, int b, Func<int, int, double> score)
    {
        if (a == 0 || b == 0 || (long)(a + 1) * (b + 1) > MostCells)
            return [];
        double[,] best = new double[a + 1, b + 1];
        double[,] scores = new double[a, b];
        for (int i = a - 1; i >= 0; i--)
            for (int j = b - 1; j >= 0; j--)
            {
                scores[i, j] = score(i, j);
                double pair = scores[i, j] > 0 ? scores[i, j] + best[i + 1, j + 1] : 0;
                best[i, j] = Math.Max(pair, Math.Max(best[i + 1, j], best[i, j + 1]));
            }

        var pairs = new List<(int, int)>();
        for (int i = 0, j = 0; i < a && j < b;)
            if (scores[i, j] > 0 && best[i, j] == scores[i, j] + best[i + 1, j + 1])
                pairs.Add((i++, j++));
            else if (best[i + 1, j] >= best[i, j + 1])
                i++;
            else
                j++;
        return pairs;
    }
}
