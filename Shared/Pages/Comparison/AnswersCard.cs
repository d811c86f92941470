using CnnOnnx.Compare;

namespace CnnOnnx.Pages;

/// <summary>The card of the inputs to which two classifiers give other answers, with their pictures.</summary>
internal static class AnswersCard
{
    private const int Most = 60;

    /// <summary>Draws the card; nothing where the answers are the same.</summary>
    public static Html Draw(Agreement? predictions) => predictions is not { Flips.Count: > 0 } ? Html.Empty : Html.Of($"""
        <div class="card" id="answers"><header><h2>Other answers</h2><span class="shape">{predictions.Flips.Count} of {predictions.Count} inputs</span></header>
        <ul class="flips">{Html.Join(predictions.Flips.Take(Most).Select(Flip))}</ul>{(predictions.Flips.Count > Most
            ? Html.Of($"<p class=\"note\">{predictions.Flips.Count - Most} more in compare.json</p>") : Html.Empty)}</div>
        """);

    private static Html Flip(PredictionFlip flip)
    {
        string name = flip.Name.Length > 0 ? Path.GetFileName(flip.Name) : $"input {flip.Input + 1}";
        return Html.Of($"""
            <li>{(flip.Jpeg is { } jpeg ? Html.Of($"""<img alt="" src="data:image/jpeg;base64,{Html.Base64Of(jpeg)}">""") : Html.Empty)}<span>A: {flip.LabelA}</span><span>B: {flip.LabelB}</span><small title="{flip.Name}">{name}</small></li>
            """);
    }
}
