using OpenCvSharp;

namespace CnnOnnx.Trainer.Data;

/// <summary>Grounds, clutter and noise of drawn pictures, by plain sums of doubles.</summary>
internal static class Textures
{
    // Smallest distance of a colour from the ground's mean, of 0 to 441.
    private const double LeastContrast = 110;

    /// <summary>Clouds between two colours, and stripes in some; returns the mean colour.</summary>
    public static (double B, double G, double R) Ground(Mat picture, Random random)
    {
        int side = picture.Width;
        (double B, double G, double R) first = Colour(random), second = Near(first, random, 70);
        double cell = side / random.Between(2, 9);
        double[,] lattice = new double[12, 12];
        for (int y = 0; y < 12; y++)
            for (int x = 0; x < 12; x++)
                lattice[y, x] = random.NextDouble();
        int across = random.Next(-3, 4), down = random.Next(-3, 4), period = random.Next(6, 20);
        double stripes = random.Chance(0.5) && (across, down) != (0, 0) ? random.Between(5, 30) : 0;
        Span<byte> pixels = picture.AsSpan<byte>();
        (double b, double g, double r) = (0, 0, 0);
        for (int i = 0; i < side * side; i++)
        {
            (int y, int x) = Math.DivRem(i, side);
            double share = Bilinear(lattice, x / cell, y / cell);
            int phase = ((((across * x) + (down * y)) % period) + period) % period;
            double light = stripes * ((Math.Abs((2 * phase) - period) / (double)period) - 0.5);
            pixels[3 * i] = Rounded(first.B + ((second.B - first.B) * share) + light);
            pixels[(3 * i) + 1] = Rounded(first.G + ((second.G - first.G) * share) + light);
            pixels[(3 * i) + 2] = Rounded(first.R + ((second.R - first.R) * share) + light);
            (b, g, r) = (b + pixels[3 * i], g + pixels[(3 * i) + 1], r + pixels[(3 * i) + 2]);
        }

        return (b / (side * side), g / (side * side), r / (side * side));
    }

    /// <summary>Thin lines and specks.</summary>
    public static void Clutter(Mat picture, Random random)
    {
        int side = picture.Width, lines = random.Next(2, 8), specks = random.Next(0, 12);
        for (int i = 0; i < lines; i++)
            Cv2.Line(picture, Anywhere(random, side), Anywhere(random, side), ToScalar(Colour(random)), random.Next(1, 3), LineTypes.Link8);
        for (int i = 0; i < specks; i++)
        {
            var speck = new Rect(Anywhere(random, side), new Size(random.Next(1, 5), random.Next(1, 5)));
            Cv2.Rectangle(picture, speck, ToScalar(Colour(random)), -1);
        }
    }

    /// <summary>Brighter and darker pixels, by a few levels.</summary>
    public static void Noise(Mat picture, Random random)
    {
        int most = random.Next(1, 5);
        Span<byte> pixels = picture.AsSpan<byte>();
        for (int i = 0; i < pixels.Length; i += 3)
        {
            int change = random.Next(-most, most + 1);
            for (int c = 0; c < 3; c++)
                pixels[i + c] = Rounded(pixels[i + c] + change);
        }
    }

    /// <summary>A colour that stands out from another.</summary>
    public static (double B, double G, double R) Contrasting(Random random, (double B, double G, double R) ground)
    {
        while (true)
        {
            (double B, double G, double R) colour = Colour(random);
            (double b, double g, double r) = (colour.B - ground.B, colour.G - ground.G, colour.R - ground.R);
            if ((b * b) + (g * g) + (r * r) >= LeastContrast * LeastContrast)
                return colour;
        }
    }

    /// <summary>The nearest level of a pixel.</summary>
    public static byte Rounded(double value) => (byte)Math.Clamp(Math.Floor(value + 0.5), byte.MinValue, byte.MaxValue);

    private static (double B, double G, double R) Colour(Random random) => (random.Next(256), random.Next(256), random.Next(256));

    private static (double B, double G, double R) Near((double B, double G, double R) colour, Random random, int most) =>
        (colour.B + random.Next(-most, most + 1), colour.G + random.Next(-most, most + 1), colour.R + random.Next(-most, most + 1));

    private static Scalar ToScalar((double B, double G, double R) colour) => new(colour.B, colour.G, colour.R);

    private static Point Anywhere(Random random, int side) => new(random.Next(side), random.Next(side));

    private static double Bilinear(double[,] lattice, double x, double y)
    {
        int column = (int)x, row = (int)y;
        double across = x - column, down = y - row;
        double above = lattice[row, column] + ((lattice[row, column + 1] - lattice[row, column]) * across);
        double below = lattice[row + 1, column] + ((lattice[row + 1, column + 1] - lattice[row + 1, column]) * across);
        return above + ((below - above) * down);
    }
}
