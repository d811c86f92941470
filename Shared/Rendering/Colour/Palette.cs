using System.Collections.Concurrent;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>The 256 colours of a colormap. Text and background take theirs from among them too.</summary>
internal sealed class Palette
{
    public const int Size = 256;

    // Thin strokes cover hardly any pixel wholly.
    private const double Boldness = 1.3;

    private static readonly ConcurrentDictionary<int, Palette> Known = new();

    private readonly byte[] _textShades = new byte[Size];
    private readonly byte[] _shades = new byte[Size];

    private Palette(ColormapTypes? colormap)
    {
        Colormap = colormap;
        Bgr = Colours(colormap);
        int[] byLuma = [.. Enumerable.Range(0, Size).OrderBy(Luma)];
        Darkest = (byte)byLuma[0];
        Lightest = (byte)byLuma[^1];
        for (int coverage = 0; coverage < Size; coverage++)
        {
            double share = coverage / (Size - 1.0);
            double luma = Luma(Darkest) + share * (Luma(Lightest) - Luma(Darkest));
            _textShades[coverage] = Nearest(Math.Min(1, share * Boldness));
            _shades[coverage] = (byte)byLuma.MinBy(index => Math.Abs(Luma(index) - luma));
        }
    }

    public ColormapTypes? Colormap { get; }

    /// <summary>Blue, green, red of the first entry, then of the next.</summary>
    public byte[] Bgr { get; }

    /// <summary>Index of the background.</summary>
    public byte Darkest { get; }

    /// <summary>Index of text and lines.</summary>
    public byte Lightest { get; }

    /// <summary>
    /// Index, for a coverage of 0 to 255, of the colour nearest to that mixture of background and text: smooth edges without new colours.
    /// </summary>
    public ReadOnlySpan<byte> TextShades => _textShades;

    /// <summary>An entry between background (0) and text (1) in brightness: for lines and areas.</summary>
    public byte Shade(double brightness) => _shades[(int)Math.Round(brightness * (Size - 1))];

    public static Palette Of(ColormapTypes? colormap) =>
        Known.GetOrAdd(colormap is { } type ? (int)type : -1, _ => new Palette(colormap));

    private static byte[] Colours(ColormapTypes? colormap)
    {
        if (colormap is not { } type)
            return [.. Enumerable.Range(0, Size).SelectMany(i => Enumerable.Repeat((byte)i, 3))];
        byte[] ramp = [.. Enumerable.Range(0, Size).Select(i => (byte)i)];
        using Mat indices = Mat.FromPixelData(1, Size, MatType.CV_8UC1, ramp);
        using var colours = new Mat();
        Cv2.ApplyColorMap(indices, colours, type);
        return colours.AsSpan<byte>().ToArray();
    }

    // ITU-R BT.601, as OpenCV's BGR2GRAY.
    private double Luma(int index) => 0.114 * Bgr[3 * index] + 0.587 * Bgr[3 * index + 1] + 0.299 * Bgr[3 * index + 2];

    private byte Nearest(double coverage)
    {
        (int best, double least) = (0, double.MaxValue);
        for (int index = 0; index < Size; index++)
        {
            double distance = 0;
            for (int c = 0; c < 3; c++)
            {
                double wanted = Bgr[3 * Darkest + c] + coverage * (Bgr[3 * Lightest + c] - Bgr[3 * Darkest + c]);
                distance += (Bgr[3 * index + c] - wanted) * (Bgr[3 * index + c] - wanted);
            }

            if (distance < least)
                (best, least) = (index, distance);
        }

        return (byte)best;
    }
}
