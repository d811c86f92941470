using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The report of one dump: index.html.</summary>
internal static class ReportPage
{
    public const string FileName = "index.html";

    /// <param name="folder">Folder of the dump.</param>
    /// <param name="manifest">The dump's manifest.</param>
    /// <param name="facts">What the manifest does not say.</param>
    public static void Write(string folder, DumpManifest manifest, ReportFacts facts)
    {
        var pictures = facts.SelfContained ? new PagePictures(folder) : new PagePictures(folder, room: 0);
        var numbers = new ReportNumbers(folder);
        var cards = new LayerCards(manifest, facts, numbers);
        string model = Path.GetFileName(manifest.Model.File);
        var page = new Page(model, Path.GetFileName(manifest.Input.File),
            Html.Join([ReportHero.Draw(manifest, facts, pictures), HeadSection.Draw(manifest, pictures), Flow(manifest, pictures)]),
            [.. manifest.Tensors.Select(cards.Of)])
        {
            Foot = Html.Join([Missing(manifest), cards.Weights]),
            Back = facts.Root.Length == 0 ? Html.Empty
                : Html.Of($"""<a href="{facts.Root}{FileName}">all inputs</a><span id="neighbours" data-root="{facts.Root}" data-own="{Own(folder, facts)}"></span>"""),
            Colormap = Colormaps.Parse(manifest.Tensors is [var first, ..] ? first.Scale.Colormap : "viridis"),
        };
        PageLayout.Compose(page).WriteTo(Path.Combine(folder, FileName));
    }

    private static string Own(string folder, ReportFacts facts) =>
        Path.GetRelativePath(Path.Combine(folder, facts.Root), folder).Replace('\\', '/');

    private static Html Flow(DumpManifest manifest, PagePictures pictures)
    {
        List<int> places = FlowStages.Of([.. manifest.Tensors.Select(t => t.Pca is null ? null : t.Maps)],
            (manifest.Preprocessing?.Height ?? 0, manifest.Preprocessing?.Width ?? 0));
        TensorRecord[] stages = [.. places.Select(place => manifest.Tensors[place])];
        return stages.Length < 2 ? Html.Empty : Html.Of($"""
            <ol class="flow" aria-label="The network from input to output, one picture a resolution">{Html.Join(stages.Select(stage => Stage(stage, pictures)))}</ol>
            """);
    }

    // Smaller where the network sees less.
    private static Html Stage(TensorRecord stage, PagePictures pictures)
    {
        MapsRecord maps = stage.Maps!;
        int larger = Math.Max(maps.Height, maps.Width);
        int side = larger >= 100 ? 96 : larger >= 48 ? 84 : larger >= 20 ? 68 : 52;
        (int width, int height) = maps.Width >= maps.Height
            ? (side, Math.Max(12, side * maps.Height / maps.Width))
            : (Math.Max(12, side * maps.Width / maps.Height), side);
        string name = string.Join('/', NameTree.PartsOf(stage.Name).Take(2));
        return Html.Of($"""
            <li><a href="#{PageCard.AnchorOf(stage.Index)}" title="{stage.Name}: all channels in one picture"><img src="{pictures.Embedded(stage.Pca!.File)}" width="{width}" height="{height}" alt=""><span>{name}</span><span>{PageText.Count(maps.Count)} · {PageText.Side(maps.Height, maps.Width)}</span></a></li>
            """);
    }

    private static Html Missing(DumpManifest manifest)
    {
        string[] lines = [.. manifest.Skipped.Select(s => $"{s.Name} {s.Reason}"),
            .. manifest.LeftOut.Select(l => $"{l.Value} left out: {l.Key}")];
        return lines.Length == 0 ? Html.Empty : Html.Of($"""
            <div class="card"><header><h2>Not shown</h2></header><ul>{Html.Join(lines.Select(line => Html.Of($"<li>{line}</li>")))}</ul></div>
            """);
    }
}

/// <summary>What a report needs beside its manifest.</summary>
/// <param name="Labels">Names of the classes; null when nobody knows them.</param>
/// <param name="WeightsBehind">Tensor → node whose weights made its maps.</param>
/// <param name="SelfContained">True to put the pictures that are seen first into the page itself.</param>
/// <param name="Root">Path from the report to the page above it, such as ../; empty where there is none.</param>
/// <param name="ValuesRoom">Bytes that the values of maps may take.</param>
/// <param name="Fields">What of the input a place of a map is computed from.</param>
internal sealed record ReportFacts(IReadOnlyList<string>? Labels, IReadOnlyDictionary<string, string> WeightsBehind, bool SelfContained,
    string Root, long ValuesRoom, HoverFields Fields);
