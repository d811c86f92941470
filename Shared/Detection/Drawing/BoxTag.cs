using System.Globalization;
using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>Name and score of a box, and where they stand in the picture.</summary>
/// <param name="Class">Index of the class, which gives the colour.</param>
/// <param name="Text">Printable ASCII.</param>
/// <param name="Area">Pixels of the tag.</param>
/// <param name="BaseLine">Point at which the text starts.</param>
/// <param name="Scale">Size of the letters.</param>
/// <param name="Stroke">Thickness of the letters, in pixels.</param>
internal sealed record BoxTag(int Class, string Text, Rect Area, Point BaseLine, double Scale, int Stroke)
{
    public const HersheyFonts Font = HersheyFonts.HersheySimplex;

    // A tag may hide so much of another box.
    private const double MostHidden = 0.15;

    private const double SmallScale = 0.33;

    /// <summary>
    /// Finds places for the tags, the best boxes first: above the box, below it, inside it. One that would hide another tag, or too much
    /// of another box, is shortened to its score; where that has no room either, the box stays without.
    /// </summary>
    /// <param name="found">The boxes, from the highest score down.</param>
    /// <param name="scale">Size of the letters.</param>
    /// <param name="line">Thickness of the boxes' lines, in pixels.</param>
    public static IEnumerable<BoxTag> Place(Detections found, double scale, int line)
    {
        Rect[] boxes = [.. found.Boxes.Select(box => BoxOverlay.Whole(box.Box))];
        var placed = new List<Rect>();
        for (int i = 0; i < boxes.Length; i++)
        {
            DetectedBox box = found.Boxes[i];
            string score = box.Score.ToString("0.00", CultureInfo.InvariantCulture);
            BoxTag[] wanted =
            [
                .. At(box.Class, $"{TextPainter.Clean(box.Label)} {score}", scale, boxes[i], line, found.Picture),
                .. At(box.Class, score, scale, boxes[i], line, found.Picture),
                .. At(box.Class, score, Math.Min(scale, SmallScale), boxes[i], line, found.Picture),
            ];
            int own = i;
            // The best box is always named.
            BoxTag? tag = Array.Find(wanted, w => IsFree(w.Area, placed, boxes, own)) ?? (i == 0 ? wanted[0] : null);
            if (tag is null)
                continue;
            placed.Add(tag.Area);
            yield return tag;
        }
    }

    private static bool IsFree(Rect tag, List<Rect> placed, Rect[] boxes, int own)
    {
        foreach (Rect other in placed)
            if (tag.IntersectsWith(other))
                return false;
        for (int i = 0; i < boxes.Length; i++)
        {
            Rect hidden = tag.Intersect(boxes[i]);
            // Inside its own box a tag may take more room than in another's.
            double most = (i == own ? 2 : 1) * MostHidden * boxes[i].Width * boxes[i].Height;
            if ((double)hidden.Width * hidden.Height > most)
                return false;
        }

        return true;
    }

    private static IEnumerable<BoxTag> At(int category, string text, double scale, Rect box, int line, Size picture)
    {
        int stroke = Math.Max(1, (int)Math.Round(scale * 1.4)), margin = Math.Max(2, (int)Math.Round(scale * 4));
        Size letters = Cv2.GetTextSize(text, Font, scale, stroke, out int below);
        var size = new Size(letters.Width + 2 * margin, letters.Height + below + margin + 1);
        int x = Math.Clamp(box.X - line / 2, 0, Math.Max(0, picture.Width - size.Width));
        foreach (int y in new[] { box.Y - line / 2 - size.Height, box.Bottom + line / 2, box.Y })
            if (y >= 0 && y + size.Height <= picture.Height)
                yield return Made(y);
        // A tag that is higher than the picture has nowhere else to be.
        yield return Made(Math.Clamp(box.Y, 0, Math.Max(0, picture.Height - size.Height)));

        BoxTag Made(int y) => new(category, text, new Rect(new Point(x, y), size),
            new Point(x + margin, y + letters.Height + margin / 2), scale, stroke);
    }
}
