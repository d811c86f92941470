using CnnOnnx.Pages;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>How far to trust it: what --check has found, or what it would check.</summary>
internal static class TrustSection
{
    public static Html Of(PageView view)
    {
        Explained explained = view.Explained;
        view.Entries.Add(Html.Of($"""<li class="g"><a href="#trust">How far to trust this</a></li>"""));
        if (explained.Trust.Count == 0)
            return Html.Of($"""
                <section id="trust"><header><div><h2>How far to trust this</h2></div></header>
                <p class="note">Not checked. <code>--check</code> compares TorchSharp with ONNX Runtime tensor by tensor, gradients with differences, the sum of integrated gradients with what it has to reach, and every map with that of another class and of random weights.</p></section>
                """);
        return Html.Of($"""
            <section id="trust"><header><div><h2>How far to trust this</h2></div></header>
            {Html.Join(explained.Trust.Select((trust, i) => Report(explained.Targets[i], trust)))}
            </section>
            """);
    }

    private static Html Report(ExplainedTarget target, TrustReport trust) => Html.Of($"""
        <div class="vd"><div><h3>{target.Target.Name}</h3><p class="verdict">{trust.Verdict}</p>
        <ul class="vl">{Html.Join(trust.Model.Select(check => Html.Of($"<li>{Badge(check.Outcome)} <b>{check.Name}</b><br><span class=\"note\">{check.Words}</span></li>")))}</ul></div>
        <table class="tt"><thead><tr><th>map</th><th>another class</th><th>random classifier</th><th>random weights</th></tr></thead><tbody>{Html.Join(trust.Maps.Select(Row))}</tbody></table></div>
        """);

    private static Html Row(MapTrust map)
    {
        TrustCheck?[] classes = [map.Checks.FirstOrDefault(check => check.Name == "depends on the class")];
        TrustCheck?[] weights = [.. map.Checks.Where(check => check.Name == "depends on the weights")];
        TrustCheck?[] cells = [.. classes, weights.ElementAtOrDefault(0), weights.ElementAtOrDefault(1)];
        Html found = Html.Join(cells.Select(Cell));
        return Html.Of($"<tr><th>{MethodTitle.Of(map.Map.Method)}<br><small>{map.Map.Layer}</small></th>{found}</tr>");
    }

    private static Html Cell(TrustCheck? check) => check is null ? Html.Of($"<td></td>")
        : Html.Of($"""<td title="{check.Words}">{Badge(check.Outcome)} {check.Figure?.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture) ?? ""}</td>""");

    private static Html Badge(TrustOutcome outcome) => outcome switch
    {
        TrustOutcome.Holds => Html.Of($"""<span class="badge ok">✓</span>"""),
        TrustOutcome.Fails => Html.Of($"""<span class="badge w">⚠</span>"""),
        TrustOutcome.Partly => Html.Of($"""<span class="badge">◐</span>"""),
        _ => Html.Of($"""<span class="badge">–</span>"""),
    };
}
