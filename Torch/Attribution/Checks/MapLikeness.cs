using System.Globalization;

namespace CnnOnnx.Torch.Attribution;

/// <summary>How much two maps of one method and layer are alike, as they are drawn.</summary>
/// <param name="Correlation">Pearson's r of the two; NaN where one is the same everywhere.</param>
/// <param name="PeakDistance">Pixels of the input between the two peaks.</param>
/// <param name="IsVanished">The second is the same everywhere, and the first is not.</param>
internal sealed record MapLikeness(double Correlation, double PeakDistance, bool IsVanished)
{
    // Seen in the maps of real networks: above, nobody tells the two apart; below, with peaks in other places, anybody does.
    private const double Same = 0.85, Other = 0.70;
    private const double ApartShare = 1.0 / 7;

    // Places of pixel methods over which a peak is looked for: their own peaks are single pixels.
    private const int PeakWindow = 5;

    /// <summary>Compares two maps.</summary>
    /// <param name="first">A map.</param>
    /// <param name="second">A map of the same size.</param>
    /// <param name="input">Longer side of the input in pixels.</param>
    public static MapLikeness Of(AttributionMap first, AttributionMap second, int input)
    {
        AttributionSign sign = AttributionOverlay.SignOf(first);
        MapPlane one = AttributionOverlay.PlaneOf(first, sign), two = AttributionOverlay.PlaneOf(second, sign);
        bool isOfPixels = AttributionOverlay.IsOfPixels(first);
        (int row, int column) = Peak(one, isOfPixels);
        (int otherRow, int otherColumn) = Peak(two, isOfPixels);
        double cell = (double)input / Math.Max(one.Width, one.Height);
        return new MapLikeness(one.Correlation(two), cell * Math.Sqrt(Math.Pow(row - otherRow, 2) + Math.Pow(column - otherColumn, 2)),
            two.Min >= two.Max && one.Min < one.Max);
    }

    /// <summary>Says whether a map depends on the class, when the other is that of another class.</summary>
    /// <param name="input">Longer side of the input in pixels.</param>
    /// <param name="other">Name of the other class.</param>
    public TrustCheck AsClassCheck(int input, string other)
    {
        bool apart = PeakDistance >= input * ApartShare;
        return IsVanished ? new TrustCheck("depends on the class", TrustOutcome.Holds,
                $"nothing of it for '{other}': that map is the same everywhere", 0)
            : double.IsNaN(Correlation)
            ? new TrustCheck("depends on the class", TrustOutcome.LeftOut, $"no correlation with '{other}': a map is the same everywhere")
            : Correlation >= Same ? new TrustCheck("depends on the class", TrustOutcome.Fails,
                Text($"the same for '{other}' (r = {Correlation:0.00}): it explains no class, only the difference does"), Correlation)
            : Correlation < Other && apart ? new TrustCheck("depends on the class", TrustOutcome.Holds,
                Text($"another map for '{other}' (r = {Correlation:0.00}), with its peak {PeakDistance:0} px away"), Correlation)
            : new TrustCheck("depends on the class", TrustOutcome.Partly,
                Text($"in part another map for '{other}' (r = {Correlation:0.00}, peaks {PeakDistance:0} px apart)"), Correlation);
    }

    /// <summary>Says whether a map depends on the weights, when the other was made with random ones.</summary>
    /// <param name="random">Which weights are random, in words.</param>
    public TrustCheck AsWeightCheck(string random) => IsVanished
        ? new TrustCheck("depends on the weights", TrustOutcome.Holds, $"nothing of it is left with {random}", 0)
        : double.IsNaN(Correlation)
        ? new TrustCheck("depends on the weights", TrustOutcome.LeftOut, $"no correlation: with {random} a map is the same everywhere")
        : Math.Abs(Correlation) >= Same ? new TrustCheck("depends on the weights", TrustOutcome.Fails,
            Text($"the same with {random} (r = {Correlation:0.00}): it shows the picture, not what was learnt"), Correlation)
        : new TrustCheck("depends on the weights", Math.Abs(Correlation) < Other ? TrustOutcome.Holds : TrustOutcome.Partly,
            Text($"another map with {random} (r = {Correlation:0.00})"), Correlation);

    private static (int Row, int Column) Peak(MapPlane plane, bool isOfPixels)
    {
        if (!isOfPixels)
            return plane.Peak();
        float[] means = new float[plane.Values.Length];
        int reach = PeakWindow / 2;
        for (int y = 0; y < plane.Height; y++)
            for (int x = 0; x < plane.Width; x++)
                for (int v = Math.Max(0, y - reach); v <= Math.Min(plane.Height - 1, y + reach); v++)
                    for (int u = Math.Max(0, x - reach); u <= Math.Min(plane.Width - 1, x + reach); u++)
                        means[y * plane.Width + x] += plane.Values[v * plane.Width + u];
        return new MapPlane(plane.Height, plane.Width, means).Peak();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
