using System.Globalization;
using System.Text;
using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>The answer first: the picture with the places that count most, one sentence, the classes, and what was asked.</summary>
internal static class HeroSection
{
    private const int Side = 208, ShownClasses = 5, ShownTargets = 8;

    // Share of its peak at which a map is outlined.
    private const double Outline = 0.5;

    // The finding that the badge beside the method's maps also tells.
    private static readonly Dictionary<TrustOutcome, string> Places = new()
    {
        [TrustOutcome.Holds] = ", and its score comes from another place",
        [TrustOutcome.Partly] = ", and its score comes in part from other places",
        [TrustOutcome.Fails] = ", and its score comes from the same places",
    };

    public static Html Of(PageView view, ExplainManifest manifest)
    {
        view.Entries.Add(Html.Of($"""<li class="c"><a href="#top">The answer</a></li>"""));
        Explained explained = view.Explained;
        double scale = (double)Side / explained.InputSide;
        string width = Pixels(explained.Spec.Width * scale), height = Pixels(explained.Spec.Height * scale);
        ExplainedMap?[] outlined =
            [.. explained.Targets.Take(explained.Boxes is null ? 2 : HeroBoxes.Colours).Select(explained.Outlined)];
        return Html.Of($"""
            <div class="hero" id="top">
            <div class="pic" style="width:{width}px;height:{height}px"><img src="{view.Picture}" alt="the picture as the network sees it" width="{width}" height="{height}" id="pic">
            <svg viewBox="0 0 {width} {height}" aria-hidden="true">{Html.Join(outlined.Select((map, i) => Path(map, i, explained, scale)))}{HeroBoxes.Drawn(explained, scale)}</svg></div>
            <div><p class="say">{Sentence(explained, outlined)}</p><p class="sub">{Below(view, outlined)}</p>{Classes(explained)}{HeroBoxes.List(explained)}</div>
            <dl>{Facts(explained, manifest, outlined[0])}</dl>
            </div>
            """);
    }

    private static string Sentence(Explained explained, ExplainedMap?[] outlined)
    {
        ExplainedTarget first = explained.Targets[0];
        if (HeroBoxes.Sentence(explained) is { } boxes)
            return boxes;
        if (explained.Classes is not { } classes || classes.Output.Map is not null)
            return string.Create(CultureInfo.InvariantCulture, $"{Capital(first.Target.Name)}: {Numbers.Short(first.Value)}.");
        ReadClass winner = classes.Ranked[0];
        string says = string.Create(CultureInfo.InvariantCulture, $"It says {winner.Label}, with {Share(winner.Probability)}.");
        ExplainedTarget? other = explained.Targets.FirstOrDefault(target =>
            target.Target.Name != winner.Label && RankOf(classes, target) > 0);
        if (other is null)
            return says;
        string place = outlined.Length > 1 && outlined[0] is { } a && outlined[1] is { } b
            ? Places.GetValueOrDefault(ClassCheck(explained, a, b).Outcome, "") : "";
        return $"It says {winner.Label}. {Capital(other.Target.Name)} comes {Ordinal(RankOf(classes, other))}{place}.";
    }

    private static string Below(PageView view, ExplainedMap?[] outlined)
    {
        Explained explained = view.Explained;
        if (HeroBoxes.Below(explained) is { } boxes)
            return boxes;
        if (outlined.Length < 2 || outlined[0] is not { } first || outlined[1] is not { } second)
            return outlined[0] is { } only
                ? string.Create(CultureInfo.InvariantCulture, $"Outlined: where {MethodTitle.Of(only.Map.Method)} is over half of its peak")
                : "";
        int apart = 0, methods = 0;
        foreach (ExplainedMethod method in explained.Methods)
            if (view.Main(method.Method.Name, explained.Targets[0]) is { } a
                && view.Main(method.Method.Name, explained.Targets[1]) is { } b)
            {
                methods++;
                apart += ClassCheck(explained, a, b).Outcome == TrustOutcome.Holds ? 1 : 0;
            }

        if (first.Map.Layer != second.Map.Layer)
            return $"The two {MethodTitle.Of(first.Map.Method)} maps come from other layers · "
                + $"{apart} of {methods} methods tell the two apart";
        MapLikeness likeness = Likeness(explained, first, second);
        string alike = double.IsNaN(likeness.Correlation) ? ""
            : string.Create(CultureInfo.InvariantCulture, $"correlate at {likeness.Correlation:0.00}, ");
        return string.Create(CultureInfo.InvariantCulture,
            $"The two {MethodTitle.Of(first.Map.Method)} maps {alike}with peaks {likeness.PeakDistance:0} px apart · "
            + $"{apart} of {methods} methods tell the two apart");
    }

    /// <summary>How alike the maps of two targets at one layer are.</summary>
    public static MapLikeness Likeness(Explained explained, ExplainedMap first, ExplainedMap second) =>
        MapLikeness.Of(first.Map, second.Map, explained.InputSide);

    /// <summary>Whether a method tells two targets apart, by its maps of both; boxes of two scales have theirs at two layers.</summary>
    public static TrustCheck ClassCheck(Explained explained, ExplainedMap first, ExplainedMap second) =>
        first.Map.Layer == second.Map.Layer
            ? Likeness(explained, first, second).AsClassCheck(explained.InputSide, second.Map.Target.Name)
            : new TrustCheck("depends on the class", TrustOutcome.LeftOut, $"the two come from other layers: {first.Map.Layer} "
                + $"({first.Map.Height} × {first.Map.Width}) and {second.Map.Layer} ({second.Map.Height} × {second.Map.Width})");

