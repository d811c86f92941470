using CnnOnnx.Compare;
using CnnOnnx.Pages;

namespace CnnOnnx.Visualizer.Compare;

/// <summary>The card of two networks with other weights: which layers say the same, and which channels belong together.</summary>
internal static class RepresentationCard
{
    private const int MostRows = 24;

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
            <section id="common"><header><div><h2>What the layers have in common</h2><span class="shape">centred kernel alignment over {common.Samples} inputs, {rows} × {columns} layers</span></div></header>
            <div class="cka"><figure><figcaption><b>A ↓, B →</b> input to output</figcaption><canvas data-map="cka" width="432" height="432" data-rows="{string.Join('\n', common.LayersA)}" data-columns="{string.Join('\n', common.LayersB)}"></canvas><div class="cb a"></div><p class="cap row"><span>0: nothing</span><span class="here"></span><span>1: the same up to a turn</span></p></figure>
            <div><h3>Best partners of channels</h3><table class="plain"><thead><tr><th>tensor</th><th>mean correlation</th><th>channels above 0.5</th></tr></thead><tbody>{Html.Join(common.Channels.Take(MostRows).Select(Row))}</tbody></table></div></div>
            <script type="text/plain" class="map" data-id="cka" data-size="{$"{rows} {columns}"}">{Html.Base64Of(map)}</script></section>
            """);
    }

    private static Html Row(MatchedChannels matched) => Html.Of($"""
        <tr><td>{matched.Pair.B}</td><td>{$"{matched.Mean:0.00}"}</td><td>{matched.Correlations.Count(c => c > 0.5)} of {matched.Correlations.Count}</td></tr>
        """);
}
