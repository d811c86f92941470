using System.Globalization;
using CnnOnnx.Pages;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Lists what the maps were made with: formulas, papers, conventions, remarks, what was left out, and the files.</summary>
internal static class MethodSection
{
    public static Html Of(PageView view, ExplainManifest manifest)
    {
        view.Entries.Add(Html.Of($"""<li class="g"><a href="#how">How it was made</a></li>"""));
        IEnumerable<string> remarks = MapWords.Lines(from map in manifest.Maps from note in map.Notes select (map.Key, note, note));
        return Html.Of($"""
            <section id="how"><header><div><h2>How it was made</h2></div></header>
            <table class="tt wide"><thead><tr><th>method</th><th>formula</th><th>passes</th><th>paper</th></tr></thead>
            <tbody>{Html.Join(manifest.Methods.Select(Method))}</tbody></table>
            {List("Left out", manifest.LeftOut.Select(left => $"{left.Method}: {left.Reason}"))}
            {List("Remarks", manifest.Remarks.Concat(remarks).Distinct())}
            <dl class="made"><dt>targets</dt><dd>{Html.Join(manifest.Targets.Select(Target))}</dd>
            <dt>convention</dt><dd>{manifest.Convention.ToString()}</dd><dt>seed</dt><dd>{manifest.Seed}</dd>
            <dt>to the picture's size</dt><dd>{manifest.ResizeRule}</dd>
            <dt>input</dt><dd>{manifest.Preprocessing.ToString()}</dd><dt>model</dt><dd>SHA-256 {manifest.Model.Sha256}</dd>
            <dt>files</dt><dd>{Html.Join(manifest.Sheets.Append("maps.npz").Append(ScoreTable.FileName).Append(ExplainManifest.FileName)
                .Select(file => Html.Of($"""<a href="{file}">{file}</a> """)))}</dd></dl>
            </section>
            """);
    }

    private static Html Method(MethodRecord method) => Html.Of($"""
        <tr><th>{MethodTitle.Of(method.Name)}</th><td><code>{method.Formula}</code></td>
        <td>{method.ForwardPasses.ToString("0.#", CultureInfo.InvariantCulture)}</td><td class="note">{method.Paper}</td></tr>
        """);

    private static Html Target(TargetRecord target) => Html.Of(
        $"{target.Name}: {target.Description}{Trace(target)}");

    private static Html Trace(TargetRecord target) => target.Trace is { } trace
        ? Html.Of($" <details class=\"in\"><summary>how it was found</summary>{trace}</details>")
        : Html.Of($"<br>");

    private static Html List(string title, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        return all.Length == 0 ? Html.Empty
            : Html.Of($"""<details{(all.Length <= 4 ? new Html(" open") : Html.Empty)}><summary>{title} ({all.Length})</summary><ul>{Html.Join(all.Select(line => Html.Of($"<li>{line}</li>")))}</ul></details>""");
    }
}
