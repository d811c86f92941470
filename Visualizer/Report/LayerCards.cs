using System.Globalization;
using CnnOnnx.Files;
using CnnOnnx.Pages;
using CnnOnnx.Statistics;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>Makes the card of each tensor, and keeps the weights that the cards show.</summary>
/// <param name="manifest">The dump's manifest.</param>
/// <param name="facts">What the manifest does not say.</param>
/// <param name="numbers">Numbers of the channels, for the scripts.</param>
internal sealed class LayerCards(DumpManifest manifest, ReportFacts facts, ReportNumbers numbers)
{
    private const int Top = 10, FewValues = 16;

    // Where the median stands among the percentiles, and 5 and 95 %.
    private const int Median = 3, Low = 1, High = 5;

    private readonly ILookup<string, (KernelRecord Kernel, int Place)> _kernels =
        manifest.Kernels.Select((kernel, place) => (kernel, place)).ToLookup(k => k.kernel.Node);

    /// <summary>The weights that have values, for the scripts.</summary>
    public Html Weights => Html.Join(manifest.Kernels.Select((kernel, place) => kernel.Values is null ? Html.Empty : Html.Of(
        $"""<div id="k{place}" hidden data-name="{kernel.Name}" data-file="{kernel.Values}"{(kernel.Colours is { } colours ? Html.Of($" data-colours=\"{colours}\"") : Html.Empty)}></div>""")));

    public PageCard Of(TensorRecord tensor)
    {
        string anchor = PageCard.AnchorOf(tensor.Index);
        bool isVector = tensor.Maps is null;
        (KernelRecord Kernel, int Place)? behind = _kernels[facts.WeightsBehind.GetValueOrDefault(tensor.Name) ?? "\0"]
            .Select(k => ((KernelRecord, int)?)k).FirstOrDefault();
        var card = new PageCard
        {
            Anchor = anchor,
            Name = tensor.Name,
            Op = tensor.Op,
            Note = NoteOf(tensor),
            Shape = string.Join('x', tensor.Shape),
            Size = SizeOf(tensor),
            Alarm = tensor.Nan > 0 ? $"{PageText.Count(tensor.Nan)} NaN" : tensor.Inf > 0 ? $"{PageText.Count(tensor.Inf)} infinite" : "",
            IsPlumbing = tensor.Plumbing is not null,
        };
        if (isVector && tensor.ByChannel.Count <= 1)
            return card with { Value = tensor.ByChannel.Count == 0 ? "" : PageText.Short(tensor.ByChannel.Mean.Values[0]) };
        Html body = Html.Of($"""{(isVector ? Vector(tensor) : PrintPicture(tensor))}<div class="side">{Side(tensor, behind)}</div>""");
        return card with
        {
            Body = body,
            Attributes = isVector ? Html.Empty : Attributes(tensor, behind?.Place),
            Data = isVector ? Html.Empty : numbers.Of(anchor, tensor.ByChannel),
        };
    }

    private static string NoteOf(TensorRecord tensor) => tensor switch
    {
        { Maps: { } maps } => $"{(maps.Count == 1 ? "1 map" : $"{PageText.Count(maps.Count)} maps")} of {maps.Height} × {maps.Width}"
            + (tensor.Shape is [> 1 and var batch, _, _, _, ..] ? $", the first of {batch} samples" : ""),
        { Shape.Length: 0 } => "scalar",
        _ => tensor.ByChannel.Count == 1 ? "1 value" : $"{PageText.Count(tensor.ByChannel.Count)} values",
    };

    private static string SizeOf(TensorRecord tensor) => tensor switch
    {
        { Maps: { } maps } => $"{PageText.Count(maps.Count)} · {PageText.Side(maps.Height, maps.Width)}",
        { Shape.Length: 0 } => "",
        _ => PageText.Count(tensor.ByChannel.Count),
    };

    // Constants, shapes and what is computed of them: no picture says anything about these.
    private Html Attributes(TensorRecord tensor, int? weight)
    {
        MapsRecord maps = tensor.Maps!;
        Html values = maps.Values is null ? Html.Empty : Html.Of($" data-values=\"{maps.Values}\"");
        Html picture = tensor.Picture is { Tiles: { } t } png
            ? Html.Of($""" data-png="{PagePictures.AddressOf(png.File)}" data-tiles="{t.X} {t.Y} {t.Width} {t.Height} {t.Gap} {t.Columns} {t.Count}" """)
            : Html.Empty;
        Html behind = weight is { } place ? Html.Of($" data-weight=\"k{place}\"") : Html.Empty;
        return Html.Of($""" data-maps="{maps.Count} {maps.Width} {maps.Height}" data-range="{Exact(tensor.Min)} {Exact(tensor.Max)}"{values}{picture}{behind}{facts.Fields.Of(tensor, manifest.Input.Shape)}""");
    }

