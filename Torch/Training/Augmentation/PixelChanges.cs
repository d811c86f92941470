using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>Changes of a picture's pixels that leave every pixel in its place: colours, and parts that are erased.</summary>
internal static class PixelChanges
{
    // Of erased rectangles, as in Zhong et al., Random Erasing: https://arxiv.org/abs/1708.04896
    private const double ErasedPictures = 0.5, SmallestArea = 0.02, MostStretch = 3.3;

    // Share of red, green and blue in the brightness that people see (ITU-R BT.601).
    private static readonly double[] RedGreenBlue = [0.299, 0.587, 0.114];

    /// <summary>Another brightness, then another contrast about the mean brightness, then another saturation.</summary>
    public static void Colour(Span<byte> pixels, InputSpec spec, double[] numbers, Random random)
    {
        double brightness = Factor(random, numbers[0]), contrast = Factor(random, numbers[0]), saturation = Factor(random, numbers[0]);
        int area = spec.Height * spec.Width, channels = spec.ChannelCount;
        double[] shares = channels == 1 ? [1] : spec.Channels == ChannelOrder.Bgr ? [.. RedGreenBlue.Reverse()] : RedGreenBlue;
        double mean = 0;
        for (int channel = 0; channel < channels; channel++)
            mean += shares[channel] * brightness * MeanOf(pixels.Slice(channel * area, area));
        Span<double> values = stackalloc double[channels];
        for (int i = 0; i < area; i++)
        {
            double grey = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                values[channel] = mean + (((brightness * pixels[(channel * area) + i]) - mean) * contrast);
                grey += shares[channel] * values[channel];
            }

            for (int channel = 0; channel < channels; channel++)
                pixels[(channel * area) + i] = Rounded(grey + ((values[channel] - grey) * saturation));
        }
    }

    /// <summary>Every channel further from its mean, or nearer to it.</summary>
    public static void Contrast(Span<byte> pixels, InputSpec spec, double[] numbers, Random random)
    {
        double factor = Factor(random, numbers[0]);
        int area = spec.Height * spec.Width;
        for (int channel = 0; channel < spec.ChannelCount; channel++)
        {
            Span<byte> plane = pixels.Slice(channel * area, area);
            double mean = MeanOf(plane);
            foreach (ref byte pixel in plane)
                pixel = Rounded(mean + ((pixel - mean) * factor));
        }
    }

    /// <summary>Another hue, turned on the circle, then other factors for saturation and value; of grey pictures the value alone.</summary>
    public static void Hsv(Span<byte> pixels, InputSpec spec, double[] numbers, Random random)
    {
        double Of(int i) => numbers[Math.Min(i, numbers.Length - 1)];
        double turn = Of(0) * ((2 * random.NextDouble()) - 1), saturation = Factor(random, Of(1)), value = Factor(random, Of(2));
        int area = spec.Height * spec.Width;
        if (spec.ChannelCount == 1)
        {
            foreach (ref byte pixel in pixels)
                pixel = Rounded(value * pixel);
            return;
        }

        int red = spec.Channels == ChannelOrder.Bgr ? 2 * area : 0, blue = (2 * area) - red;
        for (int i = 0; i < area; i++)
        {
            (double r, double g, double b) = (pixels[red + i], pixels[area + i], pixels[blue + i]);
            double most = Math.Max(r, Math.Max(g, b)), spread = most - Math.Min(r, Math.Min(g, b));
            double sector = spread == 0 ? 0
                : most == r ? (g - b) / spread : most == g ? ((b - r) / spread) + 2 : ((r - g) / spread) + 4;
            double hue = sector + (6 * turn);
            hue -= 6 * Math.Floor(hue / 6);
            double light = Math.Min(byte.MaxValue, most * value);
            double chroma = spread == 0 ? 0 : Math.Min(1, spread * saturation / most) * light;
            pixels[red + i] = Rounded(light - (chroma * Lack(hue + 5)));
            pixels[area + i] = Rounded(light - (chroma * Lack(hue + 3)));
            pixels[blue + i] = Rounded(light - (chroma * Lack(hue + 1)));
        }
    }

    /// <summary>A rectangle of the picture's mean colour.</summary>
    public static void Erase(Span<byte> pixels, InputSpec spec, double[] numbers, Random random)
    {
        if (random.NextDouble() >= ErasedPictures)
            return;
        double share = SmallestArea + ((numbers[0] - SmallestArea) * random.NextDouble());
        double stretch = Math.Exp(Math.Log(MostStretch) * ((2 * random.NextDouble()) - 1));
        int area = spec.Height * spec.Width;
        int height = Math.Clamp((int)Math.Round(Math.Sqrt(share * area * stretch)), 1, spec.Height);
        int width = Math.Clamp((int)Math.Round(share * area / height), 1, spec.Width);
        int top = random.Next(spec.Height - height + 1), left = random.Next(spec.Width - width + 1);
        for (int channel = 0; channel < spec.ChannelCount; channel++)
        {
            Span<byte> plane = pixels.Slice(channel * area, area);
            byte mean = Rounded(MeanOf(plane));
            for (int y = top; y < top + height; y++)
                plane.Slice((y * spec.Width) + left, width).Fill(mean);
        }
    }

    // A channel is full within the third of the circle about its own colour, and falls to its least on both sides.
    private static double Lack(double sector)
    {
        double place = sector >= 6 ? sector - 6 : sector;
        return Math.Clamp(Math.Min(place, 4 - place), 0, 1);
    }

    private static double Factor(Random random, double most) => 1 + (most * ((2 * random.NextDouble()) - 1));

    private static double MeanOf(ReadOnlySpan<byte> plane)
    {
        long sum = 0;
        foreach (byte pixel in plane)
            sum += pixel;
        return (double)sum / plane.Length;
    }

    private static byte Rounded(double value) => (byte)Math.Clamp(Math.Floor(value + 0.5), byte.MinValue, byte.MaxValue);
}
