using System.Globalization;
using CnnOnnx.Compare;

namespace CnnOnnx.Pages;

/// <summary>
/// All pairs as a table that a click on a heading sorts; equal ones before the first difference are folded into one line.
/// </summary>
internal static class PairTable
{
    private const int FewestFolded = 6;

    private static readonly string[] Heads =
        ["#", "tensor", "bits", "local", "cumulative", "largest", "effect", "cosine", "SNR", "weights", "verdict"];

    /// <summary>Draws the card.</summary>
    public static Html Draw(IReadOnlyList<PairComparison> pairs)
    {
        int folded = pairs.TakeWhile(p => p.Finding == PairFinding.Equal).Count() - 1;
        bool isFolded = folded >= FewestFolded && folded + 1 < pairs.Count;
        string counts = string.Join(" · ", pairs.GroupBy(p => p.Finding).OrderBy(g => g.Key)
            .Select(g => $"{g.Count()} {CompareText.WordsOf(g.Key)}").Prepend($"{pairs.Count} pairs"));
        return Html.Of($"""
            <div class="card" id="all"><header><h2>All tensors</h2><span class="shape">{counts}</span></header>
            {(isFolded ? Html.Of($"""<p class="fold">1 … {folded}: {folded} tensors equal, at most {CompareText.Error(pairs.Take(folded).Max(p => p.Cumulative.RelativeError))} apart <button type="button" class="link">show</button></p>""") : Html.Empty)}
            <div class="scrolls tall" tabindex="0" role="region" aria-label="All pairs of tensors"><table class="sorts pairs-table{(isFolded ? " folded" : "")}"><thead><tr>{Html.Join(Heads.Select(Head))}</tr></thead><tbody>
            {Html.Join(pairs.Select((p, i) => Row(p, i, isFolded && i < folded)))}
            </tbody></table></div><p class="note">effect: relative change of the output when only this layer's own error is let into A</p></div>
            """);
    }

    private static Html Head(string text) => Html.Of($"""<th scope="col"><button type="button">{text}</button></th>""");

    private static Html Row(PairComparison pair, int place, bool isBefore)
    {
        PairMetrics all = pair.Cumulative;
        string other = pair.Pair.A == pair.Pair.B ? "" : $"A: {pair.Pair.A}";
        return Html.Of($"""
            <tr class="{CompareText.ClassOf(pair.Finding)}{(isBefore ? " pre" : "")}">{Cell(place, $"{place + 1}")}
            <td data-key="{pair.Pair.B}" title="{$"node {pair.Pair.Node}; paired by {pair.Pair.Evidence}, confidence {pair.Pair.Confidence:0.00}"}"><a href="#{PageCard.AnchorOf(place)}">{pair.Pair.B}</a> <small>{pair.Pair.Operator} {CompareText.Size(pair.Shape)}</small>{(other.Length > 0 ? Html.Of($"<small class=\"other\">{other}</small>") : Html.Empty)}</td>
            {Cell(all.IsBitEqual ? 0 : 1, all.IsBitEqual ? "equal" : "")}
            {(pair.Local is { } local ? Bar(local.RelativeError, pair) : Cell(-1, "–"))}
            {Bar(all.RelativeError, pair)}
            {Cell(all.Largest, Largest(pair))}{(pair.Effect is { } effect ? Cell(effect, CompareText.Error(effect)) : Cell(-1, ""))}
            {Cell(all.Cosine, all.Cosine.ToString("0.#####", CultureInfo.InvariantCulture))}
            {Cell(all.Snr, double.IsFinite(all.Snr) ? $"{all.Snr:0} dB" : all.IsBitEqual ? "∞" : "–")}
            {(pair.Pair.WeightDistance is { } weights ? Cell(weights, CompareText.Error(weights)) : Cell(-1, ""))}<td data-key="{(int)pair.Finding}" class="v">{(pair.Finding == PairFinding.Introduced ? Html.Of($"""<span class="op fault">⚠ introduced here</span>""") : Html.Of($"{CompareText.WordsOf(pair.Finding)}"))}{Finiteness(all)}</td></tr>

            """);
    }

    private static string Largest(PairComparison pair) => pair.Step is { } step && step > 0
        ? $"{pair.Cumulative.Largest / step:0.#} steps" : CompareText.Short(pair.Cumulative.Largest);

    private static Html Finiteness(PairMetrics metrics) => !metrics.DiffersInFiniteness ? Html.Empty
        : Html.Of($" <small>NaN {$"{metrics.NaNInA} → {metrics.NaNInB}, infinite {metrics.InfiniteInA} → {metrics.InfiniteInB}"}</small>");

    private static Html Cell(double value, string text) => Html.Of($"""<td data-key="{Key(value)}">{text}</td>""");

    // From 10⁻⁸ to 100 % on a logarithmic scale.
    private static Html Bar(double error, PairComparison pair)
    {
        double share = error <= 1e-8 ? 0 : Math.Clamp((Math.Log10(double.IsFinite(error) ? error : 1) + 8) / 8, 0, 1);
        return Html.Of($"""<td data-key="{Key(error)}">{CompareText.Error(error)}<i class="lb{(error > pair.Tolerance.Relative ? " out" : "")}"><i style="{string.Create(CultureInfo.InvariantCulture, $"width:{100 * share:0}%")}"></i></i></td>""");
    }

    private static string Key(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture)
        : value < 0 || double.IsNaN(value) ? "-1e300" : "1e300";
}
