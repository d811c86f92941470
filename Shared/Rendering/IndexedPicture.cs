using System.Buffers;
using CnnOnnx.Files;
using CnnOnnx.Rendering.Png;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>
/// A picture of 256 colours: an index for each pixel, and the colours of a colormap. Index i has exactly the colour that
/// OpenCV's applyColorMap gives to i. A third of the bytes of a BGR picture, in memory and as a file.
/// </summary>
public sealed class IndexedPicture : IDisposable
{
    // Of memory that is used again: a dump makes a picture for each layer, and new memory costs more than what is drawn there.
    private readonly byte[] _pixels;

    /// <summary>All background.</summary>
    internal IndexedPicture(Size size, Palette palette)
    {
        Palette = palette;
        int count = checked(size.Width * size.Height);
        _pixels = ArrayPool<byte>.Shared.Rent(count);
        _pixels.AsSpan(0, count).Fill(palette.Darkest);
        Indices = Mat.FromPixelData(size.Height, size.Width, MatType.CV_8UC1, _pixels);
    }

    /// <summary>8UC1. Belongs to the picture, and is not to be used after it.</summary>
    public Mat Indices { get; }

    /// <summary>Where each channel is: a mosaic's tiles, a chart's bars, the cells of a long vector. Null where there are none.</summary>
    public TileGrid? Tiles { get; internal set; }

    /// <summary>Null for gray.</summary>
    public ColormapTypes? Colormap => Palette.Colormap;

    /// <summary>Blue, green and red of the 256 colours, one after another.</summary>
    public ReadOnlySpan<byte> PaletteBgr => Palette.Bgr;

    internal Palette Palette { get; }

    public int Width => Indices.Cols;

    public int Height => Indices.Rows;

    /// <summary>8UC3; the caller disposes it.</summary>
    public Mat ToBgr()
    {
        var bgr = new Mat();
        // Given the colours, OpenCV looks them up; given a colormap's name, it computes all of its colormaps first, every time.
        using Mat colours = Mat.FromPixelData(Palette.Size, 1, MatType.CV_8UC3, Palette.Bgr);
        Cv2.ApplyColorMap(Indices, bgr, colours);
        return bgr;
    }

    /// <summary>As a PNG with a palette, without loss.</summary>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public void WritePng(string path) => AtomicFile.Write(path, file => PalettePng.Write(file, Indices, Palette.Bgr));

    /// <summary>The bytes that <see cref="WritePng"/> writes.</summary>
    public byte[] EncodePng()
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(PalettePng.MaxLength(Indices));
        using var memory = new MemoryStream(rented);
        PalettePng.Write(memory, Indices, Palette.Bgr);
        byte[] png = rented.AsSpan(0, (int)memory.Position).ToArray();
        ArrayPool<byte>.Shared.Return(rented);
        return png;
    }

    public void Dispose()
    {
        if (Indices.IsDisposed)
            return;
        Indices.Dispose();
        ArrayPool<byte>.Shared.Return(_pixels);
    }
}
