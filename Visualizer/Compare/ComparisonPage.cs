using System.Globalization;
using CnnOnnx.Compare;
using CnnOnnx.Pages;

namespace CnnOnnx.Visualizer.Compare;

/// <summary>The page of a comparison, whole in one file: the verdict first, then where, then everything.</summary>
internal static class ComparisonPage
{
    // Nothing may be loaded from anywhere.
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private const int MostBlocks = 60;

    /// <summary>Composes the page.</summary>
    /// <param name="result">Result of the comparison.</param>
    /// <param name="picture">The first input as JPEG; null where it was no picture.</param>
    /// <param name="input">Name of the first input, or of the recording.</param>
    public static Html Compose(ComparisonResult result, byte[]? picture, string input)
    {
        // Of other weights every layer makes another thing; none is to blame.
        bool isOther = result.Verdict.Kind == VerdictKind.OtherWeights;
        PairComparison[] layers = [.. result.Pairs.Where(p => p.Pair.Operator.Length > 0)
            .Select(p => isOther && p.Finding != PairFinding.Equal ? p with { Finding = PairFinding.Different } : p)];
        Html common = result.Representation is { } found ? RepresentationCard.Draw(found) : Html.Empty;
        string title = Path.GetFileNameWithoutExtension(result.ModelB);
        return Html.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <title>{title}: A against B</title>
            <style>
            {Resource("compare.css")}
            </style>
            </head>
            <body>
            <nav aria-label="Blocks"><h1>{title}</h1><p>A against B · {input}</p><ol>{Html.Join(Blocks(layers))}</ol></nav>
            <main>
            {Hero(result, layers, picture)}
            {common}
            {Depth(layers)}
            {Maps(result.Maps, layers)}
            {Flips(result.Predictions)}
            {PairTable.Draw(layers)}
            {Unpaired(result)}
            </main>
            <script>
            "use strict";
            {Resource("compare.js")}
            </script>
            </body>
            </html>
            """);
    }

    private static Html Maps(PairMaps? maps, PairComparison[] layers) =>
        maps is not null && layers.FirstOrDefault(p => p.Pair == maps.Pair) is { } pair ? MapCard.Draw(maps, pair) : Html.Empty;

    private static IEnumerable<Html> Blocks(PairComparison[] layers)
    {
        (string Name, int First, PairFinding Finding, double Error)[] blocks = [.. layers.Select((p, i) => (Pair: p, Place: i))
            .GroupBy(p => CompareText.Block(p.Pair.Pair)).Select(g => (g.Key, g.First().Place,
                g.Any(p => p.Pair.Finding == PairFinding.Introduced) ? PairFinding.Introduced : g.Max(p => p.Pair.Finding),
                g.Max(p => p.Pair.Cumulative.RelativeError)))];
        foreach ((string name, int first, PairFinding finding, double error) in blocks.Take(MostBlocks))
            yield return Html.Of($"""
                <li class="{CompareText.ClassOf(finding)}"><a href="#p{first}"><i class="dot"></i><span>{name}</span><small>{CompareText.Error(error)}</small></a></li>

                """);
        if (blocks.Length > MostBlocks)
            yield return Html.Of($"<li><a href=\"#all\"><span>{blocks.Length - MostBlocks} more</span></a></li>");
    }

    private static Html Hero(ComparisonResult result, PairComparison[] layers, byte[]? picture) => Html.Of($"""
        <div class="hero{(picture is null ? " bare" : "")}">{(picture is null ? Html.Empty : Html.Of($"""<div class="pic"><img alt="the first input" src="data:image/jpeg;base64,{Html.Base64Of(picture)}"></div>"""))}
        <div><p class="say">{Headline(result.Verdict)}</p><p class="sub">{result.Verdict.Detail}</p>
        {Scores(result.Scores)}</div>
        <dl><dt>A</dt><dd>{Path.GetFileName(result.ModelA)}</dd><dt>B</dt><dd>{Path.GetFileName(result.ModelB)}</dd>
        <dt>inputs</dt><dd>{result.Inputs}</dd><dt>paired</dt><dd>{Paired(result, layers)}</dd>
        <dt>tolerance</dt><dd>{string.Join(", ", layers.Select(p => CompareText.Error(p.Tolerance.Relative)).Distinct())} relative RMS</dd>
        <dt>verdicts</dt><dd>{Html.Join(layers.GroupBy(p => p.Finding).OrderBy(g => g.Key).Select(g => Html.Of($"<span class=\"{(g.Key == PairFinding.Introduced ? "hot" : "")}\">{g.Count()} {CompareText.WordsOf(g.Key)}</span><br>")))}</dd>
        {Agreement(result.Predictions)}</dl></div>
        """);

    private static Html Agreement(Agreement? same) => same is not { Count: > 1 } ? Html.Empty : Html.Of($"""
        <dt>agreement</dt><dd>{same.Same} of {same.Count}<br>95 %: {Percent(same.Interval.Low)} to {Percent(same.Interval.High)}</dd>
        """);

    private static string Paired(ComparisonResult result, PairComparison[] layers)
    {
        int named = layers.Count(p => p.Pair.Evidence.HasFlag(PairingEvidence.Name));
        int alone = result.Unpaired.Count(u => !u.IsExplained);
        string paired = named == layers.Length ? $"{named}, by name" : $"{layers.Length}, {named} of them by name";
        return alone == 0 ? paired : $"{paired}; {alone} without a partner";
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
            <div class="s h"><span></span><span></span><b><i class="sw"></i>A</b><b><i class="sw b"></i>B</b><b>B − A</b></div>{Html.Join(scores.Select(s => Html.Of($"""
            <div class="s"><span title="{s.Label}">{s.Label}</span><div class="pr"><i style="{Width(s.A / most)}"></i><i class="b" style="{Width(s.B / most)}"></i></div><b class="a">{Percent(s.A)}</b><b>{Percent(s.B)}</b><b class="d">{Points(s.B - s.A)}</b></div>

            """)))}
            """);
    }

    private static string Width(double share) => string.Create(CultureInfo.InvariantCulture, $"width:{100 * Math.Clamp(share, 0, 1):0.#}%");

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Points(double share) =>
        Math.Abs(share) < 0.0005 ? "0" : (100 * share).ToString("+0.0;−0.0", CultureInfo.InvariantCulture);

    private static Html Depth(PairComparison[] layers) => layers.Length == 0 ? Html.Empty : Html.Of($"""
        <section id="depth"><header><div><h2>Error over depth</h2><span class="shape">‖B − A‖ / ‖A‖ at {layers.Length} tensors, logarithmic</span></div><div class="key"><span><i class="k line"></i>cumulative</span><span><i class="k dot"></i>local: this layer alone, on A’s values</span></div></header>
        {DepthPlot.Draw(layers)}</section>
        """);

    private static Html Flips(Agreement? predictions) => predictions is not { Flips.Count: > 0 } ? Html.Empty : Html.Of($"""
        <section><header><div><h2>Other answers</h2><span class="shape">{predictions.Flips.Count} of {predictions.Count} inputs</span></div></header>
        <table class="plain"><thead><tr><th>input</th><th>A</th><th>B</th></tr></thead><tbody>{Html.Join(predictions.Flips.Take(200).Select(f =>
            Html.Of($"<tr><td>{Name(f)}</td><td>class {f.ClassA}</td><td>class {f.ClassB}</td></tr>")))}</tbody></table></section>
        """);

    private static string Name(PredictionFlip flip) => flip.Name.Length > 0 ? Path.GetFileName(flip.Name) : $"{flip.Input + 1}";

    private static Html Unpaired(ComparisonResult result) => result.Unpaired.Count == 0 && result.Notes.Count == 0 ? Html.Empty : Html.Of($"""
        <section id="alone"><header><div><h2>Without a partner</h2><span class="shape">{result.Unpaired.Count(u => u.InA && !u.IsExplained)} of A · {result.Unpaired.Count(u => !u.InA && !u.IsExplained)} of B</span></div></header>
        {Html.Join(result.Notes.Select(note => Html.Of($"<p class=\"note\">{note}</p>")))}
        {Alone(result.Unpaired.Where(u => !u.IsExplained))}
        {Explained([.. result.Unpaired.Where(u => u.IsExplained)])}</section>
        """);

    private static Html Explained(UnpairedTensor[] tensors) => tensors.Length == 0 ? Html.Empty : Html.Of($"""
        <details><summary>{tensors.Length} that need none: folded, another view or another name</summary>{Alone(tensors)}</details>
        """);

    private static Html Alone(IEnumerable<UnpairedTensor> tensors) => Html.Of($"""
        <table class="plain alone"><tbody>{Html.Join(tensors.Select(u => Html.Of($"<tr><td>{(u.InA ? "A" : "B")}</td><td>{u.Name}</td><td>{u.Reason}</td></tr>")))}</tbody></table>
        """);

    private static Html Resource(string name)
    {
        using var reader = new StreamReader(typeof(ComparisonPage).Assembly.GetManifestResourceStream(name)!);
        return new Html(reader.ReadToEnd());
    }
}
