using System.Buffers;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>
/// The bytes of an index picture, row by row. A row may be said to repeat the one above it, as most rows of enlarged maps do: both
/// are then the same memory, which is painted once and compressed once.
/// </summary>
internal sealed class Pixels : IDisposable
{
    // Of memory that is used again: a dump makes a picture for each layer, and new memory costs more than what is drawn there.
    // Null once it was given back: it is another picture's from then on.
    private byte[]? _rented;

    // Of each row in memory; null where each has its own.
    private readonly int[]? _places;

    /// <param name="size">Width and height of the picture in pixels.</param>
    /// <param name="background">Index that all pixels get.</param>
    /// <param name="repeats">True for each row that equals the one above it; empty for none.</param>
    public Pixels(Size size, byte background, ReadOnlySpan<bool> repeats = default)
    {
        (Width, Height) = (size.Width, size.Height);
        int rows = Height;
        if (repeats.Contains(true))
            (_places, rows) = Places(repeats[..Height]);
        int count = checked(Width * rows);
        _rented = ArrayPool<byte>.Shared.Rent(count);
        _rented.AsSpan(0, count).Fill(background);
    }

    private Pixels(Pixels shared)
    {
        (Width, Height) = (shared.Width, shared.Height);
        _rented = ArrayPool<byte>.Shared.Rent(checked(Width * Height));
        for (int y = 0; y < Height; y++)
            shared.Row(y).CopyTo(Row(y));
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Rows share memory.</summary>
    public bool IsShared => _places is not null;

    /// <summary>The row is the same memory as the one above it.</summary>
    public bool IsRepeat(int y) => _places is not null && y > 0 && _places[y] == _places[y - 1];

    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public Span<byte> Row(int y) => Row(y, 0, Width);

    public Span<byte> Row(int y, int x, int width)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)(uint)x + (uint)width, (ulong)Width);
        return Memory.AsSpan((_places is null ? y : _places[y]) * Width + x, width);
    }

    /// <summary>The part that is within the picture gets one colour.</summary>
    public void Fill(Rect area, byte index)
    {
        area = area.Intersect(new Rect(0, 0, Width, Height));
        for (int y = area.Top; y < area.Bottom; y++)
            if (y == area.Top || !IsRepeat(y))
                Row(y, area.X, area.Width).Fill(index);
    }

    /// <summary>A copy in which each row has its own memory.</summary>
    public Pixels Unshared() => new(this);

    /// <summary>8UC1 over the same memory, whose rows must not be shared. Not to be used after the pixels are disposed.</summary>
    public Mat ToMat() => Mat.FromPixelData(Height, Width, MatType.CV_8UC1, Memory);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private byte[] Memory => _rented ?? throw new ObjectDisposedException(nameof(IndexedPicture));

    private static (int[] Places, int Count) Places(ReadOnlySpan<bool> repeats)
    {
        int[] places = new int[repeats.Length];
        int last = -1;
        for (int y = 0; y < places.Length; y++)
            places[y] = y > 0 && repeats[y] ? last : ++last;
        return (places, last + 1);
    }
}
