using System.Collections.Concurrent;
using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Pages;

/// <summary>Content of a page, and what its list and scripts need.</summary>
/// <param name="Title">Name of the model; the heading of the list.</param>
/// <param name="Subtitle">Name of the input, or what the page is about.</param>
/// <param name="Head">What stands above the cards.</param>
/// <param name="Cards">Cards, in order; without any the page has no list.</param>
internal sealed record Page(string Title, string Subtitle, Html Head, IReadOnlyList<PageCard> Cards)
{
    /// <summary>What stands below the cards.</summary>
    public Html Foot { get; init; }

    /// <summary>Links in front of the list, such as back to an overview.</summary>
    public Html Back { get; init; }

    /// <summary>Style of this page alone, behind that of all.</summary>
    public Html Style { get; init; }

    /// <summary>Script of this page alone, behind those of all.</summary>
    public Html Script { get; init; }

    /// <summary>Colours of maps; null for gray.</summary>
    public ColormapTypes? Colormap { get; init; } = ColormapTypes.Viridis;
}

/// <summary>
/// The page around a report's content: head, list of cards, style and scripts, all in one file. What the parts are:
/// <code>
/// kit.js      elements, numbers as text, data beside the page, segmented controls, tables that sort (class "sorts")
/// values.js   maps of one byte a value, and the scales that make them colours
/// tiles.js    maps as tiles on a canvas; a card with data-maps="count width height" and data-values gets them
/// weights.js  weights around zero; an element with data-weight="id" gets them
/// zoom.js     one map in three panes, at the address #card/map
/// list.js     the tree, finding, walking
/// report.js   cards that are built when they come near, addresses, keys, themes
/// overview.js one layer over all inputs
/// page.css    colours, cards, controls; phone and paper
/// </code>
/// </summary>
internal static class PageLayout
{
    private const int MostChips = 4;

    // Nothing may be loaded from anywhere but the report's own folder.
    private const string Policy =
        "default-src 'none'; img-src 'self' data: file:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'self' file:";

    private static readonly ConcurrentDictionary<string, Html> Known = new();

    private static readonly string[] Scripts =
        ["kit.js", "values.js", "tiles.js", "weights.js", "zoom.js", "list.js", "report.js", "overview.js"];

    private static readonly (string Key, string Does)[] Keys =
    [
        ("j k", "next layer, layer before"),
        ("/", "find by name, operator or shape; op:conv and shape:64x56 look at one of them only"),
        ("c", "the next scale of the colours"),
        ("s", "the next order of the maps"),
        ("Enter", "a map of the layer, large; ← → go through the maps, Esc closes"),
        ("t", "light or dark"),
        ("?", "these keys"),
    ];

    /// <summary>Makes the page.</summary>
    public static Html Compose(Page page) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{Policy}">
        <title>{page.Title} · {page.Subtitle}</title>
        <style>
        {Resource("page.css")}{page.Style}
        </style>
        </head>
        <body{(page.Cards.Count == 0 ? new Html(" class=\"plain\"") : Html.Empty)}>
        <a class="skip" href="#main">Skip to the content</a>
        <nav aria-label="Layers">
        <header><h1>{page.Title}</h1><p>{page.Subtitle}</p><p id="printed"></p>{(page.Back.Length > 0 ? Html.Of($"<div class=\"back\">{page.Back}</div>") : Html.Empty)}{(page.Cards.Count > 0 ? Html.Of($"""<button type="button" id="menu" aria-expanded="false" aria-controls="list">Layers</button>""") : Html.Empty)}</header>
        {(page.Cards.Count > 0 ? List(page.Cards) : Html.Empty)}
        </nav>
        <main id="main" tabindex="-1">
        <noscript><p class="warning">The maps are drawn by a script, which this browser does not run.</p></noscript>
        {page.Head}
        {Html.Join(page.Cards.Where(card => !card.IsPlaced).Select(card => card.Whole))}
        {page.Foot}
        </main>
        <div id="peek" hidden></div>
        <dialog id="zoom" aria-label="One map, enlarged"></dialog>
        <dialog id="help" aria-label="Keys"><h2>Keys</h2><dl>{Html.Join(Keys.Select(k => Html.Of($"<dt><kbd>{k.Key}</kbd></dt><dd>{k.Does}</dd>")))}</dl><p><label><input type="checkbox" id="nokeys"> switch the letter keys off</label></p><p><button type="button" class="link close">Close</button></p></dialog>
        {Colours(page.Colormap)}
        <script>
        "use strict";
        {Html.Join(Scripts.Select(Resource))}{page.Script}
        </script>
        </body>
        </html>
        """);

    /// <summary>One of the scripts, for a page of another layout.</summary>
    /// <param name="name">Name of its file, such as kit.js.</param>
    public static Html Script(string name) => Resource(name);

    private static Html List(IReadOnlyList<PageCard> cards) => Html.Of($"""
        <input type="search" id="find" placeholder="Find a layer" aria-label="Find a layer by name, operator or shape" autocomplete="off">
        {Chips(cards)}
        <div id="list" tabindex="-1">{NameTree.Draw(cards)}</div>
        <footer><span id="count" role="status"></span><button type="button" class="link" id="themes">light or dark</button><button type="button" class="link" id="keys">keys</button></footer>
        """);

    // The most frequent operators, and how much is not shown.
    private static Html Chips(IReadOnlyList<PageCard> cards)
    {
        int plumbing = cards.Count(card => card.IsPlumbing);
        IEnumerable<Html> chips = cards.Where(card => !card.IsPlumbing && card.Op.Length > 0).GroupBy(card => card.Op)
            .OrderByDescending(group => group.Count()).Take(MostChips)
            .Select(group => Html.Of($"""<button type="button" aria-pressed="false" data-op="{group.Key}">{group.Key} {PageText.Count(group.Count())}</button>"""));
        string hidden = $"plumbing {PageText.Count(plumbing)}";
        return Html.Of($"""
            <div class="chips" role="group" aria-label="Show only">{Html.Join(chips)}{(plumbing == 0 ? Html.Empty
                : Html.Of($"""<button type="button" aria-pressed="false" data-text="{hidden}">{hidden} hidden</button>"""))}</div>
            """);
    }

    // Red, green and blue in hexadecimal: of maps, and of values around zero on either ground.
    private static Html Colours(ColormapTypes? colormap) => Html.Of($"""
        <div id="colours" hidden data-maps="{Hex(Palette.Of(colormap).Bgr)}" data-light="{Hex(DivergingColours.Bgr(PictureTheme.Light))}" data-dark="{Hex(DivergingColours.Bgr(PictureTheme.Dark))}"></div>
        """);

    private static string Hex(byte[] bgr) => Convert.ToHexStringLower([.. bgr.Chunk(3).SelectMany(colour => colour.Reverse())]);

    /// <summary>A style or script; the same for every page of a run.</summary>
    internal static Html Resource(string name) => Known.GetOrAdd(name, Read);

    private static Html Read(string name)
    {
        using var reader = new StreamReader(typeof(PageLayout).Assembly.GetManifestResourceStream(name)!);
        return new Html(reader.ReadToEnd());
    }
}
