using CnnOnnx.Compare;

namespace CnnOnnx.Pages;

/// <summary>
/// The card of a pair: its channels A, B and B − A, and how their values belong together. The maps are drawn by the page's script from
/// values in a file beside the page, which is loaded when somebody comes near; a click opens a channel in the zoom.
/// </summary>
internal static class PairCard
{
    private const string Folder = "values";

    /// <summary>Makes the card, and writes the values of its maps.</summary>
    /// <param name="folder">Folder of the page.</param>
    /// <param name="pair">The pair.</param>
    /// <param name="place">Place of the pair among all, from 0.</param>
    public static PageCard Of(string folder, PairComparison pair, int place)
    {
        string anchor = PageCard.AnchorOf(place);
        var card = new PageCard
        {
            Anchor = anchor,
            Name = pair.Pair.B,
            Op = pair.Pair.Operator,
            Note = Note(pair),
            Shape = string.Join('x', pair.Shape.Dims.ToArray()),
            Size = CompareText.Error(pair.Cumulative.RelativeError),
            Value = pair.Finding == PairFinding.Introduced ? "" : CompareText.WordsOf(pair.Finding),
            Alarm = pair.Finding == PairFinding.Introduced ? "⚠ introduced here" : "",
            Attributes = Html.Of($" data-finding=\"{CompareText.ClassOf(pair.Finding)}\""),
        };
        if (pair.Maps is not { } maps)
            return card;
        return card with
        {
            Body = Html.Of($"""{(IsVector(maps) ? Rows(maps) : Columns(maps))}<div class="side">{PairFigures.Draw(maps, pair)}</div>"""),
            Attributes = IsVector(maps) ? card.Attributes : Html.Join([card.Attributes, Values(folder, anchor, maps)]),
        };
    }

    private static bool IsVector(PairMaps maps) => maps.Height * maps.Width == 1;

    private static string Note(PairComparison pair)
    {
        string size = pair.Maps is not { } maps ? CompareText.Size(pair.Shape)
            : IsVector(maps) ? $"{maps.Channels} values" : maps.Channels == 1 ? $"{maps.Height} × {maps.Width} values"
            : $"{maps.Channels} maps of {maps.Height} × {maps.Width}";
        string differing = pair.Maps is not { } seen ? "" : seen.Differing == 0 ? " · none out of tolerance"
            : $" · {seen.Differing} out of tolerance";
        string name = pair.Pair.A == pair.Pair.B ? "" : $" · in A: {pair.Pair.A}";
        return $"{size}{differing}{name}";
    }

    private static Html Rows(PairMaps maps) => Html.Of($"""
        <div><table class="plain"><thead><tr><th scope="col">value</th><th scope="col">A</th><th scope="col">B</th><th scope="col">B − A</th></tr></thead><tbody>{Html.Join(maps.Worst.Select(m =>
            Html.Of($"<tr><td>#{m.Channel}</td>{Cell(m.A[0])}{Cell(m.B[0])}{Cell(m.B[0] - m.A[0])}</tr>")))}</tbody></table></div>
        """);

    private static Html Cell(float value) => Html.Of($"<td>{CompareText.Short(value)}</td>");

    // A channel is one button, over its three maps.
    private static Html Columns(PairMaps maps) => Html.Of($"""
        <div class="columns-of-maps"><p class="sides" aria-hidden="true"><b>A</b><b>B</b><b>B − A</b></p>{Html.Join(maps.Worst.Select(m => Html.Of($"""
        <button type="button" data-channel="{m.Channel}" aria-label="{$"channel {m.Channel}, {CompareText.Error(m.RelativeError)} apart: open A, B and their difference"}"><canvas></canvas><canvas></canvas><canvas></canvas><span>#{m.Channel}</span></button>
        """)))}<p class="legend"><span>A and B of a channel on one scale</span><span class="ends"></span></p></div>
        """);

    private static Html Values(string folder, string anchor, PairMaps maps)
    {
        string file = $"{Folder}/{anchor}.js";
        SideScript.Write(folder, file, Html.Join(new[] { ("a", maps.Worst.SelectMany(m => m.A)), ("b", maps.Worst.SelectMany(m => m.B)) }
            .Select(side => (Name: side.Item1, Values: side.Item2.ToArray()))
            .Select(side => Html.Of($"{side.Name} {side.Values.Length} {Html.Base64Of(side.Values)}\n"))));
        MapPair first = maps.Worst[0];
        return Html.Of($""" data-pair="{file}" data-size="{maps.Worst.Count} {first.Height} {first.Width}" data-true="{maps.Height} {maps.Width}" data-channels="{string.Join(' ', maps.Worst.Select(m => m.Channel))}" """);
    }
}
