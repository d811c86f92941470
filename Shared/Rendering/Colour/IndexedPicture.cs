using CnnOnnx.Files;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>
/// A picture of 256 colours: an index for each pixel, and the colours of a colormap. Index i has exactly the colour that
/// OpenCV's applyColorMap gives to i; where there are words or gaps, the eight indices 16, 48, … 240 are the ground's and the words' and
/// no value has them. A third of the bytes of a BGR picture, in memory and as a file.
/// </summary>
public sealed class IndexedPicture : IDisposable
{
    private Mat? _indices;
    private bool _isDisposed;

    /// <summary>Makes a picture that is all background.</summary>
    /// <param name="size">Width and height in pixels, both at least 1.</param>
    /// <param name="palette">Colours of the indices.</param>
    /// <param name="repeats">Rows that will be equal to the ones above them, see <see cref="Rendering.Pixels"/>; empty for none.</param>
    internal IndexedPicture(Size size, Palette palette, ReadOnlySpan<bool> repeats = default)
    {
        Palette = palette;
        Pixels = new Pixels(size, palette.Ground, repeats);
    }

    /// <summary>Index of each pixel, 8UC1. Belongs to the picture, and is not to be used after it.</summary>
    /// <exception cref="ObjectDisposedException">The picture was disposed.</exception>
    public Mat Indices => !_isDisposed && _indices is { } known ? known : _indices = Whole();

    /// <summary>Places of the channels: a mosaic's tiles, a chart's bars, the cells of a long vector. Null where there are none.</summary>
    public TileGrid? Tiles { get; internal set; }

    /// <summary>Colormap that the colours are from; null for gray, and for colours around zero.</summary>
    public ColormapTypes? Colormap => Palette.Colormap;

    /// <summary>Blue, green and red of the 256 colours, one after another.</summary>
    public ReadOnlySpan<byte> PaletteBgr => Palette.Bgr;

    /// <summary>Columns of pixels.</summary>
    public int Width => Pixels.Width;

    /// <summary>Rows of pixels.</summary>
    public int Height => Pixels.Height;

    internal Palette Palette { get; }

    internal Pixels Pixels { get; private set; }

    /// <summary>Makes a BGR picture (8UC3); the caller disposes it.</summary>
    public Mat ToBgr()
    {
        var bgr = new Mat();
        // Given the colours, OpenCV looks them up; given a colormap's name, it computes all of its colormaps first, every time.
        using Mat colours = Mat.FromPixelData(Palette.Size, 1, MatType.CV_8UC3, Palette.Bgr);
        Cv2.ApplyColorMap(Indices, bgr, colours);
        return bgr;
    }

    /// <summary>Writes a PNG with a palette, without loss; whole or not at all.</summary>
    /// <param name="path">Place of the file; folders that are missing are made.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The picture was disposed.</exception>
    public void WritePng(string path) => PalettePng.Encode(Pixels, PaletteBgr, png => AtomicFile.WriteBytes(path, png));

    /// <summary>Makes the bytes that <see cref="WritePng"/> writes.</summary>
    /// <exception cref="ObjectDisposedException">The picture was disposed.</exception>
    public byte[] EncodePng()
    {
        byte[] bytes = [];
        PalettePng.Encode(Pixels, PaletteBgr, png => bytes = png.ToArray());
        return bytes;
    }

    /// <summary>Frees the pixels.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _indices?.Dispose();
        Pixels.Dispose();
    }

    // Who sees the pixels may change them, so that from then on no row is another one.
    private Mat Whole()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Pixels.IsShared)
        {
            using Pixels shared = Pixels;
            Pixels = shared.Unshared();
        }

        return Pixels.ToMat();
    }
}

/// <summary>Places of a picture's channels: equal tiles, row by row, from the channel with index 0. In pixels.</summary>
/// <param name="X">Left edge of the first tile.</param>
/// <param name="Y">Upper edge of the first tile.</param>
/// <param name="Width">Width of a tile.</param>
/// <param name="Height">Height of a tile.</param>
/// <param name="Gap">Pixels between tiles.</param>
/// <param name="Columns">Tiles in a row.</param>
/// <param name="Count">Tiles; the last row may be shorter.</param>
public readonly record struct TileGrid(int X, int Y, int Width, int Height, int Gap, int Columns, int Count);
