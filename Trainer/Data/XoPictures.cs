using OpenCvSharp;

namespace CnnOnnx.Trainer.Data;

/// <summary>
/// Circles and crosses as a hand would draw them: black on white in 116x116 pixels, anywhere, of any size and slant, with
/// thinner and thicker strokes, and with specks.
/// </summary>
internal static class XoPictures
{
    private const int Side = 116;
    private const int MostSpecks = 40;

    // Coordinates in sixteenths of a pixel, so that no two pictures are alike.
    private const int SubpixelBits = 4;

    /// <summary>A closed or nearly closed ellipse.</summary>
    public static Mat Circle(Random random) => Draw(random, paper =>
    {
        double radius = random.Between(14, 42);
        Point2d centre = Middle(random, radius);
        var axes = new Size(Fine(radius), Fine(radius * random.Between(0.65, 1)));
        double gap = random.Chance(0.3) ? random.Between(10, 60) : 0, start = random.Between(0, 360);
        Cv2.Ellipse(paper, Fine(centre), axes, random.Between(0, 180),
            start + gap, start + 360, Scalar.Black, Stroke(random), LineTypes.AntiAlias, SubpixelBits);
    });

    /// <summary>Two strokes that cross near their middles.</summary>
    public static Mat Cross(Random random) => Draw(random, paper =>
    {
        double reach = random.Between(14, 42);
        Point2d centre = Middle(random, reach);
        double slant = random.Between(0, Math.PI), opening = random.Between(0.3, 0.7) * Math.PI;
        int stroke = Stroke(random);
        foreach (double angle in new[] { slant, slant + opening })
        {
            // unequal arms: they end between 55 and 100 % of the reach
            var direction = new Point2d(Math.Cos(angle), Math.Sin(angle));
            Point2d from = centre - direction * reach * random.Between(0.55, 1), to = centre + direction * reach * random.Between(0.55, 1);
            Cv2.Line(paper, Fine(from), Fine(to), Scalar.Black, stroke, LineTypes.AntiAlias, SubpixelBits);
        }
    });

    private static Mat Draw(Random random, Action<Mat> shape)
    {
        using var paper = new Mat(Side, Side, MatType.CV_8UC1, Scalar.White);
        shape(paper);
        int specks = random.Chance(0.5) ? random.Next(MostSpecks) : 0;
        for (int i = 0; i < specks; i++)
            paper.Set(random.Next(Side), random.Next(Side), random.Chance(0.5) ? byte.MinValue : byte.MaxValue);
        var bits = new Mat();
        Cv2.Threshold(paper, bits, 127, byte.MaxValue, ThresholdTypes.Binary);
        return bits;
    }

    // The whole figure stays on the paper, with two pixels to spare for the stroke.
    private static Point2d Middle(Random random, double reach) =>
        new(random.Between(reach + 2, Side - reach - 2), random.Between(reach + 2, Side - reach - 2));

    private static int Stroke(Random random) => random.Next(1, 5);

    private static Point Fine(Point2d point) => new(Fine(point.X), Fine(point.Y));

    private static int Fine(double pixels) => (int)Math.Round(pixels * (1 << SubpixelBits));
}
