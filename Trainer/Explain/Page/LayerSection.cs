using System.Globalization;
using CnnOnnx.Pages;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>One method at all its layers, from the input on; for two targets the correlation of the two maps below.</summary>
internal static class LayerSection
{
    // From here on the two maps of a layer are the same to the eye.
    private const double Same = 0.85;

    /// <summary>Makes a section for each method that has several layers; nothing where none has.</summary>
    public static Html Of(PageView view)
    {
        Explained explained = view.Explained;
        string[] methods = [.. explained.Maps.GroupBy(map => map.Map.Method)
            .Where(method => method.Select(map => map.Map.Layer).Distinct().Skip(1).Any()).Select(method => method.Key)];
        if (methods.Length > 0)
            view.Entries.Add(Html.Of($"""<li class="g"><a href="#lay0">Layer by layer</a></li>"""));
        return Html.Join(methods.Select((method, i) => Section(view, method, i)));
    }

    private static Html Section(PageView view, string method, int index)
    {
        Explained explained = view.Explained;
        string[] layers = [.. explained.Maps.Where(map => map.Map.Method == method).Select(map => map.Map.Layer).Distinct()];
        view.Entries.Add(Html.Of($"""<li class="i"><a href="#lay{index}">{MethodTitle.Of(method)}<small>{layers.Length}</small></a></li>"""));
        return Html.Of($"""
            <section id="lay{index}"><header><div><h2>{MethodTitle.Of(method)}, layer by layer</h2><span class="shape">{layers.Length} layers, from the input on</span></div></header>
            <div class="lay" style="--ar:{view.Aspect}">{Html.Join(layers.Select(layer => Column(view, method, layer)))}</div>
            </section>
            """);
    }

    private static Html Column(PageView view, string method, string layer)
    {
        Explained explained = view.Explained;
        ExplainedMap[] maps = [.. explained.Targets.Take(2).Select(target => explained.Of(target)
            .FirstOrDefault(map => map.Map.Method == method && map.Map.Layer == layer)).OfType<ExplainedMap>()];
        Html likeness = Html.Empty;
        if (view.IsPair && maps is [var first, var second])
        {
            double r = HeroSection.Likeness(explained, first, second).Correlation;
            likeness = Html.Of($"""<b class="{(r >= Same ? "w" : "")}">{(double.IsNaN(r) ? "–" : r.ToString("0.00", CultureInfo.InvariantCulture))}</b>""");
        }

        return Html.Of($"""<figure title="{layer}">{Html.Join(maps.Select((map, i) => view.Canvas(map, null, $"t{(view.IsPair ? i : 0)}", $"{method} at {layer}")))}<figcaption class="cap"><span class="name">{layer}</span><br>{(maps.Length == 0 ? "" : $"{maps[0].Map.Height} × {maps[0].Map.Width}")} {likeness}</figcaption></figure>""");
    }
}
