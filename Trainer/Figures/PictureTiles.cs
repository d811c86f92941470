using System.Runtime.InteropServices;
using CnnOnnx.Imaging;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>Pictures of a data set as tiles of one size on a sheet, as the network gets them.</summary>
internal sealed class PictureTiles : IDisposable
{
    private readonly InputSpec _spec;
    private readonly SKPaint _edge = new() { Color = SKColors.LightGray, IsStroke = true };

    /// <param name="spec">Size and channels of the pictures.</param>
    /// <param name="side">Pixels of a tile's longer side; small pictures are enlarged by whole factors, and stay below it.</param>
    public PictureTiles(InputSpec spec, int side)
    {
        _spec = spec;
        double scale = (double)side / Math.Max(spec.Height, spec.Width);
        Scale = scale > 1 ? Math.Floor(scale) : scale;
        (Width, Height) = ((int)Math.Round(spec.Width * Scale), (int)Math.Round(spec.Height * Scale));
    }

    /// <summary>Pixels of a tile for one of the picture.</summary>
    public double Scale { get; }

    /// <summary>Width of a tile in pixels.</summary>
    public int Width { get; }

    /// <summary>Height of a tile in pixels.</summary>
    public int Height { get; }

    /// <summary>Draws a picture.</summary>
    /// <param name="canvas">The sheet.</param>
    /// <param name="bytes">C·H·W bytes, in the network's order of channels.</param>
    /// <param name="left">Left edge of the tile.</param>
    /// <param name="top">Upper edge of the tile.</param>
    public void Draw(SKCanvas canvas, ReadOnlySpan<byte> bytes, float left, float top)
    {
        using SKImage image = Tile(bytes, _spec);
        var place = SKRect.Create(left, top, Width, Height);
        canvas.DrawImage(image, place, Scale < 1 ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear)
            : new SKSamplingOptions(SKFilterMode.Nearest));
        // a hair line, so that white pictures have an edge on white paper
        place.Inflate(0.5f, 0.5f);
        canvas.DrawRect(place, _edge);
    }

    /// <summary>A name, cut with an ellipsis where it is wider than there is room.</summary>
    public static string Fitting(string name, SKFont font, float room)
    {
        string text = name;
        for (int length = name.Length; length > 0 && font.MeasureText(text) > room; length--)
            text = name[..(length - 1)] + "…";
        return text;
    }

    public void Dispose() => _edge.Dispose();

    // C·H·W bytes in the network's channel order to RGBA pixels
    private static SKImage Tile(ReadOnlySpan<byte> planes, InputSpec spec)
    {
        int area = spec.Height * spec.Width;
        int[] rgb = spec.Channels switch
        {
            ChannelOrder.Gray => [0, 0, 0],
            ChannelOrder.Bgr => [2, 1, 0],
            _ => [0, 1, 2],
        };
        byte[] pixels = new byte[area * 4];
        for (int i = 0; i < area; i++)
        {
            for (int channel = 0; channel < 3; channel++)
                pixels[(4 * i) + channel] = planes[(rgb[channel] * area) + i];
            pixels[(4 * i) + 3] = byte.MaxValue;
        }

        var info = new SKImageInfo(spec.Width, spec.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        return SKImage.FromPixelCopy(info, MemoryMarshal.AsBytes(pixels.AsSpan()));
    }
}
