using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The page above the reports of several inputs; many inputs have several pages, one after another.</summary>
internal static class OverviewPage
{
    public const int PerPage = 500;

    /// <param name="folder">Above the reports' own folders.</param>
    /// <param name="model">The file that all were made with.</param>
    /// <param name="cards">The inputs; without any there is no page.</param>
    /// <param name="survey">Over all inputs, shown on the first page; null when there was none.</param>
    public static void Write(string folder, string model, IReadOnlyList<OverviewCard> cards, SurveyRecord? survey)
    {
        OverviewCard[][] pages = [.. cards.Chunk(PerPage)];
        var pictures = new PagePictures(folder, cards.Select(card => card.Picture?.File).OfType<string>(), [],
            selfContained: pages.Length == 1);
        for (int page = 0; page < pages.Length; page++)
        {
            Html links = Links(page, pages.Length);
            Html surveyed = survey is null || page > 0 ? Html.Empty : SurveySection.Of(survey);
            Html head = Html.Of($"""{links}<div class="cards">{Html.Join(pages[page].Select(card => Link(card, pictures)))}</div>{links}{surveyed}""");
            string subtitle = pages.Length == 1 ? $"{cards.Count} inputs" : $"{cards.Count} inputs, page {page + 1} of {pages.Length}";
            PageLayout.Compose(Path.GetFileName(model), subtitle, head, [], Html.Empty).WriteTo(Path.Combine(folder, FileName(page)));
        }
    }

    private static string FileName(int page) => page == 0 ? ReportPage.FileName : $"index-{page + 1}.html";

    private static Html Links(int page, int pages) => pages == 1 ? Html.Empty : Html.Of($"""
        <p class="pages">{Html.Join(Enumerable.Range(0, pages).Select(i => i == page
            ? Html.Of($"<b>{i + 1}</b> ")
            : Html.Of($"""<a href="{FileName(i)}">{i + 1}</a> """)))}</p>
        """);

    private static Html Link(OverviewCard card, PagePictures pictures)
    {
        Html content = card.Picture is { } picture ? pictures.Figure(picture, card.Caption, card.Caption, "card")
            : Html.Of($"<p>{card.Caption}</p>");
        return Html.Of($"""<a href="{Uri.EscapeDataString(card.Subfolder)}/{ReportPage.FileName}">{content}</a>""");
    }
}

/// <summary>One input on the page above several reports. Small, because there may be thousands.</summary>
/// <param name="Subfolder">Folder of the input's report, from the overview.</param>
/// <param name="Caption">Its name, and its class where there are classes.</param>
/// <param name="Picture">From the folder above; null for tensors.</param>
internal sealed record OverviewCard(string Subfolder, string Caption, WrittenPicture? Picture)
{
    public static OverviewCard Of(string subfolder, FinishedDump dump)
    {
        string name = Path.GetFileName(dump.Input.File);
        return new OverviewCard(subfolder,
            dump.Scores is { Top: [var first, ..] } ? $"{name}: {first}" : name,
            dump.Input.Picture is { } picture ? picture with { File = $"{subfolder}/{picture.File}" } : null);
    }
}
