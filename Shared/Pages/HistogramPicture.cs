using System.Globalization;
using System.Text;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;

namespace CnnOnnx.Pages;

/// <summary>
/// A histogram as SVG, its bars on a logarithmic scale, so that the many zeros of a rectifier do not hide the rest. Below it a
/// box: a line from the 5th to the 95th percentile, the box from the 25th to the 75th, a stroke at the median.
/// </summary>
internal static class HistogramPicture
{
    private const int Width = 256, Height = 72, BoxY = 82, BoxHeight = 8, TotalHeight = 88;

    /// <param name="histogram">Counts to draw; null when there are none.</param>
    /// <param name="percentiles">1, 5, 25, 50, 75, 95, 99.</param>
    public static Html Draw(Histogram? histogram, double[] percentiles)
    {
        if (histogram is null)
            return Html.Of($"""<p class="none">no finite value</p>""");
        return Html.Of($"""
            <figure class="histogram"><svg viewBox="0 0 {Width} {TotalHeight}" preserveAspectRatio="none" role="img" aria-label="histogram">
            <path class="bars" d="{Bars(histogram.Counts)}"/>{Zero(histogram)}{Box(histogram, percentiles)}</svg>
            <div class="ends"><span>{Numbers.Short(histogram.Min)}</span><span>median {Numbers.Short(percentiles[3])}</span><span>{Numbers.Short(histogram.Max)}</span></div></figure>
            """);
    }

    private static string Bars(long[] counts)
    {
        var path = new StringBuilder();
        double largest = Math.Log(1 + counts.Max());
        double step = (double)Width / counts.Length;
        for (int i = 0; i < counts.Length; i++)
            if (counts[i] > 0)
            {
                double height = Height * Math.Log(1 + counts[i]) / largest;
                path.Append(CultureInfo.InvariantCulture, $"M{i * step:0.#} {Height}v{-height:0.#}h{step - 0.5:0.#}V{Height}z");
            }

        return path.ToString();
    }

    private static Html Zero(Histogram histogram) => histogram is { Min: < 0, Max: > 0 }
        ? Html.Of($"""<path class="zero" d="M{At(histogram, 0)} 0v{Height}"/>""")
        : Html.Empty;

    private static Html Box(Histogram histogram, double[] p) => Html.Of($"""
        <path class="whisker" d="M{At(histogram, p[1])} {BoxY}H{At(histogram, p[5])}"/><path class="box" d="M{At(histogram, p[2])} {BoxY}H{At(histogram, p[4])}"/><path class="median" d="M{At(histogram, p[3])} {BoxY - BoxHeight / 2}v{BoxHeight}"/>
        """);

    private static string At(Histogram histogram, double value) => histogram.Max > histogram.Min
        ? (Width * Math.Clamp((value - histogram.Min) / ((double)histogram.Max - histogram.Min), 0, 1))
            .ToString("0.#", CultureInfo.InvariantCulture)
        : "0";
}
