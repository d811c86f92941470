using OpenCvSharp;

namespace CnnOnnx.Trainer.Data;

/// <summary>
/// Filled shapes in one colour on a ground of another, 64x64: of any size, place and turn, with a gradient and noise over both,
/// so that neither a colour nor a pixel gives a class away.
/// </summary>
internal static class ShapePictures
{
    private const int Side = 64;

    // Drawn so much larger and then averaged, which makes smooth edges at any angle.
    private const int Oversampling = 4;

    // Smallest distance of the two colours, in Lab: far enough for every eye.
    private const double LeastContrast = 40;

    // A plus within the unit circle: arms twice as long as wide.
    private static readonly Point2d[] Plus =
        [.. new[] { (-1, 3), (1, 3), (1, 1), (3, 1), (3, -1), (1, -1), (1, -3), (-1, -3), (-1, -1), (-3, -1), (-3, 1), (-1, 1) }
            .Select(p => new Point2d(p.Item1, p.Item2) * (1 / Math.Sqrt(10)))];

    /// <summary>Outlines: corners within the unit circle.</summary>
    public static (string Name, Point2d[] Outline)[] Outlines { get; } =
    [
        ("circle", [.. Turn(48, _ => 1)]),
        ("cross", Plus),
        ("hexagon", [.. Turn(6, _ => 1)]),
        ("square", [.. Turn(4, _ => 1)]),
        ("star", [.. Turn(10, i => i % 2 == 0 ? 1 : 0.42)]),
        ("triangle", [.. Turn(3, _ => 1)]),
    ];

    public static (string Name, Func<Random, Mat> Draw)[] Classes { get; } =
        [.. Outlines.Select(shape => (shape.Name, (Func<Random, Mat>)(random => Draw(random, shape.Outline))))];

    /// <summary>Corners around the unit circle, at a distance that may change from one to the next.</summary>
    private static IEnumerable<Point2d> Turn(int corners, Func<int, double> distance) => Enumerable.Range(0, corners)
        .Select(i => new Point2d(Math.Cos(2 * Math.PI * i / corners), Math.Sin(2 * Math.PI * i / corners)) * distance(i));

    /// <param name="outline">Corners within the unit circle.</param>
    private static Mat Draw(Random random, Point2d[] outline)
    {
        (Scalar ground, Scalar colour) = Colours(random);
        using var large = new Mat(Side * Oversampling, Side * Oversampling, MatType.CV_8UC3, ground);
        double radius = large.Width * random.Between(0.18, 0.42);
        var centre = new Point2d(random.Between(radius, large.Width - radius), random.Between(radius, large.Height - radius));
        double turn = random.Between(0, 2 * Math.PI), squeeze = random.Between(0.85, 1);
        Point[] corners = [.. outline.Select(p => new Point(
            centre.X + (radius * ((p.X * Math.Cos(turn)) - (p.Y * squeeze * Math.Sin(turn)))),
            centre.Y + (radius * ((p.X * Math.Sin(turn)) + (p.Y * squeeze * Math.Cos(turn))))))];
        Cv2.FillPoly(large, [corners], colour, LineTypes.AntiAlias);
        var picture = new Mat();
        Cv2.Resize(large, picture, new Size(Side, Side), 0, 0, InterpolationFlags.Area);
        Light(picture, random);
        return picture;
    }

    // Brighter to one side, and noise as of a camera in the evening.
    private static void Light(Mat picture, Random random)
    {
        double angle = random.Between(0, 2 * Math.PI), strength = random.Between(0, 50), noise = random.Between(2, 12);
        Span<byte> values = picture.AsSpan<byte>();
        for (int i = 0; i < values.Length; i++)
        {
            (int y, int x) = Math.DivRem(i / 3, Side);
            double slope = (((x - (Side / 2)) * Math.Cos(angle)) + ((y - (Side / 2)) * Math.Sin(angle))) / Side;
            values[i] = (byte)Math.Clamp(values[i] + (strength * slope) + (noise * Normal(random)), byte.MinValue, byte.MaxValue);
        }
    }

    private static (Scalar Ground, Scalar Colour) Colours(Random random)
    {
        while (true)
        {
            Scalar a = Colour(random), b = Colour(random);
            if (Distance(a, b) >= LeastContrast)
                return (a, b);
        }
    }

    private static Scalar Colour(Random random) => new(random.Next(256), random.Next(256), random.Next(256));

    private static double Distance(Scalar a, Scalar b)
    {
        using var pair = new Mat(1, 2, MatType.CV_32FC3);
        pair.Set(0, 0, new Vec3f((float)a.Val0 / 255, (float)a.Val1 / 255, (float)a.Val2 / 255));
        pair.Set(0, 1, new Vec3f((float)b.Val0 / 255, (float)b.Val1 / 255, (float)b.Val2 / 255));
        using var lab = new Mat();
        Cv2.CvtColor(pair, lab, ColorConversionCodes.BGR2Lab);
        Vec3f one = lab.At<Vec3f>(0, 0), other = lab.At<Vec3f>(0, 1);
        return Math.Sqrt(Math.Pow(one.Item0 - other.Item0, 2) + Math.Pow(one.Item1 - other.Item1, 2)
            + Math.Pow(one.Item2 - other.Item2, 2));
    }

    // Box and Muller
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
