using System.Globalization;
using CnnOnnx.Compare;

namespace CnnOnnx.Pages;

/// <summary>The first card of a comparison: the verdict in words, what both models answer, and the facts.</summary>
internal static class ComparisonHero
{
    /// <summary>Draws the card.</summary>
    /// <param name="result">Result of the comparison.</param>
    /// <param name="layers">Its pairs without the inputs.</param>
    /// <param name="picture">The first input as JPEG; null where it was no picture.</param>
    public static Html Draw(ComparisonResult result, IReadOnlyList<PairComparison> layers, byte[]? picture) => Html.Of($"""
        <div class="card hero compared{(picture is null ? " no-picture" : "")}">{(picture is null ? Html.Empty : Html.Of($"""<figure class="input"><img class="seen" alt="the first input" src="data:image/jpeg;base64,{Html.Base64Of(picture)}"></figure>"""))}
        <div><p class="say">{Headline(result.Verdict)}</p><p class="sub">{result.Verdict.Detail}{(result.Boxes is { } boxes ? Html.Of($" {boxes.ToString()}") : Html.Empty)}</p>
        {Scores(result.Scores)}</div>
        <dl class="pairs"><dt>A</dt><dd>{Side(result.ModelA, result.Engines.A)}</dd><dt>B</dt><dd>{Side(result.ModelB, result.Engines.B)}</dd>
        <dt>inputs</dt><dd>{result.Inputs}</dd><dt>paired</dt><dd>{Paired(result, layers)}</dd>
        {(result.Verdict.Kind == VerdictKind.OtherWeights ? Html.Empty : Html.Of($"""<dt>tolerance</dt><dd>{Tolerances(layers)}</dd>"""))}
        {(result.Verdict.Kind == VerdictKind.OtherWeights ? Html.Empty : Html.Of($"""<dt>verdicts</dt><dd>{Counts(layers)}</dd>"""))}{Agreement(result.Predictions)}</dl></div>
        """);

    private static string Side(string model, string engine) => $"{Path.GetFileName(model)} · {engine}";

    private static string Tolerances(IReadOnlyList<PairComparison> layers) =>
        $"{string.Join(", ", layers.Select(p => CompareText.Error(p.Tolerance.Relative)).Distinct())} relative RMS";

    private static Html Counts(IReadOnlyList<PairComparison> layers) => Html.Join(layers.GroupBy(p => p.Finding).OrderBy(g => g.Key)
        .Select((g, i) => Html.Of($"""{(i == 0 ? "" : " · ")}<span class="{CompareText.ClassOf(g.Key)}">{g.Count()} {CompareText.WordsOf(g.Key)}</span>""")));

    private static Html Agreement(Agreement? same) => same is not { Count: > 1 } ? Html.Empty : Html.Of($"""
        <dt>agreement</dt><dd>{same.Same} of {same.Count}<br>95 %: {CompareText.Percent(same.Interval.Low)} to {CompareText.Percent(same.Interval.High)}</dd>
        """);

    private static string Paired(ComparisonResult result, IReadOnlyList<PairComparison> layers)
    {
        int renamed = layers.Count(p => p.Pair.A != p.Pair.B), alone = result.Unpaired.Count(u => !u.IsExplained);
        string[] parts = [$"{layers.Count}", .. renamed > 0 ? [$"{renamed} of them renamed"] : Array.Empty<string>(),
            .. alone > 0 ? [$"{alone} without a partner"] : Array.Empty<string>()];
        return string.Join("; ", parts);
    }

    // Only the name of the guilty node is in colour.
    private static Html Headline(ComparisonVerdict verdict)
    {
        string[] parts = verdict.Headline.Split('\'');
        return parts.Length != 3 || verdict.Holds ? Html.Of($"{verdict.Headline}")
            : Html.Of($"{parts[0]}<em>{parts[1]}</em>{parts[2]}");
    }

    private static Html Scores(IReadOnlyList<ScorePair> scores)
    {
        if (scores.Count == 0)
            return Html.Empty;
        double most = Math.Max(scores.Max(s => Math.Max(s.A, s.B)), 1e-9);
        return Html.Of($"""
            <div class="s h"><span>of the first input</span><span></span><b><i class="sw"></i>A</b><b><i class="sw b"></i>B</b><b>B − A</b></div>{Html.Join(scores.Select(s => Html.Of($"""
            <div class="s"><span title="{s.Label}">{s.Label}</span><div class="pr"><i style="{Width(s.A / most)}"></i><i class="b" style="{Width(s.B / most)}"></i></div><b class="a">{CompareText.Percent(s.A)}</b><b>{CompareText.Percent(s.B)}</b><b class="d">{Points(s.B - s.A)}</b></div>

            """)))}
            """);
    }

    private static string Width(double share) => string.Create(CultureInfo.InvariantCulture, $"width:{100 * Math.Clamp(share, 0, 1):0.#}%");

    private static string Points(double share) =>
        Math.Abs(share) < 0.0005 ? "0" : (100 * share).ToString("+0.0;−0.0", CultureInfo.InvariantCulture);
}
