using System.Globalization;
using System.Text;
using CnnOnnx.Statistics;

namespace CnnOnnx.Pages;

/// <summary>
/// A histogram as SVG over a baseline, its bars on a logarithmic scale, so that the many zeros of a rectifier do not hide the rest. Below
/// it stand both ends, and 0 at its place.
/// </summary>
internal static class HistogramPicture
{
    private const int Width = 240, Height = 64, TextY = 78, TotalHeight = 82, NearEnd = 44;

    /// <param name="histogram">Counts to draw; null when there are none.</param>
    public static Html Draw(Histogram? histogram)
    {
        if (histogram is null)
            return Html.Of($"""<p class="note">no finite value</p>""");
        string label = $"histogram of the values, {PageText.Short(histogram.Min)} to {PageText.Short(histogram.Max)}";
        return Html.Of($"""
            <figure class="histogram"><svg viewBox="0 0 {Width} {TotalHeight}" role="img" aria-label="{label}"><path class="bars" d="{Bars(histogram.Counts)}"/><line x1="0" y1="{Height}" x2="{Width}" y2="{Height}"/><text x="0" y="{TextY}">{PageText.Short(histogram.Min)}</text><text x="{Width}" y="{TextY}" text-anchor="end">{PageText.Short(histogram.Max)}</text>{Zero(histogram)}</svg><figcaption>count, logarithmic</figcaption></figure>
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
                path.Append(CultureInfo.InvariantCulture, $"M{i * step:0.#} {Height}v{-height:0.#}h{step - 0.75:0.#}V{Height}z");
            }

        return path.ToString();
    }

    private static Html Zero(Histogram histogram)
    {
        if (histogram is not { Min: < 0, Max: > 0 })
            return Html.Empty;
        double place = Width * -(double)histogram.Min / ((double)histogram.Max - histogram.Min);
        string x = place.ToString("0.#", CultureInfo.InvariantCulture);
        Html text = place is > NearEnd and < Width - NearEnd ? Html.Of($"""<text x="{x}" y="{TextY}" text-anchor="middle">0</text>""") : Html.Empty;
        return Html.Of($"""<line x1="{x}" y1="{Height - 4}" x2="{x}" y2="{Height + 4}"/>{text}""");
    }
}
