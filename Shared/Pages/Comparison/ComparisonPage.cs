using CnnOnnx.Compare;
using CnnOnnx.Rendering;

namespace CnnOnnx.Pages;

/// <summary>
/// The page of a comparison: the verdict, what the answers are, where the difference begins, the layers that add one, all pairs as a
/// table, and a card for each pair.
/// </summary>
internal static class ComparisonPage
{
    // Layers that add a difference stand in front of the table, as far as a reader would follow.
    private const int MostFaults = 4;

    /// <summary>Composes the page, and writes the values of its maps beside it.</summary>
    /// <param name="folder">Folder of the page.</param>
    /// <param name="result">Result of the comparison.</param>
    /// <param name="picture">The first input as JPEG; null where it was no picture.</param>
    /// <param name="input">Name of the first input, or of the recording.</param>
    public static Html Compose(string folder, ComparisonResult result, byte[]? picture, string input)
    {
        // Of other weights every layer makes another thing: none is to blame, and channel against channel says nothing.
        bool isOther = result.Verdict.Kind == VerdictKind.OtherWeights;
        PairComparison[] layers = [.. result.Pairs.Where(p => p.Pair.Operator.Length > 0)
            .Select(p => isOther && p.Finding != PairFinding.Equal ? p with { Finding = PairFinding.Different, Maps = null } : p)];
        int[] faults = isOther ? [] : [.. Faults(layers, result)];
        PageCard[] cards = [.. layers.Select((pair, place) =>
            PairCard.Of(folder, pair, place) with { IsPlaced = faults.Contains(place) })];
        string title = Path.GetFileNameWithoutExtension(result.ModelB);
        var page = new Page(title, $"A against B · {input}", Html.Join(
            [ComparisonHero.Draw(result, layers, picture), result.Boxes is { } boxes ? BoxCard.Draw(boxes) : Html.Empty,
                result.Representation is { } common ? RepresentationCard.Draw(common) : Html.Empty, isOther ? Html.Empty : Depth(layers),
                AnswersCard.Draw(result.Predictions), Html.Join(faults.Select(place => cards[place].Whole)),
                PairTable.Draw(layers), AloneCard.Draw(result)]), cards)
        {
            Colormap = Colormaps.Parse("viridis"),
            Style = PageLayout.Resource("compare.css"),
            Script = PageLayout.Resource("compare.js"),
        };
        return PageLayout.Compose(page);
    }

    // Where the difference begins, and what else adds one; without any, the pair that is furthest apart.
    private static IEnumerable<int> Faults(PairComparison[] layers, ComparisonResult result)
    {
        int[] introduced = [.. Enumerable.Range(0, layers.Length).Where(i => layers[i].Finding == PairFinding.Introduced)];
        return introduced.Length > 0 ? introduced.Take(MostFaults)
            : Enumerable.Range(0, layers.Length).Where(i => layers[i].Pair == result.Maps?.Pair);
    }

    private static Html Depth(PairComparison[] layers) => layers.Length == 0 ? Html.Empty : Html.Of($"""
        <div class="card" id="depth"><header><h2>Error over depth</h2><span class="shape">‖B − A‖ / ‖A‖ at {layers.Length} tensors, logarithmic</span><span class="key"><span><i class="k line"></i>cumulative</span><span><i class="k dot"></i>local: this layer alone, on A’s values</span></span></header>
        <div class="scrolls wide" tabindex="0" role="region" aria-label="Error over depth, and both networks as strips">{DepthPlot.Draw(layers)}</div></div>
        """);
}
