using System.Globalization;
using System.Text;
using CnnOnnx.Compare;
using CnnOnnx.Pages;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Compare;

/// <summary>
/// The card of the pair that the verdict names: its channels A, B and B − A, and how the values of the worst belong together.
/// </summary>
internal static class MapCard
{
    private const double StraightFrom = 0.9999;

    /// <summary>Draws the card.</summary>
    /// <param name="maps">Maps of the pair.</param>
    /// <param name="pair">Its figures.</param>
    public static Html Draw(PairMaps maps, PairComparison pair) => Html.Of($"""
        <section id="pair"><header><div><h2>{pair.Pair.Place}</h2><span class="op {pair.Pair.Operator}">{pair.Pair.Operator}</span><span class="shape">{Note(maps)}</span></div><span class="badge {(pair.Finding == PairFinding.Equal ? "ok" : "w")}">{CompareText.WordsOf(pair.Finding)}</span></header>
        <div class="grid"><div>{(IsVector(maps) ? Rows(maps) : Tiles(maps))}</div>
        <aside>{Differences(maps)}{Fit(maps, pair.Finding == PairFinding.Equal)}</aside></div></section>
        """);

    private static bool IsVector(PairMaps maps) => maps.Height * maps.Width == 1;

    private static string Note(PairMaps maps)
    {
        string count = IsVector(maps) ? $"{maps.Channels} values" : maps.Channels == 1 ? $"{maps.Height} × {maps.Width} values"
            : $"{maps.Channels} maps of {maps.Height} × {maps.Width}";
        return $"{count} · {(maps.Differing == 0 ? "none" : $"{maps.Differing}")} {(maps.Differing == 1 ? "differs" : "differ")}";
    }

    private static Html Rows(PairMaps maps) => Html.Of($"""
        <table class="plain"><thead><tr><th>value</th><th>A</th><th>B</th><th>B − A</th></tr></thead><tbody>{Html.Join(maps.Worst.Select(m =>
            Html.Of($"<tr><td>#{m.Channel}</td>{Cell(m.A[0])}{Cell(m.B[0])}{Cell(m.B[0] - m.A[0])}</tr>")))}</tbody></table>
        """);

    private static Html Cell(float value) => Html.Of($"<td>{CompareText.Short(value)}</td>");

    private static Html Tiles(PairMaps maps)
    {
        float off = maps.Worst.SelectMany(m => m.A.Zip(m.B, (a, b) => MathF.Abs(b - a))).Where(float.IsFinite).DefaultIfEmpty(0).Max();
        MapPair first = maps.Worst[0];
        (float low, float high) = Range(first);
        return Html.Of($"""
            <div class="tiles"><span></span>{Html.Join(maps.Worst.Select((m, i) => Html.Of($"<span class=\"cap{(i == 0 ? " hot" : "")}\">#{m.Channel}</span>")))}
            <b>A</b>{Row(maps, 'a')}<b>B</b>{Row(maps, 'b')}<b>B − A</b>{Row(maps, 'd')}</div>
            <div class="big">{Large("A", first, 'a', low, high)}{Large("B", first, 'b', low, high)}{Large("B − A", first, 'd', -off, off)}</div>
            {Html.Join(maps.Worst.Select((m, i) => Data(m, i, off)))}
            """);
    }

    private static Html Row(PairMaps maps, char kind) => Html.Join(maps.Worst.Select((m, i) =>
        Html.Of($"""<canvas data-map="{$"{kind}{i}"}" width="116" height="116" aria-label="{$"{Name(kind)}, channel {m.Channel}"}"{(i == 0 ? new Html(" class=\"hot\"") : Html.Empty)}></canvas>""")));

    private static string Name(char kind) => kind == 'a' ? "A" : kind == 'b' ? "B" : "B − A";

    private static Html Large(string title, MapPair map, char kind, float low, float high) => Html.Of($"""
        <figure><figcaption><b>{title} #{map.Channel}</b></figcaption><canvas data-map="{$"{kind}0"}" width="432" height="432"></canvas><div class="cb {$"{kind}"}"></div><p class="cap row"><span>{CompareText.Short(low)}</span><span>{(kind == 'd' ? "0" : "")}</span><span>{CompareText.Short(high)}</span></p></figure>
        """);

