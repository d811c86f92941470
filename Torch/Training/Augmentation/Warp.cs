using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>Maps pixel (x, y) of a result to a place of a picture: (XX·x + XY·y + X, YX·x + YY·y + Y), in pixels.</summary>
internal readonly record struct AffineMap(double XX, double XY, double X, double YX, double YY, double Y)
{
    public static AffineMap Identity { get; } = new(1, 0, 0, 0, 1, 0);

    /// <summary>A linear map that leaves the centre of a picture where it is.</summary>
    public static AffineMap About(Size size, double xx, double xy, double yx, double yy)
    {
        double x = (size.Width - 1) / 2.0, y = (size.Height - 1) / 2.0;
        return new AffineMap(xx, xy, x - (xx * x) - (xy * y), yx, yy, y - (yx * x) - (yy * y));
    }

    /// <summary>The map of this change and, after it, another one.</summary>
    public AffineMap Then(AffineMap next) => new(
        (XX * next.XX) + (XY * next.YX), (XX * next.XY) + (XY * next.YY), (XX * next.X) + (XY * next.Y) + X,
        (YX * next.XX) + (YY * next.YX), (YX * next.XY) + (YY * next.YY), (YX * next.X) + (YY * next.Y) + Y);
}

/// <summary>Moves pixels by a map: bilinear, and beyond the edges the picture is mirrored (d c b a | a b c d | d c b a).</summary>
internal static class Warp
{
    /// <param name="source">Bytes C·H·W.</param>
    /// <param name="target">Filled with as many.</param>
    public static void Apply(ReadOnlySpan<byte> source, Span<byte> target, int channels, int height, int width, AffineMap map)
    {
        int area = height * width;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double column = Mirrored((map.XX * x) + (map.XY * y) + map.X, width);
                double row = Mirrored((map.YX * x) + (map.YY * y) + map.Y, height);
                int left = (int)column, top = (int)row;
                int right = Math.Min(left + 1, width - 1), bottom = Math.Min(top + 1, height - 1);
                double across = column - left, down = row - top;
                for (int channel = 0; channel < channels; channel++)
                {
                    ReadOnlySpan<byte> plane = source.Slice(channel * area, area);
                    double above = Mixed(plane[(top * width) + left], plane[(top * width) + right], across);
                    double below = Mixed(plane[(bottom * width) + left], plane[(bottom * width) + right], across);
                    target[(channel * area) + (y * width) + x] = (byte)(Mixed(above, below, down) + 0.5);
                }
            }
        }
    }

    // Edges lie half a pixel outside of the first and the last centre, and within that half the edge's pixel goes on.
    private static double Mirrored(double place, int size)
    {
        double period = 2.0 * size, reduced = place - (Math.Floor(place / period) * period);
        if (reduced > size - 0.5)
            reduced = period - 1 - reduced;
        return Math.Clamp(reduced, 0, size - 1);
    }

    private static double Mixed(double first, double second, double share) => first + ((second - first) * share);
}
