using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Manifest;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The first card of a report: what the network saw, what it says, and what somebody should know about the run.</summary>
internal static class ReportHero
{
    private const int Shown = 5, SmallView = 104, Side = 208;

    // DESIGN's bar for two runs of one model, and what half precision leaves of it.
    private const double SameOutput = 1e-4, SameHalfOutput = 4e-3;

    public static Html Draw(DumpManifest manifest, ReportFacts facts, PagePictures pictures)
    {
        bool hasPicture = manifest.Input.NetworkPicture is not null;
        return Html.Of($"""
            <div class="card hero{(hasPicture ? "" : " no-picture")}">
            {(hasPicture ? Picture(manifest, pictures) : Html.Empty)}
            <div>{Answer(manifest, pictures)}{Assumed(manifest, facts)}</div>
            <dl class="pairs">{Html.Join(Facts(manifest, facts).Select(f => Html.Of($"<dt>{f.Label}</dt><dd>{f.Value}</dd>")))}</dl>
            </div>
            """);
    }

    private static Html Picture(DumpManifest manifest, PagePictures pictures)
    {
        (InputRecord input, WrittenPicture seen) = (manifest.Input, manifest.Input.NetworkPicture!);
        string name = Path.GetFileName(input.File);
        Html small = seen.Width < SmallView ? new Html(" data-small") : Html.Empty;
        Html original = Original(manifest, pictures);
        return Html.Of($"""
            <figure class="input{(original.Length > 0 ? " has-crop" : "")}"><img class="seen" src="{pictures.Embedded(seen.File)}" width="{Side}" height="{Math.Max(1, Side * seen.Height / seen.Width)}"{small} alt="{name} as the network sees it, {seen.Width} by {seen.Height} pixels">{original}</figure>
            """);
    }

    // On hover: the whole picture, and what of it the network gets.
    private static Html Original(DumpManifest manifest, PagePictures pictures)
    {
        if (manifest is not { Input: { Picture: { } picture, Width: { } width, Height: { } height }, Preprocessing: { } spec })
            return Html.Empty;
        Rect source = PicturePlacement.Of(new Size(width, height), spec).Source;
        if (source.Width == width && source.Height == height)
            return Html.Empty;
        string Share(int part, int whole) => (100.0 * part / whole).ToString("0.##") + "%";
        return Html.Of($"""
            <div class="original"><img src="{pictures.Embedded(picture.File)}" alt="" width="{Side}" height="{Math.Max(1, Side * height / width)}"><i style="left:{Share(source.X, width)};top:{Share(source.Y, height)};width:{Share(source.Width, width)};height:{Share(source.Height, height)}"></i></div>
            """);
    }

    private static Html Answer(DumpManifest manifest, PagePictures pictures)
    {
        string model = Path.GetFileNameWithoutExtension(manifest.Model.File);
        if (manifest.Detected is { } detected)
            return Found(model, detected, pictures);
        if (manifest.OutputPicture is { } drawn)
            return Html.Of($"""
                <h2>{model} makes this picture of it</h2><a href="{PagePictures.AddressOf(drawn.File)}"><img class="made" src="{pictures.Embedded(drawn.File)}" width="{drawn.Width}" height="{drawn.Height}" alt="the picture that the model makes, {drawn.Width} by {drawn.Height} pixels"></a>
                """);
        if (manifest.Scores is { Names: not null } scores)
            return Html.Of($"""
                <h2 title="from {scores.Tensor}, {scores.Applied} applied">{model} says</h2>{BarList.Draw(
                [.. scores.Top.Select(s => (s.Label ?? $"#{s.Index}", s.Probability ?? 0, PageText.Percent(s.Probability ?? 0)))])}
                """);
        if (manifest.Scores is { } largestScores)
            return Html.Of($"""
                <h2>The {largestScores.Top.Length} largest values of {largestScores.Tensor}</h2>{BarList.Draw(
                [.. largestScores.Top.Select(s => ($"#{s.Index}", s.Probability ?? s.Value,
                    s.Probability is { } share ? PageText.Percent(share) : PageText.Short(s.Value)))])}
                """);
        if (LargestOutputs(manifest) is not var (name, all, largest))
            return Html.Of($"<h2>{Path.GetFileName(manifest.Input.File)}</h2>{Outputs(manifest)}");
        return Html.Of($"""
            <h2>The {largest.Length} largest of {PageText.Count(all)} values of {name}</h2>{BarList.Draw(
            [.. largest.Select(v => ($"#{v.Index}", (double)v.Value, PageText.Short(v.Value)))])}
            """);
    }

    private static Html Found(string model, BoxesRecord detected, PagePictures pictures)
    {
        string count = detected.Boxes.Length switch { 0 => "nothing", 1 => "one box", var n => $"{n} boxes" };
        Html bars = BarList.Draw([.. detected.Boxes.Take(Shown).Select(b => (b.Label, b.Score, PageText.Percent(b.Score)))]);
        WrittenPicture drawn = detected.Picture;
        return Html.Of($"""
            <h2>{model} finds {count}</h2>{bars}<a href="{PagePictures.AddressOf(drawn.File)}"><img class="made" src="{pictures.Embedded(drawn.File)}" width="{drawn.Width}" height="{drawn.Height}" alt="the input with the boxes that were found"></a>
            """);
    }

