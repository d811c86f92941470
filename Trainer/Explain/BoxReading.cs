using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>A map read against the box that it explains: where its peak lies, and how much of it lies inside.</summary>
/// <param name="Box">The box.</param>
/// <param name="Where">Place of the peak in words: "the upper left of its box".</param>
/// <param name="IsInside">True when the peak lies in the box.</param>
/// <param name="ShareInside">Share of the positive values that lie in the box, 0 to 1.</param>
internal sealed record BoxReading(BoxOrigin Box, string Where, bool IsInside, double ShareInside)
{
    private static readonly string[] Rows = ["upper", "", "lower"], Columns = ["left", "", "right"];

    /// <summary>Reads the map that stands for a target.</summary>
    /// <returns>Null where the target is no box, or its map has nothing positive.</returns>
    public static BoxReading? Of(Explained explained, ExplainedTarget target)
    {
        if (explained.Boxes is not { } boxes || target.Box is not { } index || explained.Outlined(target) is not { } map)
            return null;
        using Mat whole = AttributionOverlay.Project(map.Map, explained.Picture.Size(), explained.Spec);
        if (map.IsOfPixels)
            Cv2.GaussianBlur(whole, whole, new Size(0, 0), Math.Max(whole.Rows, whole.Cols) / 20.0);
        using Mat positive = new();
        Cv2.Max(whole, 0, positive);
        Cv2.MinMaxLoc(positive, out _, out double most, out _, out Point peak);
        if (most <= 0)
            return null;
        Rect2d place = boxes[index].Place;
        Rect inside = new Rect((int)place.X, (int)place.Y, (int)Math.Ceiling(place.Width), (int)Math.Ceiling(place.Height))
            .Intersect(new Rect(default, explained.Picture.Size()));
        double share = 0;
        if (inside is { Width: > 0, Height: > 0 })
        {
            using Mat part = positive[inside];
            share = Cv2.Sum(part).Val0 / Cv2.Sum(positive).Val0;
        }

        bool isInside = inside.Contains(peak);
        return new BoxReading(boxes[index], isInside ? Part(place, peak) : Beside(place, peak), isInside, share);
    }

    // One of nine parts.
    private static string Part(Rect2d place, Point peak)
    {
        string row = Rows[Math.Clamp((int)(3 * (peak.Y - place.Y) / place.Height), 0, 2)];
        string column = Columns[Math.Clamp((int)(3 * (peak.X - place.X) / place.Width), 0, 2)];
        return (row, column) switch
        {
            ("", "") => "the middle of its box",
            ("upper", "") => "the top of its box",
            ("lower", "") => "the bottom of its box",
            ("", _) => $"the {column} of its box",
            _ => $"the {row} {column} of its box",
        };
    }

    private static string Beside(Rect2d place, Point peak)
    {
        double right = Math.Max(place.Left - peak.X, peak.X - place.Right), down = Math.Max(place.Top - peak.Y, peak.Y - place.Bottom);
        return right > down ? $"a place {right:0} px to the {(peak.X < place.Left ? "left" : "right")} of its box"
            : $"a place {down:0} px {(peak.Y < place.Top ? "above" : "below")} its box";
    }
}
