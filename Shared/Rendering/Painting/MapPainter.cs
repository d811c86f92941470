using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Paints maps into an index picture: scaled to indices, enlarged by whole factors.</summary>
internal readonly struct MapPainter(Pixels pixels, Palette palette)
{
    // Rows at least this wide go straight into the picture.
    private const int WideRow = 64;

    public void Paint(ReadOnlySpan<float> map, Size size, ValueScale scale, Rect tile)
    {
        (int factorX, int factorY) = (tile.Width / size.Width, tile.Height / size.Height);
        if (factorX == 1 && factorY == 1 && size.Width >= WideRow)
        {
            for (int y = 0; y < size.Height; y++)
            {
                Span<byte> row = pixels.Row(tile.Y + y, tile.X, size.Width);
                scale.ToIndices(map.Slice(y * size.Width, size.Width), row);
                palette.Reserve(row);
            }

            return;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(map.Length);
        Span<byte> indices = rented.AsSpan(0, map.Length);
        scale.ToIndices(map, indices);
        palette.Reserve(indices);
        for (int y = 0; y < size.Height; y++)
        {
            Span<byte> row = pixels.Row(tile.Y + y * factorY, tile.X, tile.Width);
            Stretch(indices.Slice(y * size.Width, size.Width), row, factorX);
            for (int below = tile.Y + y * factorY + 1; below < tile.Y + (y + 1) * factorY; below++)
            {
                if (!pixels.IsRepeat(below))
                    row.CopyTo(pixels.Row(below, tile.X, tile.Width));
            }
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

    // Every byte of the source as often as the factor says.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stretch(ReadOnlySpan<byte> source, Span<byte> target, int factor)
    {
        if (factor == 1)
        {
            source.CopyTo(target);
            return;
        }

        int done = 0;
        if (factor <= sizeof(ulong))
        {
            // Eight copies at once; those too many are written over by the next ones.
            for (; done < source.Length && done * factor + sizeof(ulong) <= target.Length; done++)
                MemoryMarshal.Write(target[(done * factor)..], source[done] * 0x0101010101010101UL);
        }

        for (; done < source.Length; done++)
            target.Slice(done * factor, factor).Fill(source[done]);
    }
}
