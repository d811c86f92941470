using System.Buffers;

namespace CnnOnnx.Rendering.Png;

/// <summary>A whole PNG file in memory that is used again: a file is written fastest at once.</summary>
internal readonly struct RentedPng : IDisposable
{
    private readonly byte[] _rented;

    public RentedPng(IndexedPicture picture)
    {
        _rented = ArrayPool<byte>.Shared.Rent(PalettePng.MaxLength(picture.Pixels));
        using var memory = new MemoryStream(_rented);
        PalettePng.Write(memory, picture.Pixels, picture.PaletteBgr);
        Bytes = _rented.AsMemory(0, (int)memory.Position);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_rented);
}
