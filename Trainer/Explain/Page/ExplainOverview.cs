using System.Globalization;
using CnnOnnx.Pages;

namespace CnnOnnx.Trainer.Explain;

/// <summary>The page above the folders of several inputs.</summary>
internal static class ExplainOverview
{
    // More are on the page alone.
    private const int MostListed = 200;

    /// <summary>Writes the page.</summary>
    /// <param name="folder">Folder above those of the inputs.</param>
    /// <param name="model">The model.</param>
    /// <param name="entries">The inputs, in their order.</param>
    public static void Write(string folder, ExplainModelRecord model, IReadOnlyList<OverviewEntry> entries)
    {
        Html main = Html.Of($"""
            <section><header><div><h2>{entries.Count} inputs</h2></div><a href="{ScoreTable.FileName}">{ScoreTable.FileName}</a></header>
            <div class="cards">{Html.Join(entries.Select(Link))}</div></section>
            """);
        IEnumerable<Html> list = entries.Take(MostListed).Select(entry =>
            Html.Of($"""<li class="i"><a href="{Address(entry)}">{Path.GetFileName(entry.Input)}</a></li>"""));
        ExplainPage.Compose(Path.GetFileNameWithoutExtension(model.File), $"explains {entries.Count} inputs", list, main, Html.Empty)
            .WriteTo(Path.Combine(folder, ExplainFolder.Page));
    }

    private static Html Link(OverviewEntry entry) => Html.Of($"""
        <a href="{Address(entry)}"><figure><img src="{Uri.EscapeDataString(entry.Folder)}/{entry.Overlay}" alt="{entry.Caption}" loading="lazy"><figcaption class="cap">{entry.Caption}</figcaption></figure></a>
        """);

    private static string Address(OverviewEntry entry) => $"{Uri.EscapeDataString(entry.Folder)}/{ExplainFolder.Page}";
}

/// <summary>One input on the overview. Small, because there may be thousands.</summary>
/// <param name="Folder">Folder of the input, from the overview's.</param>
/// <param name="Input">Path of the input.</param>
/// <param name="Caption">Its name and its class.</param>
/// <param name="Overlay">File of the first overlay, from the input's folder.</param>
internal sealed record OverviewEntry(string Folder, string Input, string Caption, string Overlay)
{
    /// <summary>Makes the entry of an input.</summary>
    public static OverviewEntry Of(string folder, ExplainManifest manifest)
    {
        string named = manifest.Classes.Count == 0 ? manifest.Targets[0].Name
            : string.Create(CultureInfo.InvariantCulture, $"{manifest.Classes[0].Label} {manifest.Classes[0].Probability:0.00}");
        return new OverviewEntry(folder, manifest.Input, $"{Path.GetFileName(manifest.Input)}: {named}",
            manifest.Maps.Count == 0 ? "" : manifest.Maps[0].Files.Overlay);
    }
}
