using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The report of one dump: index.html.</summary>
internal static class ReportPage
{
    public const string FileName = "index.html";

    /// <param name="folder">Folder of the dump.</param>
    /// <param name="manifest">The dump's manifest.</param>
    /// <param name="selfContained">True to put the pictures into the page itself, as far as there is room.</param>
    public static void Write(string folder, DumpManifest manifest, bool selfContained)
    {
        var pictures = new PagePictures(folder, Maps(manifest), manifest.Kernels.Select(k => k.File), selfContained);
        var values = new ReportValues(folder, pictures);
        var numbers = new ReportNumbers(folder);
        Html head = Head(manifest, pictures);
        ILookup<string, KernelRecord> kernels = manifest.Kernels.ToLookup(k => k.Node);
        PageSection[] sections = [.. manifest.Tensors.Select(t => Section(t, kernels[t.Node], pictures, values, numbers))];
        string model = Path.GetFileName(manifest.Model.File);
        PageLayout.Compose(model, Path.GetFileName(manifest.Input.File), head, sections, Foot(manifest))
            .WriteTo(Path.Combine(folder, FileName));
    }

    private static IEnumerable<string> Maps(DumpManifest manifest) => new[] { manifest.Input.Picture, manifest.Input.NetworkPicture }
        .Concat(manifest.Tensors.Select(t => t.Picture)).OfType<WrittenPicture>().Select(picture => picture.File)
        .Concat(manifest.Tensors.Select(t => t.Pca?.File).OfType<string>());

    private static Html Head(DumpManifest manifest, PagePictures pictures) => Html.Of($"""
        <section class="summary">
        <div class="inputs">{Input(manifest.Input, pictures)}</div>
        <div>
        {Scores(manifest.Scores)}
        <dl class="about">{Html.Join(About(manifest).Select(f => Html.Of($"<dt>{f.Label}</dt><dd>{f.Value}</dd>")))}</dl>
        </div>
        </section>
        """);

    private static Html Input(InputRecord input, PagePictures pictures) => input is { Picture: { } picture, NetworkPicture: { } seen }
        ? Html.Join(
        [
            pictures.Figure(picture, "The input", $"{Path.GetFileName(input.File)}, {input.Width}x{input.Height}", "input"),
            pictures.Figure(seen, "The input as the network sees it", $"as the network sees it, {seen.Width}x{seen.Height}", "input seen"),
        ])
        : Html.Of($"<p>{Path.GetFileName(input.File)}</p>");

    private static Html Scores(ClassScores? scores) => scores is null ? Html.Empty : Html.Of($"""
        <h3>{(scores.Names is null ? "Largest outputs" : "Classes")}</h3>
        <ol class="scores" title="from {scores.Tensor}, {scores.Applied} applied">{Html.Join(scores.Top.Select(Score))}</ol>
        """);

    private static Html Score(ClassScore score)
    {
        string percent = score.Probability?.ToString("0.0 %") ?? Numbers.Short(score.Value);
        string width = (100 * Math.Clamp(score.Probability ?? 0, 0, 1)).ToString("0.##");
        string name = score.Label ?? $"output {score.Index}";
        return Html.Of($"""<li><span>{name}</span><div><div style="width:{width}%"></div></div><b>{percent}</b></li>""");
    }

    private static IEnumerable<PageFact> About(DumpManifest manifest)
    {
        yield return new("input", Shape(manifest.Input.Shape));
        if (manifest.Preprocessing is { } spec)
            yield return new("preprocessing", $"{spec} ({manifest.PreprocessingSource})");
        if (manifest.Scores?.Names is { } names)
            yield return new("class names", names);
        yield return new("device", $"{manifest.Device}, {manifest.RunMilliseconds:0.#} ms");
        yield return new("optimisation", $"{manifest.Optimization.ToString().ToLowerInvariant()}; {Difference(manifest)}");
        yield return new("model", $"{(manifest.Model.Producer.Length > 0 ? manifest.Model.Producer + ", " : "")}"
            + $"opset {manifest.Model.Opset}, SHA-256 {manifest.Model.Sha256[..16]}…");
        if (manifest.Tensors is [{ Scale: var scale }, ..])
            yield return new("colours", $"{scale.Colormap}, scale {scale.Mode.ToString().ToLowerInvariant()}");
        foreach (string remark in manifest.Remarks)
            yield return new("note", remark);
    }

