using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>The bytes of an 8UC1 Mat, row by row. Not to be used after the Mat is disposed.</summary>
internal readonly unsafe struct Pixels
{
    private readonly byte* _start;
    private readonly long _step;

    public Pixels(Mat picture)
    {
        if (picture.Type() != MatType.CV_8UC1)
            throw new ArgumentException($"Expected 8UC1, got {picture.Type()}.");
        _start = picture.DataPointer;
        _step = picture.Step();
        Width = picture.Cols;
        Height = picture.Rows;
    }

    public int Width { get; }

    public int Height { get; }

    public Span<byte> Row(int y) => Row(y, 0, Width);

    public Span<byte> Row(int y, int x, int width)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)(uint)x + (uint)width, (ulong)Width);
        return new Span<byte>(_start + y * _step + x, width);
    }
}
