using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The survey of the channels, on the page above all inputs.</summary>
internal static class SurveySection
{
    private const int MostListed = 24;

    private static readonly string[] Titles =
        ["number", "layer", "op", "channels", "dead", "constant", "saturated", "duplicate", "NaN or Inf"];

    /// <param name="survey">Survey of all inputs.</param>
    /// <param name="example">Folder of the report that the layers link into.</param>
    public static Html Of(SurveyRecord survey, string example) => Html.Of($"""
        <section class="card"><header><h2>Channels over all inputs</h2></header>
        <p>{survey.ToString()}. All channels: <a href="{ChannelSurvey.TableFileName}">{ChannelSurvey.TableFileName}</a>, <a href="{ChannelSurvey.FileName}">{ChannelSurvey.FileName}</a>; layers: <a href="{LayersFile.FileName}">{LayersFile.FileName}</a>; what each channel answers to most: <a href="{LayersFile.TopFileName}">{LayersFile.TopFileName}</a></p>
        {NonFinite(survey)}
        {Table(survey.Layers, example)}
        </section>
        """);

    private static Html NonFinite(SurveyRecord survey) => survey.FirstNonFinite is { } first
        ? Html.Of($"""<p class="alarm">NaN or infinity comes first from {first.Tensor} (tensor {first.Index}): {first.Nan.ToString()} NaN, {first.Inf.ToString()} infinite in {Path.GetFileName(first.Input)}</p>""")
        : Html.Empty;

    private static Html Table(SurveyRecord.Layer[] layers, string example) => layers.Length == 0 ? Html.Empty : Html.Of($"""
        <div class="scrolls" tabindex="0" role="region" aria-label="Layers with dead, constant, saturated or duplicate channels"><table class="sorts"><thead><tr>{Html.Join(
        Titles.Select(title => Html.Of($"""<th scope="col"><button type="button">{title}</button></th>""")))}</tr></thead>
        <tbody>{Html.Join(layers.Select(layer => Row(layer, example)))}</tbody></table></div>
        """);

    private static Html Row(SurveyRecord.Layer layer, string example) => Html.Of($"""
        <tr><td>{layer.Index}</td><td><a href="{PagePictures.AddressOf(example)}/{ReportPage.FileName}#{PageCard.AnchorOf(layer.Index)}">{layer.Name}</a></td><td>{layer.Op}</td><td>{layer.Channels}</td>{Html.Join(
        new[] { layer.Dead, layer.Constant, layer.Saturated, layer.Duplicate, layer.NonFinite }
            .Select(channels => Cell(channels, layer.Channels)))}</tr>
        """);

    private static Html Cell(int[] channels, int all)
    {
        if (channels.Length == 0)
            return Html.Of($"""<td>0</td>""");
        string list = string.Join(", ", channels.Take(MostListed)) + (channels.Length > MostListed ? ", …" : "");
        string share = (100.0 * channels.Length / all).ToString("0.#");
        return Html.Of($"""<td title="{list}" style="--share:{share}%">{channels.Length}</td>""");
    }
}
