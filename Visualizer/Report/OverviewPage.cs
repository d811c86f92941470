using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The page above the reports of several inputs; many inputs have several pages, one after another.</summary>
internal static class OverviewPage
{
    public const int PerPage = 500;

    // Read by each report for its neighbours.
    private const string NeighboursFile = "inputs.js";

    /// <param name="folder">Folder of the reports' own folders.</param>
    /// <param name="model">The file that all were made with.</param>
    /// <param name="run">The inputs, and how the run ended. Where none could be used the page has only their faults.</param>
    /// <param name="survey">Over all inputs, shown on the first page; null when there was none.</param>
    public static void Write(string folder, string model, OverviewRun run, SurveyRecord? survey)
    {
        SideScript.Write(folder, NeighboursFile, Html.Join(run.Cards.Select(card => Html.Of($"{card.Subfolder}\n"))));
        OverviewCard[][] pages = run.Cards.Count == 0 ? [[]] : [.. run.Cards.Chunk(PerPage)];
        for (int page = 0; page < pages.Length; page++)
        {
            Html links = Links(page, pages.Length);
            Html surveyed = survey is null || page > 0 ? Html.Empty : SurveySection.Of(survey, run.Cards[0].Subfolder);
            Html inputs = Html.Join([.. pages[page].Select(Link), .. page == 0 ? Faults(run) : []]);
            Html head = Html.Of($"""{Ending(run)}{Toolbar(run)}{links}<div class="inputs">{inputs}</div>{links}{surveyed}""");
            string subtitle = run.Cards.Count == 0 ? $"none of {Count(run.AllFaults)}"
                : pages.Length == 1 ? Count(run.Cards.Count) : $"{Count(run.Cards.Count)}, page {page + 1} of {pages.Length}";
            PageLayout.Compose(new Page(Path.GetFileName(model), subtitle, head, [])).WriteTo(Path.Combine(folder, FileName(page)));
        }
    }

    private static string Count(int inputs) => inputs == 1 ? "1 input" : $"{PageText.Count(inputs)} inputs";

    private static string FileName(int page) => page == 0 ? ReportPage.FileName : $"index-{page + 1}.html";

    private static Html Ending(OverviewRun run) => run switch
    {
        { IsWhole: false } => Html.Of(
            $"""<p class="warning">This run did not come to its end: it was stopped or failed after {Count(run.Cards.Count + run.AllFaults)} of {PageText.Count(run.Expected)}. What is here is whole.</p>"""),
        { Cards.Count: 0 } => Html.Of(
            $"""<p class="warning">None of {Count(run.AllFaults)} could be used, so there is nothing to show. This is why:</p>"""),
        { AllFaults: > 0 } => Html.Of($"""<p class="warning">{Count(run.AllFaults)} of {PageText.Count(run.Cards.Count + run.AllFaults)} could not be used.</p>"""),
        _ => Html.Empty,
    };

    // One layer over all inputs, side by side.
    private static Html Toolbar(OverviewRun run) => run.Layers.Count == 0 ? Html.Empty : Html.Of($"""
        <p class="toolbar"><label>One layer over all inputs: <select id="across"><option value="">none</option>{Html.Join(run.Layers.Select(layer => Html.Of(
        $"""<option value="{layer.Index} {layer.File}">{layer.Name}</option>""")))}</select></label></p>
        """);

    private static Html Links(int page, int pages) => pages == 1 ? Html.Empty : Html.Of($"""
        <p class="toolbar">{Html.Join(Enumerable.Range(0, pages).Select(i => i == page
            ? Html.Of($"<b>{i + 1}</b> ")
            : Html.Of($"""<a href="{FileName(i)}">{i + 1}</a> """)))}</p>
        """);

    private static Html Link(OverviewCard card)
    {
        Html folder = PagePictures.AddressOf(card.Subfolder);
        Html picture = card.Picture is { } file
            ? Html.Of($"""<img src="{PagePictures.AddressOf(file.File)}" width="{file.Width}" height="{file.Height}" alt="" loading="lazy" decoding="async">""") : Html.Empty;
        return Html.Of($"""
            <a class="input" href="{folder}/{ReportPage.FileName}" data-folder="{folder}"><div class="pictures">{picture}<img class="across" alt="" hidden></div><b>{card.Answer ?? card.Name}</b>{(card.Answer is null ? Html.Empty : Html.Of($"<span>{card.Name}</span>"))}</a>
            """);
    }

    private static IEnumerable<Html> Faults(OverviewRun run)
    {
        foreach ((string Input, string Fault) fault in run.Faults)
            yield return Fault(fault);
        if (run.AllFaults > run.Faults.Count)
            yield return Html.Of($"""<div class="input">and {PageText.Count(run.AllFaults - run.Faults.Count)} more; <code>--json</code> lists all</div>""");
    }

    private static Html Fault((string Input, string Fault) fault) =>
        Html.Of($"""<div class="input"><b class="alarm">{Path.GetFileName(fault.Input)}</b> {fault.Fault}</div>""");
}

/// <summary>What the page above several reports tells.</summary>
/// <param name="Cards">Inputs that are done.</param>
/// <param name="Faults">Inputs that could not be used, and why; the first ones of them.</param>
/// <param name="AllFaults">Number of inputs that could not be used.</param>
/// <param name="Expected">Number of inputs that were given.</param>
/// <param name="IsWhole">False when the run was stopped or failed.</param>
/// <param name="Layers">Layers with a picture in every input's folder: index, name, file.</param>
internal sealed record OverviewRun(
    IReadOnlyList<OverviewCard> Cards, IReadOnlyList<(string Input, string Fault)> Faults, int AllFaults, long Expected, bool IsWhole,
    IReadOnlyList<(int Index, string Name, string File)> Layers);

/// <summary>One input on the page above several reports. Small, because there may be thousands.</summary>
/// <param name="Subfolder">Folder of the input's report, from the overview.</param>
/// <param name="Name">Name of the input.</param>
/// <param name="Answer">Its class; null where there are no classes.</param>
/// <param name="Picture">From the folder above; null for tensors.</param>
internal sealed record OverviewCard(string Subfolder, string Name, string? Answer, WrittenPicture? Picture)
{
    public static OverviewCard Of(string subfolder, FinishedDump dump) => new(
        subfolder.Replace('\\', '/'), Path.GetFileName(dump.Input.File),
        dump.Scores is { Top: [var first, ..] } ? first.Label is { } label && first.Probability is { } share
            ? $"{label} {PageText.Percent(share)}" : first.ToString() : null,
        dump.Input.Picture is { } picture ? picture with { File = $"{subfolder}/{picture.File}" } : null);
}
