using System.Globalization;
using CnnOnnx.Compare;
using CnnOnnx.Detection;
using OpenCvSharp;

namespace CnnOnnx.Pages;

/// <summary>
/// The card of two detectors: on each picture the boxes of A at the left and those of B at the right; pale what both found, red what B
/// lost, green what only B found, amber what B calls otherwise.
/// </summary>
internal static class BoxCard
{
    /// <summary>Draws the card.</summary>
    public static Html Draw(BoxComparison boxes) => Html.Of($"""
        <div class="card" id="boxes"><header><h2>Boxes</h2><span class="shape">matched by overlap and class{(boxes.Pictures.Count > 1 ? $", the {boxes.Pictures.Count} pictures that differ most" : "")}</span></header>
        <dl class="facts">{Html.Join(Facts(boxes).Select(f => Html.Of($"<div><dt>{f.Name}</dt><dd{(f.IsBad ? new Html(" class=\"w\"") : Html.Empty)}>{f.Value}</dd></div>")))}</dl>
        <p class="key"><span><i class="k box both"></i>in both</span><span><i class="k box lost"></i>lost: only in A</span><span><i class="k box new"></i>new: only in B</span><span><i class="k box flip"></i>another class</span></p>
        {Html.Join(boxes.Pictures.Select(Picture))}</div>
        """);

    private static IEnumerable<(string Name, string Value, bool IsBad)> Facts(BoxComparison boxes)
    {
        yield return ("in A", $"{boxes.CountA}", false);
        yield return ("in B", $"{boxes.CountB}", false);
        yield return ("lost", $"{boxes.Lost}", boxes.Lost > 0);
        yield return ("new", $"{boxes.New}", boxes.New > 0);
        yield return ("another class", $"{boxes.ClassFlips}", boxes.ClassFlips > 0);
        if (boxes.Matched == 0)
            yield break;
        yield return ("mean shift", $"{PageText.Short(boxes.MeanShift)} px", false);
        yield return ("largest shift", $"{PageText.Short(boxes.LargestShift)} px", false);
        yield return ("mean overlap", boxes.MeanOverlap.ToString("0.000", CultureInfo.InvariantCulture), false);
        yield return ("smallest overlap", boxes.SmallestOverlap.ToString("0.000", CultureInfo.InvariantCulture), false);
        yield return ("largest change of a score", PageText.Short(boxes.LargestScoreChange), false);
    }

    private static Html Picture(BoxPicture picture, int place)
    {
        string id = $"boxes{place}";
        return Html.Of($"""
            <div class="two">{Side(picture, "A", [.. picture.Pairs.Select(p => (p.A, KindOf(p))), .. picture.Lost.Select(b => (b, "lost"))], Html.Of($"""<image id="{id}" href="data:image/jpeg;base64,{Html.Base64Of(picture.Jpeg)}" width="{picture.Width}" height="{picture.Height}"/>"""))}{Side(picture, "B", [.. picture.Pairs.Select(p => (p.B, KindOf(p))), .. picture.New.Select(b => (b, "new"))], Html.Of($"<use href=\"#{id}\"/>"))}</div>
            """);
    }

    private static string KindOf(BoxPair pair) => pair.ChangesClass ? "flip" : "both";

    private static Html Side(BoxPicture picture, string side, (DetectedBox Box, string Kind)[] boxes, Html image) => Html.Of($"""
        <figure><svg viewBox="0 0 {picture.Width} {picture.Height}" role="img" aria-label="{$"{boxes.Length} boxes of {side} on {picture.Name}"}">{image}{Html.Join(boxes.OrderBy(b => b.Kind == "both" ? 0 : 1).Select(b => Box(b.Box, b.Kind, picture)))}</svg><figcaption>{side}: {(boxes.Length == 1 ? "1 box" : $"{boxes.Length} boxes")} · {picture.Name}</figcaption></figure>
        """);

    // What stands out has its name; of the rest the pointer tells it.
    private static Html Box(DetectedBox found, string kind, BoxPicture picture)
    {
        Rect2d box = found.Box;
        double letter = Math.Max(picture.Width, picture.Height) / 40.0;
        string name = string.Create(CultureInfo.InvariantCulture, $"{found.Label} {found.Score:0.00}");
        Html tag = kind == "both" ? Html.Empty : Html.Of($"""
            <text x="{Number(box.X)}" y="{Number(box.Y > 1.3 * letter ? box.Y - 0.3 * letter : box.Bottom + letter)}" style="font-size:{Number(letter)}px">{name}</text>
            """);
        return Html.Of($"""
            <g class="{kind}"><title>{kind switch { "lost" => "lost: ", "new" => "new: ", "flip" => "another class: ", _ => "" }}{name}</title><rect x="{Number(box.X)}" y="{Number(box.Y)}" width="{Number(box.Width)}" height="{Number(box.Height)}"/>{tag}</g>
            """);
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
