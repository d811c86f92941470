namespace CnnOnnx.Rendering;

/// <summary>Ground of pictures and pages.</summary>
public enum PictureTheme
{
    /// <summary>Dark words on white.</summary>
    Light,

    /// <summary>Light words on near-black.</summary>
    Dark,
}

/// <summary>
/// 256 colours for values around zero: blue, the ground, orange. Zero has the colour of what is around the picture, so that what is there
/// is what differs from zero.
/// </summary>
internal static class DivergingColours
{
    // Blue, green and red: strongest negative, half of it, zero, half of the strongest positive, strongest positive.
    private static readonly Dictionary<PictureTheme, (int B, int G, int R)[]> Stops = new()
    {
        [PictureTheme.Light] = [(110, 52, 8), (240, 158, 92), (255, 255, 255), (88, 160, 240), (10, 50, 128)],
        [PictureTheme.Dark] = [(255, 214, 172), (214, 124, 52), (30, 25, 22), (44, 108, 196), (170, 214, 255)],
    };

    /// <summary>Blue, green and red of the 256 colours; the one with index 128 is zero.</summary>
    /// <param name="theme">Ground whose colour zero has.</param>
    public static byte[] Bgr(PictureTheme theme)
    {
        byte[] colours = new byte[3 * 256];
        for (int i = 0; i < 256; i++)
        {
            double place = Math.Clamp((i - 128) / 127.0, -1, 1) * 2 + 2;
            int from = Math.Min(3, (int)place);
            ((int b, int g, int r), (int b2, int g2, int r2)) = (Stops[theme][from], Stops[theme][from + 1]);
            double share = place - from;
            colours[3 * i] = (byte)Math.Round(b + share * (b2 - b));
            colours[3 * i + 1] = (byte)Math.Round(g + share * (g2 - g));
            colours[3 * i + 2] = (byte)Math.Round(r + share * (r2 - r));
        }

        return colours;
    }
}
