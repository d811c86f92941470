namespace CnnOnnx.Visualizer.Report;

/// <summary>The page around a report's content: head, list of sections, style and script, all in one file.</summary>
internal static class ReportLayout
{
    // Nothing may be loaded from anywhere but the report's own folder.
    private const string Policy = "default-src 'none'; img-src 'self' data: file:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    public static string Compose(string title, string subtitle, Html head, IReadOnlyList<ReportSection> sections, Html foot) => Html.Of($"""
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
        <ol id="list">{Html.Join(sections.Select(s => s.Entry))}</ol>
        <footer><span id="count"></span><kbd>j</kbd><kbd>k</kbd> walk <kbd>/</kbd> find <kbd>t</kbd> theme</footer>
        </nav>
        <main>
        {head}
        {Html.Join(sections.Select(s => s.Whole))}
        {foot}
        </main>
        <dialog id="zoom"><img alt=""></dialog>
        <script>
        {Resource("report.js")}
        </script>
        </body>
        </html>
        """).Text;

    private static Html Resource(string name)
    {
        using var reader = new StreamReader(typeof(ReportLayout).Assembly.GetManifestResourceStream(name)!);
        return new Html(reader.ReadToEnd());
    }
}