    private static Html Classes(Explained explained)
    {
        if (explained.Classes is not { } classes)
            return Html.Empty;
        double most = classes.Ranked[0].Probability;
        int[] targets = [.. explained.Targets.Select(target => RankOf(classes, target) - 1)];
        IEnumerable<int> shown = Enumerable.Range(0, Math.Min(ShownClasses, classes.Ranked.Count))
            .Concat(targets.Where(rank => rank >= ShownClasses).Distinct().Take(3));
        bool separated = false;
        List<Html> rows = [];
        foreach (int rank in shown)
        {
            int target = Array.IndexOf(targets, rank);
            string kind = target < 0 ? "" : $" t{Math.Min(target, 1)} on";
            if (rank >= ShownClasses && !separated)
            {
                kind += " sep";
                separated = true;
            }

            ReadClass read = classes.Ranked[rank];
            string width = Math.Max(0.4, 100 * read.Probability / Math.Max(most, 1e-12)).ToString("0.##", CultureInfo.InvariantCulture);
            rows.Add(Html.Of($"""<div class="s{kind}"><em>{rank + 1}</em><span>{read.Label}</span><div><i style="width:{width}%"></i></div><b>{Share(read.Probability)}</b></div>"""));
        }

        return Html.Join(rows);
    }

    private static Html Facts(Explained explained, ExplainManifest manifest, ExplainedMap? outlined)
    {
        List<(string Label, Html Value)> facts = [("targets", Html.Of($"""<span class="tgs">{Html.Join(explained.Targets.Take(ShownTargets)
            .Select((target, i) => Html.Of($"""<span class="chip t{HeroBoxes.Colour(explained, i)} bd" title="{target.Target.Description}">{target.Target.Name} <small>{Numbers.Short(target.Value)}</small></span>""")))}{More(explained)}</span>"""))];
        if (outlined is not null)
        {
            facts.Add(("outlines", Html.Of($"{MethodTitle.Of(outlined.Map.Method)} over half its peak")));
            facts.Add(("at", Html.Of($"{outlined.Map.Layer}, {outlined.Map.Height} × {outlined.Map.Width}")));
        }

        facts.Add(("score", Html.Of($"{ScoreOf(explained)}")));
        string channels = explained.Spec.Channels.ToString().ToUpperInvariant();
        facts.Add(("input", Html.Of($"{explained.Spec.Height} × {explained.Spec.Width} {channels}")));
        string cost = Numbers.Short(manifest.Methods.Sum(method => method.ForwardPasses));
        facts.Add(("cost", Html.Of($"{cost} forward {(cost == "1" ? "pass" : "passes")}")));
        return Html.Join(facts.Select(fact => Html.Of($"<dt>{fact.Label}</dt><dd>{fact.Value}</dd>")));
    }

    private static Html More(Explained explained) => explained.Targets.Count <= ShownTargets ? Html.Empty
        : Html.Of($"<small>and {explained.Targets.Count - ShownTargets} more</small>");

    private static string ScoreOf(Explained explained) => explained.Classes?.Output.Behind is { } behind
        ? $"logit, before {behind.Split(' ')[0].ToLowerInvariant()}"
        : explained.Boxes is not null ? "of the cell that made the box, before sigmoid or softmax"
        : explained.Classes is not null ? "score as the model gives it"
        : "number of a tensor";

    // The outline of all places over half the peak, as paths in pixels of the tile.
    private static unsafe Html Path(ExplainedMap? map, int index, Explained explained, double scale)
    {
        if (map is null)
            return Html.Empty;
        MapPlane plane = AttributionOverlay.PlaneOf(map.Map, AttributionSign.Positive);
        if (plane.Max <= 0)
            return Html.Empty;
        var path = new StringBuilder();
        using Mat large = new();
        fixed (float* values = plane.Values)
        {
            using Mat own = Mat.FromPixelData(plane.Height, plane.Width, MatType.CV_32FC1, (IntPtr)values);
            Cv2.Resize(own, large, new Size(explained.Spec.Width * scale, explained.Spec.Height * scale), 0, 0, InterpolationFlags.Linear);
            if (map.IsOfPixels)
                Cv2.GaussianBlur(large, large, new Size(0, 0), Side / 20.0);
        }

        Cv2.MinMaxLoc(large, out double _, out double most);
        using Mat over = new();
        Cv2.Threshold(large, over, Outline * most, 255, ThresholdTypes.Binary);
        over.ConvertTo(over, MatType.CV_8UC1);
        Cv2.FindContours(over, out Point[][] contours, out _, RetrievalModes.External, ContourApproximationModes.ApproxSimple);
        foreach (Point[] contour in contours.Where(contour => contour.Length > 3))
            path.Append('M').AppendJoin('L', contour.Select(point =>
                string.Create(CultureInfo.InvariantCulture, $"{point.X} {point.Y}"))).Append('Z');
        return Html.Of($"""<path class="halo" d="{path.ToString()}"/><path class="t{HeroBoxes.Colour(explained, index)}" d="{path.ToString()}"/>""");
    }

    private static int RankOf(ClassReading classes, ExplainedTarget target) =>
        classes.Ranked.Select((read, i) => (read.Label, Rank: i + 1)).FirstOrDefault(read => read.Label == target.Target.Name).Rank;

    private static string Ordinal(int rank) => (rank % 100) is 11 or 12 or 13 ? $"{rank}th"
        : (rank % 10) switch { 1 => $"{rank}st", 2 => $"{rank}nd", 3 => $"{rank}rd", _ => $"{rank}th" };

    private static string Share(double probability) => probability >= 0.0005
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * probability:0.0} %")
        : string.Create(CultureInfo.InvariantCulture, $"{100 * probability:G2} %");

    private static string Pixels(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
