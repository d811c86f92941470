using System.Globalization;
using System.Text;

namespace CnnOnnx.Pages;

/// <summary>Values with names as bars, and many values as a sorted curve.</summary>
internal static class BarList
{
    private const int CurvePoints = 200, CurveWidth = 400, CurveHeight = 60;

    /// <summary>Draws a row a value: name, bar, number. The longest bar is that of the largest magnitude.</summary>
    /// <param name="rows">Name, value, and the value as text.</param>
    /// <param name="full">Value of a bar over the whole width; null for the largest magnitude of the rows.</param>
    public static Html Draw(IReadOnlyList<(string Label, double Value, string Text)> rows, double? full = null)
    {
        double most = full ?? rows.Select(row => Math.Abs(row.Value)).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return Html.Of($"""<ol class="bars-list">{Html.Join(rows.Select(row => Row(row.Label, row.Value, row.Text, most)))}</ol>""");
    }

    /// <summary>Draws all values from the largest to the smallest as a filled curve over its zero line; NaN is left out.</summary>
    public static Html Curve(ReadOnlySpan<float> values)
    {
        float[] sorted = [.. values.ToArray().Where(float.IsFinite).OrderDescending()];
        if (sorted.Length < 2)
            return Html.Empty;
        double high = Math.Max(0, (double)sorted[0]), low = Math.Min(0, (double)sorted[^1]), range = high > low ? high - low : 1;
        double zero = CurveHeight * high / range;
        var path = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"M0 {zero:0.#}"));
        int points = Math.Min(CurvePoints, sorted.Length);
        for (int i = 0; i < points; i++)
        {
            double value = sorted[(int)((long)i * (sorted.Length - 1) / (points - 1))];
            (double x, double y) = ((double)i * CurveWidth / (points - 1), CurveHeight * (high - value) / range);
            path.Append(CultureInfo.InvariantCulture, $"L{x:0.#} {y:0.#}");
        }

        path.Append(CultureInfo.InvariantCulture, $"V{zero:0.#}z");
        string label = $"{sorted.Length} values sorted: {PageText.Short(sorted[0])} to {PageText.Short(sorted[^1])}";
        return Html.Of($"""
            <figure class="curve"><svg viewBox="0 0 {CurveWidth} {CurveHeight}" preserveAspectRatio="none" role="img" aria-label="{label}"><path d="{path.ToString()}"/></svg><figcaption>{label}</figcaption></figure>
            """);
    }

    private static Html Row(string label, double value, string text, double most)
    {
        string width = most > 0 && double.IsFinite(value)
            ? (100 * Math.Clamp(Math.Abs(value) / most, 0, 1)).ToString("0.##", CultureInfo.InvariantCulture) : "0";
        return Html.Of($"""<li><span title="{label}">{label}</span><div><i{(value < 0 ? new Html(" class=\"minus\"") : Html.Empty)} style="width:{width}%"></i></div><b>{text}</b></li>""");
    }
}