    // Of the first output that is a vector; a vector's channels are its values.
    private static (string Name, int All, (int Index, float Value)[] Largest)? LargestOutputs(DumpManifest manifest)
    {
        var outputs = manifest.ExposureDifference.Select(d => d.Name).ToHashSet();
        TensorRecord? vector = manifest.Tensors.FirstOrDefault(t => outputs.Contains(t.Name) && t.Maps is null && t.ByChannel.Count > 1);
        return vector is null ? null : (vector.Name, vector.ByChannel.Count,
            [.. vector.ByChannel.Mean.Values.Select((value, index) => (index, value)).Where(v => float.IsFinite(v.value))
                .OrderByDescending(v => v.value).Take(Shown)]);
    }

    private static Html Outputs(DumpManifest manifest)
    {
        var outputs = manifest.ExposureDifference.Select(d => d.Name).ToHashSet();
        return Html.Of($"""
            <ul>{Html.Join(manifest.Tensors.Where(t => outputs.Contains(t.Name)).Select(t => Html.Of(
            $"""<li><a href="#{PageCard.AnchorOf(t.Index)}">{t.Name}</a> <span class="shape">{string.Join(" × ", t.Shape)}, {PageText.Short(t.Min)} to {PageText.Short(t.Max)}</span></li>""")))}</ul>
            """);
    }

    // What is assumed, and how to say it.
    private static Html Assumed(DumpManifest manifest, ReportFacts facts)
    {
        List<Html> lines = [];
        if (manifest is { Guess: { } guess, Preprocessing: { } spec })
            lines.Add(Html.Of($"{Assumptions.Line(guess, spec)}. "));
        if (facts.Labels is null && (manifest.Scores is { Names: null } || LargestOutputs(manifest) is not null && manifest.Scores is null))
            lines.Add(Html.Of($"The classes have no names: <code>--labels FILE</code> gives them."));
        if (Difference(manifest) is { IsSame: false } difference)
            lines.Add(Html.Of($"The outputs differ from the plain model's by {PageText.Short(difference.Largest)}: "
                + $"compare with <code>--optimization disabled</code>. "));
        return lines.Count == 0 ? Html.Empty : Html.Of($"""<p class="warning">{Html.Join(lines)}</p>""");
    }

    private static IEnumerable<(string Label, string Value)> Facts(DumpManifest manifest, ReportFacts facts)
    {
        if (manifest.Preprocessing is { } spec)
        {
            yield return ("input", $"{spec.Height} × {spec.Width} {Channels(spec)}, {spec.Resize.ToString().ToLowerInvariant()}");
            if (spec.Mean.Length > 0)
                yield return ("mean", string.Join(", ", spec.Mean.Select(m => Math.Round(m, 3))));
            if (spec.Std.Length > 0)
                yield return ("std", string.Join(", ", spec.Std.Select(s => Math.Round(s, 3))));
        }
        else
            yield return ("input", string.Join(" × ", manifest.Input.Shape));
        yield return ("time", $"{PageText.Short(manifest.RunMilliseconds)} ms on {manifest.Device}");
        yield return ("layers", $"{PageText.Count(manifest.Tensors.Length)} tensors, {PageText.Count(manifest.Model.Weights)} weights");
        if (Difference(manifest) is { IsSame: true })
            yield return ("check", "✓ same output as the plain model");
        int mapped = manifest.Tensors.Count(t => t.Maps is not null), valued = manifest.Tensors.Count(t => t.Maps?.Values is not null);
        if (valued < mapped)
            yield return ("values", $"of {valued} of {mapped} layers, the strongest; --values {Twice(facts.ValuesRoom)} keeps more");
        string producer = manifest.Model.Producer.Length > 0 ? manifest.Model.Producer + ", " : "";
        yield return ("model", $"{producer}opset {manifest.Model.Opset}, {manifest.Model.Sha256[..12]}");
        foreach (string remark in manifest.Remarks)
            yield return ("note", remark);
    }

    // As the option takes it: a whole number of a unit.
    private static string Twice(long room) => ByteSize.Text(2 * Math.Max(1 << 20, room)).Replace(" ", "", StringComparison.Ordinal);

    private static string Channels(InputSpec spec) =>
        spec.Channels == ChannelOrder.Gray ? "grey" : spec.Channels.ToString().ToUpperInvariant();

    private static (double Largest, bool IsSame)? Difference(DumpManifest manifest)
    {
        if (manifest.ExposureDifference.Count == 0)
            return null;
        var tensors = manifest.Tensors.ToLookup(t => t.Name);
        bool isSame = manifest.ExposureDifference.All(d => d.Largest
            <= (tensors[d.Name].Any(t => t.Dtype == "float16") ? SameHalfOutput : SameOutput)
            * Math.Max(1, tensors[d.Name].Select(t => Math.Max(Math.Abs((double)t.Min), Math.Abs((double)t.Max))).DefaultIfEmpty(1).Max()));
        return (manifest.ExposureDifference.Max(d => d.Largest), isSame);
    }
}
