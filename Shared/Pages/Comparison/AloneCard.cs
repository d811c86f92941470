using CnnOnnx.Compare;

namespace CnnOnnx.Pages;

/// <summary>The card of the tensors without a partner, with reasons, and of the comparison's remarks.</summary>
internal static class AloneCard
{
    /// <summary>Draws the card; nothing where there is nothing to say.</summary>
    public static Html Draw(ComparisonResult result)
    {
        UnpairedTensor[] alone = [.. result.Unpaired.Where(u => !u.IsExplained)];
        UnpairedTensor[] explained = [.. result.Unpaired.Where(u => u.IsExplained)];
        return result.Unpaired.Count == 0 && result.Notes.Count == 0 ? Html.Empty : Html.Of($"""
            <div class="card" id="alone"><header><h2>Without a partner</h2><span class="shape">{alone.Count(u => u.InA)} of A · {alone.Count(u => !u.InA)} of B</span></header>
            {Html.Join(result.Notes.Select(note => Html.Of($"<p class=\"remark\">{note}</p>")))}
            {(alone.Length == 0 ? Html.Empty : Table(alone))}{(explained.Length == 0 ? Html.Empty : Html.Of($"""
            <details><summary>{explained.Length} that need none: folded, another view or another name</summary>{Table(explained)}</details>
            """))}</div>
            """);
    }

    private static Html Table(UnpairedTensor[] tensors) => Html.Of($"""
        <div class="scrolls" tabindex="0" role="region" aria-label="Tensors without a partner"><table class="plain"><thead><tr><th scope="col">of</th><th scope="col">tensor</th><th scope="col">reason</th></tr></thead><tbody>{Html.Join(tensors.Select(u =>
            Html.Of($"""<tr><td><span class="side-{(u.InA ? "a" : "b")}">{(u.InA ? "A" : "B")}</span></td><td>{u.Name}</td><td>{u.Reason}</td></tr>""")))}</tbody></table></div>
        """);
}
