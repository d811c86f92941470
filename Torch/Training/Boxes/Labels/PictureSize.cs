using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>Width and height of pictures, read from the beginning of their files: a set has many, and few of them are small.</summary>
internal static class PictureSize
{
    // Headers with a colour profile and a thumbnail fit into it.
    private const int Beginning = 1 << 16;

    // Of a PNG: signature, length and name of the first chunk, then width and height.
    private const int PngSides = 16;

    // Orientations from 5 on swap rows and columns: EXIF 2.32, 4.6.4.
    private const int FirstTurned = 5;

    /// <summary>Size of a picture as it is shown.</summary>
    /// <exception cref="BadInputException">No picture, or it cannot be read.</exception>
    public static Size Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] start = new byte[Math.Min(Beginning, file.Length)];
            file.ReadExactly(start);
            return SizeIn(start) ?? (file.Length > start.Length ? SizeIn(File.ReadAllBytes(path)) : null)
                ?? throw new BadInputException(
                    $"{path}: is {PictureHeader.NameOther(start) ?? "not a picture"}, expected one of {PictureHeader.Formats}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    private static Size? SizeIn(ReadOnlySpan<byte> file)
    {
        if (PictureHeader.Read(file) is not { } header)
            return null;
        (long width, long height) = header.Format == "PNG"
            ? (PictureHeader.Big(file, PngSides, 4), PictureHeader.Big(file, PngSides + 4, 4))
            : (header.Width, header.Height);
        if (width is <= 0 or > PictureFile.MaxSide || height is <= 0 or > PictureFile.MaxSide)
            return null;
        bool isTurned = (header.Format == "JPEG" ? JpegOrientation(file) : header.Orientation) >= FirstTurned;
        return isTurned ? new Size((int)height, (int)width) : new Size((int)width, (int)height);
    }

    // Segments of (FF, marker, length, data); E1 that begins with "Exif" carries a TIFF directory.
    private static int JpegOrientation(ReadOnlySpan<byte> file)
    {
        for (long at = 2; at + 4 <= file.Length && file[(int)at] == 0xff;)
        {
            uint marker = file[(int)at + 1], length = PictureHeader.Big(file, at + 2, 2);
            if (marker == 0xda || at + 2 + length > file.Length)
                return 0;
            if (marker == 0xe1 && length > 8 && file.Slice((int)at + 4, 6).SequenceEqual("Exif\0\0"u8))
                return TiffDirectory.OrientationOf(file.Slice((int)at + 10, (int)length - 8));
            at += 2 + length;
        }

        return 0;
    }
}
