using CnnOnnx.Pages;

namespace CnnOnnx.Trainer.Explain;

/// <summary>
/// The page of one explained input: the answer, where each target gets its score and whether that depends on the target, layer by layer,
/// how far to trust it, and what it was made with. One file that opens from disk.
/// </summary>
internal static class ExplainPage
{
    // Nothing may be loaded from anywhere but the page's own folder.
    private const string Policy =
        "default-src 'none'; img-src 'self' data: file:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'self' file:";

    /// <summary>Writes the page.</summary>
    /// <param name="path">File of the page.</param>
    /// <param name="explained">The input and its maps.</param>
    /// <param name="manifest">Content of manifest.json, with the names of files.</param>
    public static void Write(string path, Explained explained, ExplainManifest manifest)
    {
        var view = new PageView(explained, Path.GetDirectoryName(path)!);
        Html[] sections = [HeroSection.Of(view, manifest), MatrixSection.Of(view, manifest), LayerSection.Of(view), ChannelSection.Of(view),
            TrustSection.Of(view), MethodSection.Of(view, manifest)];
        Compose(Path.GetFileNameWithoutExtension(manifest.Model.File), $"explains {Path.GetFileName(explained.Path)}", view.Entries,
            Html.Join(sections), view.Data, Html.Of($" style=\"--ar:{view.Aspect}\"")).WriteTo(path);
    }

    /// <summary>Makes a page of parts.</summary>
    /// <param name="title">Heading of the list.</param>
    /// <param name="subtitle">Line below it.</param>
    /// <param name="entries">Entries of the list.</param>
    /// <param name="main">Content.</param>
    /// <param name="data">Scripts that hold the maps; empty for none.</param>
    /// <param name="ratio">Attribute that tells width and height of the input; empty for none.</param>
    public static Html Compose(string title, string subtitle, IEnumerable<Html> entries, Html main, Html data,
        Html ratio = default) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{Policy}">
        <title>{title} {subtitle}</title>
        <style>
        {Resource("explain.css")}
        </style>
        </head>
        <body>
        <nav aria-label="Parts of this page"><h1>{title}</h1><p>{subtitle}</p><ol>{Html.Join(entries)}</ol></nav>
        <main>
        <noscript><p class="note">The maps are drawn by a script, which this browser does not run; overlays/ has them as files.</p></noscript>
        {main}
        </main>
        <div id="peek" role="status" hidden></div>
        <dialog id="zoom" aria-label="One map, enlarged"{ratio}></dialog>
        {data}
        <script>
        "use strict";
        {PageLayout.Script("kit.js")}
        {PageLayout.Script("values.js")}
        {new Html("{")}
        {Resource("explain.js")}
        {Resource("explain-zoom.js")}
        {new Html("}")}
        </script>
        </body>
        </html>
        """);

    private static Html Resource(string name)
    {
        using var reader = new StreamReader(typeof(ExplainPage).Assembly.GetManifestResourceStream(name)!);
        return new Html(reader.ReadToEnd());
    }
}
