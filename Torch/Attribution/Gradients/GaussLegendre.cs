namespace CnnOnnx.Torch.Attribution;

/// <summary>Nodes and weights of the quadrature of Gauss and Legendre on 0..1: Captum's default for integrated gradients.</summary>
internal static class GaussLegendre
{
    private const int MostRounds = 100;

    /// <summary>Roots of the Legendre polynomial by Newton's method (Press et al., Numerical Recipes, 4.6).</summary>
    /// <param name="count">Number of nodes, from 1.</param>
    public static IEnumerable<(double Place, double Weight)> Nodes(int count)
    {
        for (int i = 0; i < count; i++)
        {
            double x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5)), slope = 1;
            for (int round = 0; round < MostRounds; round++)
            {
                (double value, slope) = Legendre(count, x);
                double step = value / slope;
                x -= step;
                if (Math.Abs(step) < 1e-15)
                    break;
            }

            yield return ((1 - x) / 2, 1 / ((1 - x * x) * slope * slope));
        }
    }

    private static (double Value, double Slope) Legendre(int degree, double x)
    {
        (double before, double value) = (1, x);
        for (int n = 2; n <= degree; n++)
            (before, value) = (value, ((2 * n - 1) * x * value - (n - 1) * before) / n);
        return degree == 0 ? (1, 0) : (value, degree * (x * value - before) / (x * x - 1));
    }
}
