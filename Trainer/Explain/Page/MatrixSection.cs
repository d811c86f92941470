using System.Globalization;
using CnnOnnx.Pages;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Where each target gets its score: a row a method, a column a target, and whether the map depends on the target.</summary>
internal static class MatrixSection
{
    private const string Id = "mat";

    public static Html Of(PageView view, ExplainManifest manifest)
    {
        Explained explained = view.Explained;
        ExplainedMethod[] methods = [.. explained.Methods.Where(method => explained.Maps.Any(map => map.Map.Method == method.Method.Name))];
        int place = view.Entries.Count;
        List<Html> rows = [];
        int apart = 0;
        foreach (ExplainedMethod method in methods)
        {
            TrustCheck? check = view.IsPair && view.Main(method.Method.Name, explained.Targets[0]) is { } first
                && view.Main(method.Method.Name, explained.Targets[1]) is { } second
                    ? HeroSection.ClassCheck(explained, first, second) : null;
            apart += check?.Outcome == TrustOutcome.Holds ? 1 : 0;
            rows.Add(Row(view, manifest, method, rows.Count, check));
            view.Entries.Add(Html.Of($"""<li class="i"><a href="#m{rows.Count - 1}">{MethodTitle.Of(method.Method.Name)}{Mark(check)}</a></li>"""));
        }

        view.Entries.Insert(place, Html.Of($"""<li class="g"><a href="#{Id}">Where it looks{(view.IsPair
            ? Html.Of($"<small>{apart} of {methods.Length} ✓</small>") : Html.Empty)}</a></li>"""));
        return Html.Of($"""
            <section id="{Id}"><header><div><h2>Where each target gets its score</h2></div><span class="key"><span class="chip t0 sm">for</span>{Second(view)}<span class="chip ag sm">against</span></span><label class="key">map over picture <input type="range" id="opacity" min="0" max="100" value="55"></label></header>
            <div class="mh{(view.IsPair ? " pair" : "")}"><span class="note">method, cost</span><div class="cols">{Html.Join(Heads(view))}</div>{(view.IsPair
                ? Html.Of($"""<aside class="note">does it depend on the class?</aside>""") : Html.Empty)}</div>
            {Html.Join(rows)}
            </section>
            """);
    }

    private static Html Second(PageView view) => view.IsPair ? Html.Of($"""<span class="chip t1 sm">for the second</span>""") : Html.Empty;

    private static IEnumerable<Html> Heads(PageView view)
    {
        foreach ((ExplainedTarget target, int i) in view.Shown.Select((target, i) => (target, i)))
            yield return Html.Of($"""<span class="chip t{(view.IsPair ? i : 0)}" title="{target.Target.Description}">{target.Target.Name}</span>""");
        if (view.IsPair)
            yield return Html.Of($"""<span class="dif"><span class="chip t0 bare"></span> − <span class="chip t1 bare"></span> difference</span>""");
    }

    private static Html Row(PageView view, ExplainManifest manifest, ExplainedMethod method, int index, TrustCheck? check)
    {
        Explained explained = view.Explained;
        ExplainedMap?[] maps = [.. view.Shown.Select(target => view.Main(method.Method.Name, target))];
        ExplainedMap known = maps.First(map => map is not null)!;
        List<Html> tiles = [.. maps.Select((map, i) => map is null ? Html.Of($"<figure></figure>")
            : Tile(view, manifest, map, $"t{(view.IsPair ? i : 0)}", view.Shown[i].Target.Name))];
        if (view.IsPair && maps[0] is { } first && maps[1] is { } second
            && first.Map.Layer == second.Map.Layer)
            tiles.Add(Difference(view, first, second));
        string passes = SheetPlans.Cost(method);
        string where = known.IsOfPixels ? $"{known.Map.Width} × {known.Map.Height} pixels, summed"
            : $"{known.Map.Layer}, {known.Map.Height} × {known.Map.Width}";
        return Html.Of($"""
            <div class="mr{(view.IsPair ? " pair" : "")}" id="m{index}"><div class="ml"><h3 title="{method.Method.Formula}">{MethodTitle.Of(method.Method.Name)}</h3><p class="note">{where}</p><p class="note">{passes}</p></div>
            <div class="cols" style="--ar:{view.Aspect}">{Html.Join(tiles)}</div>{(check is null ? Html.Empty : Badge(check, method))}{Html.Join(maps.OfType<ExplainedMap>()
                .SelectMany(map => map.Findings).Distinct().Select(finding => Html.Of($"""<p class="warn">{finding.ToString()}</p>""")))}</div>
            """);
    }

    private static Html Tile(PageView view, ExplainManifest manifest, ExplainedMap map, string kind, string target)
    {
        MapPlane drawn = PageView.Drawn(map);
        string file = manifest.Maps.First(record => record.Key == map.Key).Files.Overlay;
        string label = $"{map.Map.Method} of {target} at {map.Map.Layer}";
        return Html.Of($"""<figure><a href="{file}" title="{label}: {target}">{view.Canvas(map, null, kind, label)}</a><figcaption class="cap row"><span>{PageView.Range(drawn)}</span><span>{PageView.Negative(drawn)}</span></figcaption></figure>""");
    }

    private static Html Difference(PageView view, ExplainedMap first, ExplainedMap second)
    {
        MapPlane plane = PageView.Difference(first, second);
        // What is not linear in the target explains no difference.
        string dim = first.Map.Method is "guided-backprop" or "deconvnet" ? " dim" : "";
        return Html.Of($"""<figure class="{dim}">{view.Canvas(first, second, "d", $"{first.Map.Method}, the first rather than the second")}<figcaption class="cap row"><span>{PageView.Range(plane)}</span><span class="chip t1 sm" title="share of the map that speaks for the second">{Percent(plane.NegativeShare)}</span></figcaption></figure>""");
    }

    private static Html Badge(TrustCheck check, ExplainedMethod method)
    {
        (string kind, string words) = check.Outcome switch
        {
            TrustOutcome.Holds => ("ok", "✓ depends on the class"),
            TrustOutcome.Fails => ("w", "⚠ the same for both classes"),
            TrustOutcome.Partly => ("half", "◐ depends in part"),
            _ => ("half", "– nothing to compare"),
        };
        string note = check.Outcome == TrustOutcome.Fails
            ? method.Method.Name is "guided-backprop" or "deconvnet" ? "Does not explain this class. It shows what is seen, not why."
                : "Does not explain this class. Only the difference does."
            : Capital(check.Words);
        string left = Math.Clamp(100 * (check.Figure ?? 0), 0, 100).ToString("0.#", CultureInfo.InvariantCulture);
        string figure = check.Figure is { } r ? r.ToString("0.00", CultureInfo.InvariantCulture) : "–";
        return Html.Of($"""<aside><span class="badge {kind}">{words}</span><p class="note">{note}</p><div class="tr"><i style="left:{left}%" class="{kind}"></i></div><p class="cap row"><span>correlation of the two maps</span><b>{figure}</b></p></aside>""");
    }

    private static Html Mark(TrustCheck? check) => check?.Figure is not { } r ? Html.Empty
        : Html.Of($"""<small class="{(check.Outcome == TrustOutcome.Fails ? "w" : "")}">{check.Outcome switch
        {
            TrustOutcome.Holds => "✓",
            TrustOutcome.Fails => "⚠",
            _ => "◐",
        }} {r.ToString("0.00", CultureInfo.InvariantCulture).Replace('-', '−')}</small>""");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..] + ".";
}
