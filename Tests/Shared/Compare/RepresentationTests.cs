using CnnOnnx.Compare;

namespace CnnOnnx.Tests.Compare;

[TestClass]
public sealed class RepresentationTests
{
    [TestMethod]
    public void Largest_SmallMatrices_IsWhatTryingAllFinds()
    {
        var random = new Random(5);
        for (int n = 1; n <= 6; n++)
            for (int round = 0; round < 20; round++)
            {
                double[,] values = new double[n, n];
                for (int i = 0; i < n; i++)
                    for (int j = 0; j < n; j++)
                        values[i, j] = random.Next(3) == 0 ? random.Next(3) : random.NextDouble() - 0.5;
                int[] columns = Assignment.Largest(values);
                CollectionAssert.AreEquivalent(Enumerable.Range(0, n).ToArray(), columns, "each column once");
                Assert.AreEqual(BestOf(values, 0, []), columns.Select((column, row) => values[row, column]).Sum(), 1e-12);
            }
    }

    [TestMethod]
    public void Alignment_RotatedAndScaled_IsOne()
    {
        var random = new Random(6);
        float[][] samples = Samples(random, 12, 3);
        // A turn about the third axis, three times as large.
        float[][] turned = [.. samples.Select(s => new[] { 3 * (0.6f * s[0] - 0.8f * s[1]), 3 * (0.8f * s[0] + 0.6f * s[1]), 3 * s[2] })];
        // Inner products are of float32: some 1e-7 of their size.
        Assert.AreEqual(1, Cka(samples, turned), 1e-5);
        Assert.AreEqual(1, Cka(samples, samples), 1e-12);
    }

    [TestMethod]
    public void Alignment_Unrelated_IsZeroOnAverage()
    {
        var random = new Random(7);
        double[] found = [.. Enumerable.Range(0, 200).Select(_ => Cka(Samples(random, 20, 4), Samples(random, 20, 4)))];
        // Without bias the mean is 0; its own error is below 0.02 here (deviation of one about 0.15).
        Assert.AreEqual(0, found.Average(), 0.05);
    }

    [TestMethod]
    public void Hsic_IsTheSumOverQuadruples()
    {
        // Song et al. 2012: the mean over all ordered i, j, q, r that differ of k_ij (l_ij + l_qr − 2 l_iq).
        var random = new Random(8);
        const int N = 6;
        double[] k = LinearCka.Gram(Samples(random, N, 2)), l = LinearCka.Gram(Samples(random, N, 3));
        double sum = 0, count = 0;
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                for (int q = 0; q < N; q++)
                    for (int r = 0; r < N; r++)
                        if (i != j && i != q && i != r && j != q && j != r && q != r)
                        {
                            sum += k[i * N + j] * (l[i * N + j] + l[q * N + r] - 2 * l[i * N + q]);
                            count++;
                        }

        Assert.AreEqual(sum / count, LinearCka.Hsic(k, l, N), 1e-12);
    }

    [TestMethod]
    public void Match_PermutedChannels_FindsThePermutation()
    {
        var random = new Random(9);
        int[] permutation = [3, 0, 4, 1, 2];
        var correlation = new ChannelCorrelation(5);
        for (int picture = 0; picture < 10; picture++)
        {
            float[] a = [.. Enumerable.Range(0, 5 * 9).Select(_ => random.NextSingle())], b = new float[a.Length];
            for (int channel = 0; channel < 5; channel++)
                for (int place = 0; place < 9; place++)
                    b[permutation[channel] * 9 + place] = 2 * a[channel * 9 + place] + 1;
            correlation.Add(a, b);
        }

        (int[] partners, double[] correlations) = correlation.Match();
        CollectionAssert.AreEqual(permutation, partners);
        foreach (double one in correlations)
            Assert.AreEqual(1, one, 1e-5);
    }

    [TestMethod]
    public void Interval_EightOfTen_IsWilsons()
    {
        // (0.8 + 3.8415/20 ± 1.96 √(0.016 + 3.8415/400)) / 1.38415, worked by hand.
        (double low, double high) = new Agreement(8, [new(0, "", 1, 2, "1", "2"), new(1, "", 1, 2, "1", "2")]).Interval;
        Assert.AreEqual(0.4902, low, 1e-4);
        Assert.AreEqual(0.9433, high, 1e-4);
    }

    private static float[][] Samples(Random random, int count, int features) => [.. Enumerable.Range(0, count)
        .Select(_ => Enumerable.Range(0, features).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1)).ToArray())];

    private static double Cka(float[][] a, float[][] b)
    {
        double[] k = LinearCka.Gram(a), l = LinearCka.Gram(b);
        return LinearCka.Of(LinearCka.Hsic(k, l, a.Length), LinearCka.Hsic(k, k, a.Length), LinearCka.Hsic(l, l, a.Length));
    }

    private static double BestOf(double[,] values, int row, HashSet<int> used)
    {
        int n = values.GetLength(0);
        if (row == n)
            return 0;
        double best = double.NegativeInfinity;
        for (int j = 0; j < n; j++)
            if (used.Add(j))
            {
                best = Math.Max(best, values[row, j] + BestOf(values, row + 1, used));
                used.Remove(j);
            }

        return best;
    }
}