    // A byte a value: A and B on one scale, the difference around 128 on one scale for all channels.
    private static Html Data(MapPair map, int place, float off)
    {
        (float low, float high) = Range(map);
        byte[] Scaled(float[] values) => [.. values.Select(v => (byte)Math.Clamp(255 * (v - low) / Math.Max(high - low, 1e-30f), 0, 255))];
        byte[] difference = [.. map.A.Zip(map.B, (a, b) => (byte)Math.Clamp(128 + 127 * (b - a) / Math.Max(off, 1e-30f), 1, 255))];
        return Html.Join(new[] { ('a', Scaled(map.A)), ('b', Scaled(map.B)), ('d', difference) }.Select(part =>
            Html.Of($"""<script type="text/plain" class="map" data-id="{$"{part.Item1}{place}"}" data-size="{$"{map.Height} {map.Width}"}">{Html.Base64Of(part.Item2)}</script>""")));
    }

    private static (float Low, float High) Range(MapPair map)
    {
        float[] finite = [.. map.A.Concat(map.B).Where(float.IsFinite).DefaultIfEmpty(0)];
        return (finite.Min(), finite.Max());
    }

    private static Html Differences(PairMaps maps)
    {
        Histogram counts = maps.Differences;
        double most = Math.Log(1 + Math.Max(1, counts.Counts.Max()));
        var bars = new StringBuilder();
        for (int i = 0; i < counts.Counts.Length; i++)
            if (counts.Counts[i] > 0)
            {
                double height = 60 * Math.Log(1 + counts.Counts[i]) / most;
                bars.Append(CultureInfo.InvariantCulture,
                    $"<rect x='{i * 240.0 / counts.Counts.Length:0.#}' y='{64 - height:0.#}' width='4' height='{height:0.#}' ");
                bars.Append(2 * i < counts.Counts.Length ? "class='less'/>" : "class='more'/>");
            }

        return Html.Of($"""
            <h3>Differences in #{maps.Worst[0].Channel}</h3><svg viewBox="0 0 240 84" role="img" aria-label="histogram of B − A">{new Html(bars.ToString())}<path class="line" d="M0 64.5H240"/><path class="tolerance" d="M120 0V64"/><text x="0" y="79">{CompareText.Short(counts.Min)}</text><text x="120" y="79" text-anchor="middle">0</text><text x="240" y="79" text-anchor="end">{CompareText.Short(counts.Max)}</text></svg>
            <p class="cap">count, logarithmic · relative error {CompareText.Error(maps.Worst[0].RelativeError)}</p>
            """);
    }

    private static Html Fit(PairMaps maps, bool isEqual)
    {
        if (!double.IsFinite(maps.Fit.Slope) || IsVector(maps))
            return Html.Empty;
        LinearFit fit = maps.Fit;
        float low = maps.Points.Min(p => Math.Min(p.A, p.B)), high = maps.Points.Max(p => Math.Max(p.A, p.B));
        string formula = $"B = {fit.Slope.ToString("0.000;−0.000", CultureInfo.InvariantCulture)} · A"
            + (Math.Abs(fit.Offset) < 1e-4 * (high - low) ? ""
                : $" {(fit.Offset < 0 ? "−" : "+")} {CompareText.Short(Math.Abs(fit.Offset))}");
        string words = isEqual ? "The pair that is furthest apart, within its tolerance." : fit.Explained >= StraightFrom
            ? Math.Abs(fit.Slope - 1) > 1e-3 ? "All values lie on one line: this channel is scaled, and places do not matter."
                : "All values lie on one line of slope 1: at most this channel is shifted."
            : $"The line explains {100 * fit.Explained:0.0} % of B: places matter, as with another kernel, padding or function.";
        double scale = high > low ? 1 / ((double)high - low) : 0;
        var dots = new StringBuilder();
        foreach ((float a, float b) in maps.Points.Where(p => float.IsFinite(p.A) && float.IsFinite(p.B)))
            dots.Append(CultureInfo.InvariantCulture, $"M{(a - low) * scale * 240:0.#} {170 - (b - low) * scale * 170:0.#}h0");
        return Html.Of($"""
            <h3>{formula}</h3><p class="note">{words}</p><svg viewBox="0 0 240 190" role="img" aria-label="B against A">
            <path class="line" d="M0 0V170H240"/><path class="tolerance" d="M0 170L240 0"/><path class="dots" d="{dots.ToString()}"/><text x="4" y="12">B</text><text x="0" y="186">{CompareText.Short(low)}</text><text x="240" y="186" text-anchor="end">A {CompareText.Short(high)}</text></svg>
            """);
    }
}
