using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>
/// A map of a detector's head over the picture: cells that are surer are brighter, on the picture in grey. Over it the boxes that this
/// level made, and the cell that each of them comes from.
/// </summary>
internal static class LevelPicture
{
    // Of the map's colours over the picture: a cell that is sure of nothing is nearly the picture.
    private const double LeastShare = 0.15, MostShare = 0.75;

    // The picture behind it is darker than as it was given.
    private const double Light = 0.55;

    /// <summary>Draws it, as large as a thumbnail of the picture. The caller disposes it.</summary>
    /// <param name="map">The map.</param>
    /// <param name="highest">Score that is brightest, the same for all maps of a head.</param>
    /// <param name="picture">The picture as it was given.</param>
    /// <param name="found">Boxes of all levels.</param>
    public static Mat Draw(ScoreMap map, double highest, Mat picture, Detections found)
    {
        using Mat small = Thumbnail.Of(picture);
        Mat drawn = Gray(small);
        var placement = PicturePlacement.Of(found.Picture, found.Preprocessing);
        double scale = (double)small.Width / found.Picture.Width;
        Paint(drawn, map, highest, placement, found.Preprocessing.Size, scale);
        foreach (DetectedBox box in found.Boxes.Reverse())
            if (box.Origin.Cell is { } cell && cell.Level == map.Level)
            {
                Scalar colour = BoxOverlay.ColourOf(box.Class);
                Cv2.Rectangle(drawn, Scaled(box.Box, scale), colour, 1);
                Rect place = Scaled(CellOf(cell, placement, found.Preprocessing.Size), scale);
                Cv2.Rectangle(drawn, place, Scalar.White, 2);
                Cv2.Rectangle(drawn, place, colour, 1);
            }

        return drawn;
    }

    private static Mat Gray(Mat small)
    {
        using Mat gray = small.Channels() == 1 ? small.Clone() : small.CvtColor(ColorConversionCodes.BGR2GRAY);
        gray.ConvertTo(gray, MatType.CV_8U, Light);
        return gray.CvtColor(ColorConversionCodes.GRAY2BGR);
    }

    private static void Paint(Mat drawn, ScoreMap map, double highest, PicturePlacement placement, Size input, double scale)
    {
        using Mat colours = Colours();
        Span<Vec3b> palette = colours.AsSpan<Vec3b>();
        Span<Vec3b> pixels = drawn.AsSpan<Vec3b>();
        int width = drawn.Width, height = drawn.Height;
        for (int y = 0; y < height; y++)
        {
            Span<Vec3b> row = pixels.Slice(y * width, width);
            for (int x = 0; x < width; x++)
            {
                Point2d place = placement.ToInput(new Point2d((x + 0.5) / scale, (y + 0.5) / scale));
                int column = (int)(place.X * map.Columns / input.Width), line = (int)(place.Y * map.Rows / input.Height);
                // what is cropped away, no cell sees
                if (place.X < 0 || place.Y < 0 || column >= map.Columns || line >= map.Rows)
                    continue;
                double score = Math.Clamp(map.Scores[(line * map.Columns) + column] / highest, 0, 1);
                double share = LeastShare + ((MostShare - LeastShare) * score);
                Vec3b colour = palette[(int)Math.Round(255 * score)];
                row[x] = new Vec3b(Mixed(row[x].Item0, colour.Item0, share), Mixed(row[x].Item1, colour.Item1, share),
                    Mixed(row[x].Item2, colour.Item2, share));
            }
        }
    }

    private static Mat Colours()
    {
        using Mat steps = Mat.FromPixelData(1, 256, MatType.CV_8UC1, Enumerable.Range(0, 256).Select(i => (byte)i).ToArray());
        var colours = new Mat();
        Cv2.ApplyColorMap(steps, colours, ColormapTypes.Inferno);
        return colours;
    }

    private static Rect2d CellOf(HeadCell cell, PicturePlacement placement, Size input)
    {
        double width = (double)input.Width / cell.Columns, height = (double)input.Height / cell.Rows;
        Point2d corner = placement.ToPicture(new Point2d(cell.Column * width, cell.Row * height));
        Point2d other = placement.ToPicture(new Point2d((cell.Column + 1) * width, (cell.Row + 1) * height));
        return new Rect2d(corner.X, corner.Y, other.X - corner.X, other.Y - corner.Y);
    }

    private static Rect Scaled(Rect2d box, double scale) => new(
        (int)Math.Round(box.X * scale), (int)Math.Round(box.Y * scale),
        Math.Max(2, (int)Math.Round(box.Width * scale)), Math.Max(2, (int)Math.Round(box.Height * scale)));

    private static byte Mixed(byte below, byte above, double share) => (byte)(below + ((above - below) * share) + 0.5);
}