    private static string Difference(DumpManifest manifest) => manifest.ExposureDifference.Count == 0
        ? "no final output to compare"
        : $"final outputs differ from the plain model's by {Numbers.Short(manifest.ExposureDifference.Max(d => d.Largest))}";

    private static PageSection Section(
        TensorRecord tensor, IEnumerable<KernelRecord> kernels, PagePictures pictures, ReportValues values, ReportNumbers numbers)
    {
        string anchor = PageSection.AnchorOf(tensor.Index);
        Html maps = tensor.Picture is { } picture ? pictures.Figure(picture, tensor.Name, "", "maps", values.Of(anchor, tensor, picture))
            : Html.Empty;
        IEnumerable<Html> weights = kernels.Select(k => pictures.Figure(new WrittenPicture(k.File, k.Width, k.Height, k.Tiles), k.Name,
            $"{k.Name}{(k.Quantized ? ", dequantised" : "")}: {Numbers.Short(k.Min)} to {Numbers.Short(k.Max)}, "
            + $"mean {Numbers.Short(k.Mean)}", "kernel"));
        Html side = Html.Join([HistogramPicture.Draw(tensor.Histogram, tensor.Percentiles), Percentiles(tensor), Pca(tensor, pictures),
            .. weights]);
        return new PageSection(tensor.Index, tensor.Name, tensor.Op, Shape(tensor.Shape), [.. Facts(tensor)],
            Html.Of($"{maps}<aside>{side}</aside>"), numbers.Of(anchor, tensor.ByChannel));
    }

    private static Html Percentiles(TensorRecord tensor) => tensor.Histogram is null ? Html.Empty : Html.Of($"""
        <dl class="percentiles">{Html.Join(TensorNumbers.Percentages.Zip(tensor.Percentiles,
            (percentage, value) => Html.Of($"<div><dt>{percentage.ToString()} %</dt><dd>{Numbers.Short(value)}</dd></div>")))}</dl>
        """);

    private static Html Pca(TensorRecord tensor, PagePictures pictures) => tensor.Pca is not { } pca ? Html.Empty
        : pictures.Figure(new WrittenPicture(pca.File, pca.Width, pca.Height), "All channels in one picture",
            "all channels in three principal components: "
            + $"{string.Join(", ", pca.Explained.Select(share => share.ToString("0\u00a0%")))} of the variance", "pca");

    private static IEnumerable<PageFact> Facts(TensorRecord tensor)
    {
        yield return new("min", Numbers.Short(tensor.Min));
        yield return new("max", Numbers.Short(tensor.Max));
        yield return new("mean", Numbers.Short(tensor.Mean));
        yield return new("std", Numbers.Short(tensor.Std));
        yield return new("zeros", tensor.Zeros.ToString("0.# %"));
        if (tensor.Dtype != "float32")
            yield return new("type", tensor.Dtype);
        if (tensor.Milliseconds is { } time)
            yield return new("time", $"{time:0.###} ms, {tensor.Provider?.Replace("ExecutionProvider", "", StringComparison.Ordinal)}");
        if (tensor.Bytes is { } bytes)
            yield return new("memory", ByteSize.Text(bytes));
        if (tensor.Nan > 0)
            yield return new("NaN", $"{tensor.Nan}", Alarm: true);
        if (tensor.Inf > 0)
            yield return new("infinite", $"{tensor.Inf}", Alarm: true);
        if (tensor.Node.Length > 0 && tensor.Node != tensor.Name)
            yield return new("node", tensor.Node);
    }

    private static Html Foot(DumpManifest manifest)
    {
        IEnumerable<string> lines = manifest.Skipped.Select(s => $"{s.Name} {s.Reason}")
            .Concat(manifest.LeftOut.Select(l => $"{l.Value} left out: {l.Key}"));
        string[] all = [.. lines];
        Html colours = manifest.Tensors is [var first, ..] ? ReportValues.Colours(first.Scale.Colormap) : Html.Empty;
        return all.Length == 0 ? colours : Html.Of($"""
            <section class="missing"><h3>Not shown</h3><ul>{Html.Join(all.Select(line => Html.Of($"<li>{line}</li>")))}</ul></section>{colours}
            """);
    }

    private static string Shape(long[] dims) => string.Join(" × ", dims) is { Length: > 0 } text ? text : "scalar";
}
