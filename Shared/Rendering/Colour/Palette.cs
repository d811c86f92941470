using System.Collections.Concurrent;
using System.Numerics;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>
/// The 256 colours of a picture. With a theme eight of them, which no value gets, are the ground and the shades of words and lines on it: a
/// gap is not a low value. Values that would get one of these places get the next one.
/// </summary>
internal sealed class Palette
{
    public const int Size = 256;

    // Every 32nd place from 16 on. Neighbours on a colormap cannot be told apart.
    private const byte Period = 32, First = 16;
    private const int Neutrals = Size / Period;

    // Thin strokes cover hardly any pixel wholly.
    private const double Boldness = 1.25;

    // Share of ink in what is neither ground nor words: flat maps, lines between cells.
    private const int FaintShade = 1;

    private static readonly ConcurrentDictionary<(int, PictureTheme?), Palette> Known = new();

    // Blue, green, red of ground and ink, those of the pages' cards.
    private static readonly Dictionary<PictureTheme, (byte[] Ground, byte[] Ink)> Themes = new()
    {
        [PictureTheme.Light] = ([255, 255, 255], [28, 24, 22]),
        [PictureTheme.Dark] = ([30, 25, 22], [237, 234, 232]),
    };

    private readonly byte[] _textShades = new byte[Size];

    private Palette(ColormapTypes? colormap, byte[] bgr, PictureTheme? theme)
    {
        (Colormap, Bgr, Theme) = (colormap, bgr, theme);
        if (theme is not { } themed)
        {
            int[] byLuma = [.. Enumerable.Range(0, Size).OrderBy(Luma)];
            (Ground, Ink) = ((byte)byLuma[0], (byte)byLuma[^1]);
            Faint = byLuma.Select(place => (byte)place).MinBy(place => Math.Abs(Luma(place) - 0.14 * Luma(Ink)));
            for (int coverage = 0; coverage < Size; coverage++)
                _textShades[coverage] = Nearest(Share(coverage));
            return;
        }

        (byte[] ground, byte[] ink) = Themes[themed];
        for (int shade = 0; shade < Neutrals; shade++)
            for (int c = 0; c < 3; c++)
                Bgr[3 * PlaceOf(shade) + c] = (byte)Math.Round(ground[c] + (ink[c] - ground[c]) * (double)shade / (Neutrals - 1));
        (Ground, Ink, Faint) = (PlaceOf(0), PlaceOf(Neutrals - 1), PlaceOf(FaintShade));
        for (int coverage = 0; coverage < Size; coverage++)
            _textShades[coverage] = PlaceOf((int)Math.Round(Share(coverage) * (Neutrals - 1)));
    }

    /// <summary>Colormap that the values' colours are from; null for gray, and for those around zero.</summary>
    public ColormapTypes? Colormap { get; }

    /// <summary>Theme whose ground and words are among the colours; null where all of them are the colormap's.</summary>
    public PictureTheme? Theme { get; }

    /// <summary>Blue, green, red of the first entry, then of the next.</summary>
    public byte[] Bgr { get; }

    /// <summary>Index of what is around and between maps.</summary>
    public byte Ground { get; }

    /// <summary>Index of words.</summary>
    public byte Ink { get; }

    /// <summary>Index of what is hardly more than the ground: maps that say nothing.</summary>
    public byte Faint { get; }

    /// <summary>Index, for a coverage of 0 to 255, of that mixture of ground and ink: smooth edges.</summary>
    public ReadOnlySpan<byte> TextShades => _textShades;

    /// <summary>Gives the palette of a colormap alone; null for gray.</summary>
    public static Palette Of(ColormapTypes? colormap) =>
        Known.GetOrAdd((KeyOf(colormap), null), _ => new Palette(colormap, Colours(colormap), null));

    /// <summary>Gives the palette of a colormap with the ground and words of a theme.</summary>
    public static Palette Of(ColormapTypes? colormap, PictureTheme theme) =>
        Known.GetOrAdd((KeyOf(colormap), theme), _ => new Palette(colormap, [.. Colours(colormap)], theme));

    /// <summary>Gives the palette of values around zero, whose middle is the ground.</summary>
    public static Palette Diverging(PictureTheme theme) =>
        Known.GetOrAdd((int.MaxValue, theme), _ => new Palette(null, DivergingColours.Bgr(theme), theme));

    /// <summary>Moves values from the places that are not theirs to the next ones.</summary>
    public void Reserve(Span<byte> places)
    {
        if (Theme is null)
            return;
        int done = 0;
        var (period, first) = (new Vector<byte>(Period - 1), new Vector<byte>(First));
        for (; done + Vector<byte>.Count <= places.Length; done += Vector<byte>.Count)
        {
            ref byte at = ref places[done];
            Vector<byte> block = Vector.LoadUnsafe(ref at);
            // Equal is all bits, which is −1.
            (block - Vector.Equals(block & period, first)).StoreUnsafe(ref at);
        }

        foreach (ref byte place in places[done..])
            place += place % Period == First ? (byte)1 : (byte)0;
    }

    private static int KeyOf(ColormapTypes? colormap) => colormap is { } type ? (int)type : -1;

    private static byte PlaceOf(int shade) => (byte)(First + Period * shade);

    private static double Share(int coverage) => Math.Min(1, coverage / (Size - 1.0) * Boldness);

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

    private byte Nearest(double share)
    {
        double wanted = Luma(Ground) + share * (Luma(Ink) - Luma(Ground));
        return (byte)Enumerable.Range(0, Size).MinBy(index => Math.Abs(Luma(index) - wanted));
    }
}
