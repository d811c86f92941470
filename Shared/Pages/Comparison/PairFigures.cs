using System.Globalization;
using System.Text;
using CnnOnnx.Compare;
using CnnOnnx.Statistics;

namespace CnnOnnx.Pages;

/// <summary>The right column of a pair's card: six numbers, differences of the worst channel as a histogram, and B against A.</summary>
internal static class PairFigures
{
    private const double StraightFrom = 0.9999;
    private const int Width = 240, Height = 64, FitHeight = 170;

    /// <summary>Draws the figures.</summary>
    /// <param name="maps">Maps of the pair.</param>
    /// <param name="pair">Its figures.</param>
    public static Html Draw(PairMaps maps, PairComparison pair) => Html.Of($"""
        {Six(pair)}{Differences(maps)}{Fit(maps, pair.Finding == PairFinding.Equal)}
        """);

    private static Html Six(PairComparison pair)
    {
        PairMetrics all = pair.Cumulative;
        (string Label, string Value)[] cells =
        [
            ("local", pair.Local is { } local ? CompareText.Error(local.RelativeError) : "–"),
            ("cumulative", CompareText.Error(all.RelativeError)),
            ("largest", CompareText.Short(all.Largest)), ("outside", PageText.Percent(all.OutsideShare)),
            ("cosine", all.Cosine.ToString("0.#####", CultureInfo.InvariantCulture)),
            pair.Effect is { } effect ? ("effect", CompareText.Error(effect))
                : ("SNR", double.IsFinite(all.Snr) ? $"{all.Snr:0} dB" : all.IsBitEqual ? "∞" : "–"),
        ];
        return Html.Of($"""
            <table class="numbers-table"><tbody>{Html.Join(cells.Chunk(2).Select(two => Html.Of($"<tr>{Html.Join(two.Select(c => Html.Of($"""<th scope="row">{c.Label}</th><td>{c.Value}</td>""")))}</tr>")))}</tbody></table>
            """);
    }

    private static Html Differences(PairMaps maps)
    {
        Histogram counts = maps.Differences;
        if (counts.Max <= counts.Min)
            return Html.Empty;
        double most = Math.Log(1 + Math.Max(1, counts.Counts.Max())), step = (double)Width / counts.Counts.Length;
        StringBuilder less = new(), more = new();
        for (int i = 0; i < counts.Counts.Length; i++)
            if (counts.Counts[i] > 0)
            {
                double height = (Height - 4) * Math.Log(1 + counts.Counts[i]) / most;
                (2 * i < counts.Counts.Length ? less : more).Append(CultureInfo.InvariantCulture,
                    $"M{i * step:0.#} {Height}v{-height:0.#}h{step - 0.75:0.#}V{Height}z");
            }

        return Html.Of($"""
            <figure class="histogram"><figcaption>B − A in #{maps.Worst[0].Channel}: count, logarithmic</figcaption><svg viewBox="0 0 {Width} 82" role="img" aria-label="{$"histogram of B − A, {CompareText.Short(counts.Min)} to {CompareText.Short(counts.Max)}"}"><path class="less" d="{less.ToString()}"/><path class="more" d="{more.ToString()}"/><line x1="0" y1="{Height}" x2="{Width}" y2="{Height}"/><line x1="120" y1="0" x2="120" y2="{Height}"/><text x="0" y="78">{CompareText.Short(counts.Min)}</text><text x="120" y="78" text-anchor="middle">0</text><text x="{Width}" y="78" text-anchor="end">{CompareText.Short(counts.Max)}</text></svg></figure>
            """);
    }

    private static Html Fit(PairMaps maps, bool isEqual)
    {
        if (!double.IsFinite(maps.Fit.Slope) || maps.Height * maps.Width == 1)
            return Html.Empty;
        LinearFit fit = maps.Fit;
        (float A, float B)[] points = [.. maps.Points.Where(p => float.IsFinite(p.A) && float.IsFinite(p.B))];
        if (points.Length == 0)
            return Html.Empty;
        float low = points.Min(p => Math.Min(p.A, p.B)), high = points.Max(p => Math.Max(p.A, p.B));
        string formula = $"B = {fit.Slope.ToString("0.000;−0.000", CultureInfo.InvariantCulture)} · A"
            + (Math.Abs(fit.Offset) < 1e-4 * (high - low) ? ""
                : $" {(fit.Offset < 0 ? "−" : "+")} {CompareText.Short(Math.Abs(fit.Offset))}");
        string words = isEqual ? "" : fit.Explained >= StraightFrom
            ? Math.Abs(fit.Slope - 1) > 1e-3 ? "All values lie on one line: this channel is scaled, and places do not matter."
                : "All values lie on one line of slope 1: at most this channel is shifted."
            : $"The line explains {100 * fit.Explained:0.0} % of B: places matter, as with another kernel, padding or function.";
        double scale = high > low ? 1 / ((double)high - low) : 0;
        var dots = new StringBuilder();
        foreach ((float a, float b) in points)
            dots.Append(CultureInfo.InvariantCulture,
                $"M{(a - low) * scale * Width:0.#} {FitHeight - (b - low) * scale * FitHeight:0.#}h0");
        return Html.Of($"""
            <div class="fit"><h3>{formula}</h3>{(words.Length > 0 ? Html.Of($"<p>{words}</p>") : Html.Empty)}<svg viewBox="0 0 {Width} 190" role="img" aria-label="values of B against those of A"><path class="line" d="M0 0V{FitHeight}H{Width}"/><path class="tolerance" d="M0 {FitHeight}L{Width} 0"/><path class="dots" d="{dots.ToString()}"/><text x="4" y="12">B</text><text x="0" y="186">{CompareText.Short(low)}</text><text x="{Width}" y="186" text-anchor="end">A {CompareText.Short(high)}</text></svg></div>
            """);
    }
}
