using CnnOnnx.Files;
using CnnOnnx.Visualizer.Statistics;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The page above the reports of several inputs.</summary>
internal static class OverviewPage
{
    /// <param name="folder">Above the reports' own folders.</param>
    /// <param name="model">The file that all were made with.</param>
    /// <param name="cards">The inputs; without any there is no page.</param>
    /// <param name="survey">Over all inputs.</param>
    public static void Write(string folder, string model, IReadOnlyList<OverviewCard> cards, SurveyRecord survey)
    {
        if (cards.Count == 0)
            return;
        var pictures = new ReportPictures(folder, cards.Select(card => card.Picture?.File).OfType<string>(), []);
        Html head = Html.Of($"""<div class="cards">{Html.Join(cards.Select(card => Link(card, pictures)))}</div>{SurveySection.Of(survey)}""");
        AtomicFile.WriteText(Path.Combine(folder, ReportPage.FileName),
            ReportLayout.Compose(Path.GetFileName(model), $"{cards.Count} inputs", head, [], Html.Empty));
    }

    private static Html Link(OverviewCard card, ReportPictures pictures)
    {
        Html content = card.Picture is { } picture ? pictures.Figure(picture, card.Caption, card.Caption, "card") : Html.Of($"<p>{card.Caption}</p>");
        return Html.Of($"""<a href="{Uri.EscapeDataString(card.Subfolder)}/{ReportPage.FileName}">{content}</a>""");
    }
}
