using OpenCvSharp;

namespace CnnOnnx.Trainer.Data;

/// <summary>A thing in a drawn picture.</summary>
/// <param name="Class">Index of the class.</param>
/// <param name="Box">Pixels that it reaches over, hidden ones too.</param>
internal readonly record struct DrawnBox(int Class, Rect Box);

/// <summary>
/// Pictures to find things in: filled shapes of any size, colour and turn, some in front of others, on a textured ground with lines and
/// specks that are nothing. Only whole numbers and plain sums make the pixels, so that a seed gives the same on every processor.
/// </summary>
internal static class BoxPictures
{
    // Drawn so much larger, then counted: smooth edges at any angle.
    private const int Oversampling = 4;

    // Radius of the shapes as shares of the picture's side.
    private const double LeastRadius = 0.07, MostRadius = 0.22;

    private const int MostShapes = 6, Tries = 20;

    // A shape that is cut off by the edge or hidden by others is to be seen by at least such a share.
    private const double LeastSeen = 0.6;

    private static readonly string[] Chosen = ["circle", "square", "star", "triangle"];

    private static readonly Point2d[][] Outlines =
        [.. Chosen.Select(name => ShapePictures.Outlines.Single(shape => shape.Name == name).Outline)];

    /// <summary>Names of the classes, in the order of their indices.</summary>
    public static IReadOnlyList<string> Classes => Chosen;

    /// <summary>Draws a picture. The caller disposes it.</summary>
    /// <param name="side">Width and height in pixels.</param>
    public static (Mat Picture, DrawnBox[] Boxes) Draw(Random random, int side)
    {
        var picture = new Mat(side, side, MatType.CV_8UC3);
        (double B, double G, double R) ground = Textures.Ground(picture, random);
        Textures.Clutter(picture, random);
        var shapes = new List<Shape>();
        int count = 1 + random.Next(MostShapes);
        for (int tries = 0; shapes.Count < count && tries < Tries; tries++)
        {
            Shape next = Place(random, side, ground);
            if (next.IsWithin && Enumerable.Range(0, shapes.Count).All(i => shapes[i].IsSeenBehind([.. shapes[(i + 1)..], next])))
                shapes.Add(next);
        }

        foreach (Shape shape in shapes)
            shape.Paint(picture);
        Textures.Noise(picture, random);
        return (picture, [.. shapes.Select(s => new DrawnBox(s.Class, s.Box))]);
    }

    private static Shape Place(Random random, int side, (double B, double G, double R) ground)
    {
        int kind = random.Next(Outlines.Length);
        double radius = side * random.Between(LeastRadius, MostRadius);
        double x = random.Between(radius / 2, side - (radius / 2)), y = random.Between(radius / 2, side - (radius / 2));
        double turn = random.Between(0, 2 * Math.PI);
        // the last digits of a cosine are the processor's own
        double cos = Math.Round(Math.Cos(turn), 6), sin = Math.Round(Math.Sin(turn), 6);
        Point[] corners = [.. Outlines[kind].Select(p => (X: Math.Round(p.X, 6), Y: Math.Round(p.Y, 6))).Select(p => new Point(
            (int)Math.Round(Oversampling * (x + (radius * ((p.X * cos) - (p.Y * sin))))),
            (int)Math.Round(Oversampling * (y + (radius * ((p.X * sin) + (p.Y * cos)))))))];
        return new Shape(kind, corners, side, Textures.Contrasting(random, ground), random.Between(-0.3, 0.3));
    }

    /// <summary>A shape as shares of the pixels that it covers.</summary>
    private sealed class Shape
    {
        private const int Full = Oversampling * Oversampling;

        private readonly int _side, _pixels;
        private readonly byte[] _covered;
        private readonly (double B, double G, double R) _colour;
        private readonly double _slope;

        public Shape(int kind, Point[] corners, int side, (double B, double G, double R) colour, double slope)
        {
            (Class, _side, _colour, _slope) = (kind, side, colour, slope);
            // room on all sides for what reaches beyond the picture
            using var large = new Mat(3 * side * Oversampling, 3 * side * Oversampling, MatType.CV_8UC1, Scalar.Black);
            var shift = new Point(side * Oversampling, side * Oversampling);
            Cv2.FillPoly(large, [corners.Select(c => c + shift)], Scalar.White, LineTypes.Link8);
            _covered = new byte[side * side];
            _pixels = Cv2.CountNonZero(large) / Full;
            int least = side, most = -1, top = side, bottom = -1;
            Span<byte> pixels = large.AsSpan<byte>();
            for (int y = 0; y < side * Oversampling; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice((((shift.Y + y) * 3 * side) + side) * Oversampling, side * Oversampling);
                for (int x = 0; x < row.Length; x++)
                    if (row[x] != 0)
                        _covered[((y / Oversampling) * side) + (x / Oversampling)]++;
            }

            for (int i = 0; i < _covered.Length; i++)
            {
                if (!IsOn(i))
                    continue;
                (int y, int x) = Math.DivRem(i, side);
                (least, most, top, bottom) = (Math.Min(least, x), Math.Max(most, x), Math.Min(top, y), Math.Max(bottom, y));
            }

            Box = new Rect(least, top, most - least + 1, bottom - top + 1);
        }

        public int Class { get; }

        public Rect Box { get; }

        public bool IsWithin => Enumerable.Range(0, _covered.Length).Count(IsOn) >= LeastSeen * _pixels;

        /// <summary>True when enough of it is to be seen behind others.</summary>
        public bool IsSeenBehind(IReadOnlyList<Shape> others) =>
            Enumerable.Range(0, _covered.Length).Count(i => IsOn(i) && !others.Any(o => o.IsOn(i))) >= LeastSeen * _pixels;

        public void Paint(Mat picture)
        {
            Span<byte> pixels = picture.AsSpan<byte>();
            for (int i = 0; i < _covered.Length; i++)
            {
                if (_covered[i] == 0)
                    continue;
                double share = _covered[i] / (double)Full, light = 1 + (_slope * ((2.0 * (i / _side) / _side) - 1));
                Span<byte> pixel = pixels.Slice(3 * i, 3);
                pixel[0] = Mixed(pixel[0], _colour.B * light, share);
                pixel[1] = Mixed(pixel[1], _colour.G * light, share);
                pixel[2] = Mixed(pixel[2], _colour.R * light, share);
            }
        }

        private bool IsOn(int i) => 2 * _covered[i] >= Full;

        private static byte Mixed(byte ground, double colour, double share) => Textures.Rounded(ground + ((colour - ground) * share));
    }
}
