namespace CnnOnnx.Pages;

/// <summary>The page around a report's content: head, list of sections, style and script, all in one file.</summary>
internal static class PageLayout
{
    // Nothing may be loaded from anywhere but the report's own folder.
    private const string Policy =
        "default-src 'none'; img-src 'self' data: file:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'self' file:";

    private static readonly string[] Scripts = ["channels.js", "zoom.js", "report.js"];

    private static readonly (string Key, string Does)[] Keys =
    [
        ("j", "next layer, also →"),
        ("k", "layer before, also ←"),
        ("/", "find by name, operator or shape; op:conv and shape:64x56 look at one of them only"),
        ("s", "order the channels by mean, max, variance, zeros, index"),
        ("Enter", "the channels of the layer one by one, large, with their values"),
        ("← →", "there: the channel before and after, in the chosen order"),
        ("t", "light or dark"),
        ("Esc", "close, clear"),
    ];

    public static Html Compose(string title, string subtitle, Html head, IReadOnlyList<PageSection> sections, Html foot) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{Policy}">
        <title>{title}</title>
        <style>
        {Resource("report.css")}
        </style>
        </head>
        <body{(sections.Count == 0 ? new Html(" class=\"plain\"") : Html.Empty)}>
        <nav>
        <header><h1>{title}</h1><p>{subtitle}</p>
        <input type="search" id="find" placeholder="Find by name, operator or shape" aria-label="Find" autocomplete="off">
        </header>
        <label id="sort">Channels by <select aria-label="Order of the channels"><option>index<option>mean<option>max<option>variance<option>zeros</select></label>
        <ol id="list">{Html.Join(sections.Select(s => s.Entry))}</ol>
        <footer><span id="count"></span><kbd>j</kbd><kbd>k</kbd> walk <kbd>/</kbd> find <kbd>?</kbd> all keys</footer>
        </nav>
        <main>
        <div id="strip" aria-label="The network from input to output"></div>
        <noscript><p>The pictures of the layers are shown by a script, which this browser does not run.</p></noscript>
        {head}
        {Html.Join(sections.Select(s => s.Whole))}
        {foot}
        </main>
        <dialog id="zoom"></dialog>
        <dialog id="help"><h3>Keys</h3><dl>{Html.Join(Keys.Select(k => Html.Of($"<dt><kbd>{k.Key}</kbd></dt><dd>{k.Does}</dd>")))}</dl></dialog>
        <script>
        "use strict";
        {Html.Join(Scripts.Select(Resource))}
        </script>
        </body>
        </html>
        """);

    private static Html Resource(string name)
    {
        using var reader = new StreamReader(typeof(PageLayout).Assembly.GetManifestResourceStream(name)!);
        return new Html(reader.ReadToEnd());
    }
}
