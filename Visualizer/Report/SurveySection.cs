using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The survey of the channels, on the page above all inputs.</summary>
internal static class SurveySection
{
    private const int MostListed = 24;

    private static readonly string[] Titles =
        ["tensor", "op", "channels", "dead", "constant", "saturated", "duplicate", "NaN or Inf"];

    public static Html Of(SurveyRecord survey) => Html.Of($"""
        <section class="survey"><h3>Channels over all inputs</h3>
        <p>{survey.ToString()}. All channels: <a href="{ChannelSurvey.TableFileName}">{ChannelSurvey.TableFileName}</a>, <a href="{ChannelSurvey.FileName}">{ChannelSurvey.FileName}</a></p>
        {NonFinite(survey)}
        {Table(survey.Layers)}
        </section>
        """);

    private static Html NonFinite(SurveyRecord survey) => survey.FirstNonFinite is { } first
        ? Html.Of($"""<p class="alarm">NaN or infinity comes first from {first.Tensor} (tensor {first.Index}): {first.Nan.ToString()} NaN, {first.Inf.ToString()} infinite in {Path.GetFileName(first.Input)}</p>""")
        : Html.Empty;

    private static Html Table(SurveyRecord.Layer[] layers) => layers.Length == 0 ? Html.Empty : Html.Of($"""
        <table><thead><tr><th></th>{Html.Join(Titles.Select(title => Html.Of($"<th>{title}</th>")))}</tr></thead>
        <tbody>{Html.Join(layers.Select(Row))}</tbody></table>
        """);

    private static Html Row(SurveyRecord.Layer layer) => Html.Of($"""
        <tr><td>{layer.Index}</td><td class="name">{layer.Name}</td><td>{layer.Op}</td><td>{layer.Channels}</td>{Html.Join(
        new[] { layer.Dead, layer.Constant, layer.Saturated, layer.Duplicate, layer.NonFinite }
            .Select(channels => Cell(channels, layer.Channels)))}</tr>
        """);

    private static Html Cell(int[] channels, int all)
    {
        if (channels.Length == 0)
            return Html.Of($"""<td class="none">0</td>""");
        string list = string.Join(", ", channels.Take(MostListed)) + (channels.Length > MostListed ? ", …" : "");
        string share = (100.0 * channels.Length / all).ToString("0.#");
        return Html.Of($"""<td title="{list}" style="--share:{share}%">{channels.Length}</td>""");
    }
}
