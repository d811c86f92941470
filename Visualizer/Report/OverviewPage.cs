using CnnOnnx.Files;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The page above the reports of several inputs.</summary>
internal static class OverviewPage
{
    /// <param name="folder">Above the reports' own folders.</param>
    /// <param name="pages">Name of each folder, and what is in it.</param>
    public static void Write(string folder, IReadOnlyList<(string Subfolder, DumpManifest Manifest)> pages)
    {
        if (pages.Count == 0)
            return;
        var pictures = new ReportPictures(folder);
        Html cards = Html.Join(pages.Select(page => Card(page.Subfolder, page.Manifest, pictures)));
        AtomicFile.WriteText(Path.Combine(folder, ReportPage.FileName), ReportLayout.Compose(
            Path.GetFileName(pages[0].Manifest.Model.File), $"{pages.Count} inputs", Html.Of($"""<div class="cards">{cards}</div>"""), [], Html.Empty));
    }

    private static Html Card(string subfolder, DumpManifest manifest, ReportPictures pictures)
    {
        string name = Path.GetFileName(manifest.Input.File);
        string caption = manifest.Scores is { Top: [var first, ..] } ? $"{name}: {first.Label} {first.Probability:0.0 %}" : name;
        Html picture = manifest.Input.Picture is { } input
            ? pictures.Figure(input with { File = $"{subfolder}/{input.File}" }, name, caption, "card")
            : Html.Of($"<p>{caption}</p>");
        return Html.Of($"""<a href="{Uri.EscapeDataString(subfolder)}/index.html">{picture}</a>""");
    }
}
