using System.Globalization;
using CnnOnnx.Imaging;
using CnnOnnx.Pages;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>What the first card says of a detector: its boxes with scores in place of classes, drawn on the picture.</summary>
internal static class HeroBoxes
{
    /// <summary>Boxes that have a colour of their own.</summary>
    public const int Colours = 5;

    private const int MostListed = 8;

    /// <summary>Number of the colour of a target: two for classes, more for boxes.</summary>
    /// <param name="explained">The input.</param>
    /// <param name="target">Place of the target, from 0.</param>
    public static int Colour(Explained explained, int target) => Math.Min(target, explained.Boxes is null ? 1 : Colours - 1);

    /// <summary>"Dog 0.64 is decided by the upper left of its box."; null for what is no detector, or no box.</summary>
    public static string? Sentence(Explained explained)
    {
        if (explained.Boxes is not { } boxes)
            return null;
        if (boxes.Count == 0)
            return "No box came out of this picture.";
        return explained.Targets[0].Box is null || BoxReading.Of(explained, explained.Targets[0]) is not { } reading ? null
            : $"{Capital(Named(reading.Box))} is decided by {reading.Where}.";
    }

    /// <summary>The line below: of one box the share inside, of several how many peak inside of theirs.</summary>
    public static string? Below(Explained explained)
    {
        BoxReading[] readings = [.. explained.Targets.Select(target => BoxReading.Of(explained, target)).OfType<BoxReading>()];
        if (readings.Length == 0 || explained.Outlined(explained.Targets[0]) is not { } map)
            return null;
        string method = MethodTitle.Of(map.Map.Method);
        if (readings.Length == 1)
            return string.Create(CultureInfo.InvariantCulture, $"{100 * readings[0].ShareInside:0} % of {method} lies inside the box");
        string shares = string.Join(", ", readings.Take(MostListed).Select(reading =>
            string.Create(CultureInfo.InvariantCulture, $"{100 * reading.ShareInside:0} % ({reading.Box.Label})")));
        return $"{method} peaks inside the box for {readings.Count(reading => reading.IsInside)} of {explained.Targets.Count} · "
            + $"inside lies {shares}";
    }

    /// <summary>The boxes on the picture of the network's input.</summary>
    /// <param name="explained">The input.</param>
    /// <param name="scale">Pixels of the page for one of the input.</param>
    public static Html Drawn(Explained explained, double scale)
    {
        if (explained.Boxes is not { } boxes)
            return Html.Empty;
        PicturePlacement placement = PicturePlacement.Of(explained.Picture.Size(), explained.Spec);
        return Html.Join(boxes.Take(MostListed).Select(box =>
        {
            Point2d from = placement.ToInput(box.Place.TopLeft), to = placement.ToInput(box.Place.BottomRight);
            string[] at = [.. new[] { from.X, from.Y, to.X - from.X, to.Y - from.Y }.Select(side =>
                (side * scale).ToString("0.#", CultureInfo.InvariantCulture))];
            var place = Html.Of($"""x="{at[0]}" y="{at[1]}" width="{at[2]}" height="{at[3]}" """);
            return Html.Of($"""<rect class="halo" {place}/><rect {place}><title>{Named(box)}</title></rect>""");
        }));
    }

    /// <summary>The boxes with their scores, those that are explained in colour.</summary>
    public static Html List(Explained explained)
    {
        if (explained.Boxes is not { } boxes)
            return Html.Empty;
        Html more = boxes.Count <= MostListed ? Html.Empty : Html.Of($"""<p class="note">and {boxes.Count - MostListed} more boxes</p>""");
        return Html.Of($"{Html.Join(boxes.Take(MostListed).Select((box, i) => Row(explained, box, i)))}{more}");
    }

    private static Html Row(Explained explained, BoxOrigin box, int index)
    {
        int target = explained.Targets.ToList().FindIndex(own => own.Box == index);
        string kind = target < 0 ? "" : $" t{Colour(explained, target)} on";
        string width = (100 * box.Score).ToString("0.##", CultureInfo.InvariantCulture);
        string score = box.Score.ToString("0.00", CultureInfo.InvariantCulture);
        return Html.Of($"""<div class="s{kind}"><em>{index}</em><span>{box.Label}</span><div><i style="width:{width}%"></i></div><b>{score}</b></div>""");
    }

    private static string Named(BoxOrigin box) => string.Create(CultureInfo.InvariantCulture, $"{box.Label} {box.Score:0.00}");

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