    private static string Exact(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    // On paper, for layers that nobody had looked at.
    private static Html PrintPicture(TensorRecord tensor) => tensor.Picture is not { } picture ? Html.Empty : Html.Of(
        $"""<img class="print" src="{PagePictures.AddressOf(picture.File)}" width="{picture.Width}" height="{picture.Height}" alt="{tensor.Name}" loading="lazy">""");

    private Html Vector(TensorRecord tensor)
    {
        float[] values = tensor.ByChannel.Mean.Values;
        IReadOnlyList<string>? labels = facts.Labels?.Count == values.Length ? facts.Labels : null;
        if (values.Length <= FewValues && labels is null)
            return Html.Of($"<p>{string.Join(" · ", values.Select(v => PageText.Short(v)))}</p>");
        (string, double, string)[] rows = [.. values.Select((value, i) => (i, value)).Where(v => float.IsFinite(v.value))
            .OrderByDescending(v => v.value).Take(Top)
            .Select(v => (labels?[v.i] ?? $"#{v.i}", (double)v.value, PageText.Short(v.value)))];
        return Html.Of($"<div>{BarList.Draw(rows)}{(values.Length > Top ? BarList.Curve(values) : Html.Empty)}</div>");
    }

    private static Html Side(TensorRecord tensor, (KernelRecord Kernel, int Place)? behind) => Html.Of($"""
        <div><h3>Values</h3>{HistogramPicture.Draw(tensor.Histogram)}</div>{Six(tensor)}{(behind is { } b ? Weight(b.Kernel, b.Place) : Html.Empty)}{More(tensor)}
        """);

    private static Html Six(TensorRecord tensor)
    {
        if (tensor.Histogram is null)
            return Html.Empty;
        ChannelTable channels = tensor.ByChannel;
        int dead = tensor.Maps is null ? 0
            : Enumerable.Range(0, channels.Count).Count(i => channels.Min.Values[i] == 0 && channels.Max.Values[i] == 0);
        (string Label, string Value)[] cells =
        [
            ("mean", PageText.Short(tensor.Mean)), ("median", PageText.Short(tensor.Percentiles[Median])),
            ("5 %", PageText.Short(tensor.Percentiles[Low])), ("95 %", PageText.Short(tensor.Percentiles[High])),
            ("zeros", PageText.Percent(tensor.Zeros)), tensor.Maps is null ? ("std", PageText.Short(tensor.Std)) : ("dead maps", $"{dead}"),
        ];
        return Html.Of($"""
            <table class="numbers-table"><tbody>{Html.Join(cells.Chunk(2).Select(pair => Html.Of($"<tr>{Html.Join(pair.Select(Cell))}</tr>")))}</tbody></table>
            """);
    }

    private static Html Cell((string Label, string Value) cell) => Html.Of($"""<th scope="row">{cell.Label}</th><td>{cell.Value}</td>""");

    private static Html Weight(KernelRecord kernel, int place) => Html.Of($"""
        <div><h3>Weights</h3><figure class="weights">{(kernel.Values is null
            ? Html.Of($"""<a href="{PagePictures.AddressOf(kernel.File)}"><img class="kernel-picture" src="{PagePictures.AddressOf(kernel.File)}" width="{kernel.Width}" height="{kernel.Height}" alt="weights {kernel.Name}" loading="lazy"></a>""")
            : Html.Of($"""<div data-weight="k{place}"></div>"""))}</figure></div>
        """);

    private static Html More(TensorRecord tensor)
    {
        List<(string Label, string Value)> rows = [];
        if (tensor.Histogram is not null)
            rows.Add(("percentiles", string.Join(", ",
                TensorNumbers.Percentages.Zip(tensor.Percentiles, (share, value) => $"{share} %: {PageText.Short(value)}"))));
        rows.Add(("std", PageText.Short(tensor.Std)));
        rows.Add(("shape", string.Join(" × ", tensor.Shape)));
        rows.Add(("type", tensor.Dtype));
        if (tensor.Node.Length > 0)
            rows.Add(("node", tensor.Node));
        if (tensor.Milliseconds is { } time)
            rows.Add(("time", $"{time:0.###} ms, {tensor.Provider?.Replace("ExecutionProvider", "", StringComparison.Ordinal)}"));
        if (tensor.Bytes is { } bytes)
            rows.Add(("memory", ByteSize.Text(bytes)));
        if (tensor.Nan > 0)
            rows.Add(("NaN", $"{tensor.Nan}"));
        if (tensor.Inf > 0)
            rows.Add(("infinite", $"{tensor.Inf}"));
        Html file = tensor.Picture is { } picture
            ? Html.Of($"""<dt>file</dt><dd><a href="{PagePictures.AddressOf(picture.File)}">{Path.GetFileName(picture.File)}</a></dd>""") : Html.Empty;
        return Html.Of($"""
            <details class="more-facts"><summary>more</summary><dl class="pairs">{Html.Join(rows.Select(row => Html.Of($"<dt>{row.Label}</dt><dd>{row.Value}</dd>")))}{file}</dl></details>
            """);
    }
}
