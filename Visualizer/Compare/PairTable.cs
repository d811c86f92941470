using System.Globalization;
using CnnOnnx.Compare;
using CnnOnnx.Pages;

namespace CnnOnnx.Visualizer.Compare;

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
            <section id="all"><header><div><h2>All tensors</h2><span class="shape">{counts}</span></div><span class="note">effect: relative change of the output when only this layer's own error is let into A</span></header>
            <div class="tw"><table class="sorts{(isFolded ? " f" : "")}"><thead><tr>{Html.Join(Heads.Select(Head))}</tr></thead><tbody>
            {(isFolded ? Fold(pairs.Take(folded)) : Html.Empty)}{Html.Join(pairs.Select((p, i) => Row(p, i, isFolded && i < folded)))}
            </tbody></table></div></section>
            """);
    }

    private static Html Head(string text, int place) =>
        Html.Of($"""<th scope="col"{(place == 0 ? new Html(" aria-sort=\"ascending\"") : Html.Empty)}><button type="button">{text}</button></th>""");

    private static Html Fold(IEnumerable<PairComparison> pairs) => Html.Of($"""
        <tr class="fold"><td colspan="11">1 … {pairs.Count()}   {pairs.Count()} tensors equal, at most {CompareText.Error(pairs.Max(p => p.Cumulative.RelativeError))} apart <button type="button">show</button></td></tr>
        """);

    private static Html Row(PairComparison pair, int place, bool isBefore)
    {
        PairMetrics all = pair.Cumulative;
        string other = pair.Pair.A == pair.Pair.B ? "" : $"A: {pair.Pair.A}";
        return Html.Of($"""
            <tr class="{CompareText.ClassOf(pair.Finding)}{(isBefore ? " pre" : "")}" id="{$"p{place}"}">{Cell(place, $"{place + 1}")}
            <td data-v="{pair.Pair.B}" title="{$"node {pair.Pair.Node}; paired by {pair.Pair.Evidence}, confidence {pair.Pair.Confidence:0.00}"}"><span class="n">{pair.Pair.B}</span> <span class="op {pair.Pair.Operator}">{pair.Pair.Operator}</span><small>{CompareText.Size(pair.Shape)}</small>{(other.Length > 0 ? Html.Of($"<small class=\"other\">{other}</small>") : Html.Empty)}</td>
            {Cell(all.IsBitEqual ? 0 : 1, all.IsBitEqual ? "equal" : "")}
            {(pair.Local is { } local ? Bar(local.RelativeError, pair) : Cell(-1, "–"))}
            {Bar(all.RelativeError, pair)}
            {Cell(all.Largest, Largest(pair))}{(pair.Effect is { } effect ? Cell(effect, CompareText.Error(effect)) : Cell(-1, ""))}
            {Cell(all.Cosine, all.Cosine.ToString("0.#####", CultureInfo.InvariantCulture))}
            {Cell(all.Snr, double.IsFinite(all.Snr) ? $"{all.Snr:0} dB" : all.IsBitEqual ? "∞" : "–")}
            {(pair.Pair.WeightDistance is { } weights ? Cell(weights, CompareText.Error(weights)) : Cell(-1, ""))}<td data-v="{(int)pair.Finding}" class="v">{(pair.Finding == PairFinding.Introduced ? Html.Of($"""<span class="badge w">⚠ introduced here</span>""") : Html.Of($"{CompareText.WordsOf(pair.Finding)}"))}{Finiteness(all)}</td></tr>

            """);
    }

    private static string Largest(PairComparison pair) => pair.Step is { } step && step > 0
        ? $"{pair.Cumulative.Largest / step:0.#} steps" : CompareText.Short(pair.Cumulative.Largest);

    private static Html Finiteness(PairMetrics metrics) => !metrics.DiffersInFiniteness ? Html.Empty
        : Html.Of($" <small>NaN {$"{metrics.NaNInA} → {metrics.NaNInB}, infinite {metrics.InfiniteInA} → {metrics.InfiniteInB}"}</small>");

    private static Html Cell(double value, string text) =>
        Html.Of($"""<td data-v="{value.ToString("R", CultureInfo.InvariantCulture)}">{text}</td>""");

    // From 10⁻⁸ to 100 % on a logarithmic scale.
    private static Html Bar(double error, PairComparison pair)
    {
        double share = error <= 1e-8 ? 0 : Math.Clamp((Math.Log10(double.IsFinite(error) ? error : 1) + 8) / 8, 0, 1);
        return Html.Of($"""<td data-v="{error.ToString("R", CultureInfo.InvariantCulture)}">{CompareText.Error(error)}<i class="lb{(error > pair.Tolerance.Relative ? " out" : "")}"><i style="{string.Create(CultureInfo.InvariantCulture, $"width:{100 * share:0}%")}"></i></i></td>""");
    }
}
