using System.Globalization;
using System.Text;
using CnnOnnx.Compare;
using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Pages;

/// <summary>The card of two networks with other weights: which layers say the same, and which channels belong together.</summary>
internal static class RepresentationCard
{
    private const int MostRows = 32, MostNamed = 28, Steps = 32, Side = 420, Letters = 15;

    // A partner that correlates less shares less than a quarter of its variance.
    private const double Partner = 0.5;

    /// <summary>Draws the card.</summary>
    public static Html Draw(RepresentationResult common)
    {
        int rows = common.LayersA.Count, columns = common.LayersB.Count;
        byte[] map = new byte[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                map[i * columns + j] = double.IsNaN(common.Alignment[i, j]) ? (byte)0
                    : (byte)Math.Clamp(255 * common.Alignment[i, j], 0, 255);
        return Html.Of($"""
            <div class="card" id="common"><header><h2>What the layers have in common</h2><span class="shape">centred kernel alignment over {common.Samples} inputs, {rows} × {columns} layers</span></header>
            <div class="cka"><figure class="heat" data-rows="{string.Join('\n', common.LayersA)}" data-columns="{string.Join('\n', common.LayersB)}" data-values="{Html.Base64Of(map)}">{Map(common, map)}<p class="bar"><span>0: nothing</span><i class="ramp"></i><span>1: the same up to a turn</span></p><output>point at two layers</output></figure>
            <div class="scrolls" tabindex="0" role="region" aria-label="Channels and their best partners"><table class="plain"><caption>Best partners of channels, each once</caption><thead><tr><th scope="col">tensor</th><th scope="col">mean correlation</th><th scope="col">above {Partner.ToString(CultureInfo.InvariantCulture)}</th><th scope="col">dead A · B</th><th scope="col">zeros A · B</th></tr></thead><tbody>{Html.Join(common.Channels.Take(MostRows).Select(Row))}</tbody></table>{(common.Channels.Count > MostRows
                ? Html.Of($"<p class=\"note\">{common.Channels.Count - MostRows} more in compare.json</p>") : Html.Empty)}</div></div></div>
            """);
    }

    // Cells of one shade are one path: a hundred layers by a hundred are ten thousand cells.
    private static Html Map(RepresentationResult common, byte[] map)
    {
        int rows = common.LayersA.Count, columns = common.LayersB.Count;
        bool isNamed = rows <= MostNamed && columns <= MostNamed;
        double width = (double)Side / columns, height = (double)Side / rows, left = isNamed ? 96 : 18, below = isNamed ? 96 : 18;
        var paths = new StringBuilder[Steps];
        for (int i = 0; i < map.Length; i++)
            (paths[map[i] * Steps / 256] ??= new StringBuilder()).Append(CultureInfo.InvariantCulture,
                $"M{left + i % columns * width:0.##} {i / columns * height:0.##}h{width:0.##}v{height:0.##}h{-width:0.##}z");
        byte[] colours = Palette.Of(ColormapTypes.Viridis).Bgr;
        var svg = new StringBuilder();
        for (int step = 0; step < Steps; step++)
            if (paths[step] is { } path)
            {
                int shade = 3 * (step * 255 / (Steps - 1));
                svg.Append($"<path fill='#{colours[shade + 2]:x2}{colours[shade + 1]:x2}{colours[shade]:x2}' d='{path}'/>");
            }

        void Name(double x, double y, string text, string more) => svg.Append(CultureInfo.InvariantCulture,
            $"<text x='{x:0.#}' y='{y:0.#}' {more}>{System.Net.WebUtility.HtmlEncode(text)}</text>");
        for (int i = 0; isNamed && i < rows; i++)
            Name(left - 6, (i + 0.5) * height + 4, Short(common.LayersA[i]), "text-anchor='end'");
        for (int j = 0; isNamed && j < columns; j++)
        {
            double x = left + (j + 0.5) * width + 4;
            Name(x, Side + 6, Short(common.LayersB[j]),
                string.Create(CultureInfo.InvariantCulture, $"text-anchor='end' transform='rotate(-90 {x:0.#} {Side + 6})'"));
        }

        Name(2, 12, "A ↓", "class='axis'");
        Name(2, Side + 14, "B →", "class='axis'");
        return Html.Of($"""
            <svg viewBox="0 0 {(int)(Side + left)} {(int)(Side + below)}" role="img" aria-label="alignment of every layer of A with every layer of B" data-left="{(int)left}" data-side="{Side}">{new Html(svg.ToString())}</svg>
            """);
    }

    private static string Short(string name) => name.Length <= Letters ? name : $"…{name[^(Letters - 1)..]}";

    private static Html Row(MatchedChannels matched) => Html.Of($"""
        <tr><td>{matched.Pair.B}</td><td>{$"{matched.Mean:0.00}"}</td><td>{matched.Correlations.Count(c => c > Partner)} of {matched.Correlations.Count}</td><td>{matched.Dead.A} · {matched.Dead.B}</td><td>{PageText.Percent(matched.Zeros.A)} · {PageText.Percent(matched.Zeros.B)}</td></tr>
        """);
}
