namespace CnnOnnx.Imaging;

/// <summary>The first image directory of a TIFF file: as many bytes as it takes to know the picture's size.</summary>
internal static class TiffHeader
{
    private const uint ImageWidth = 256, ImageLength = 257, ExtraSamples = 338;
    private const uint Short = 3;

    public static PictureHeader LittleEndian(ReadOnlySpan<byte> file) => Parse(file, PictureHeader.Little);

    public static PictureHeader BigEndian(ReadOnlySpan<byte> file) => Parse(file, PictureHeader.Big);

    // Byte order, 42, offset of the directory; there a count and entries of (tag, type, count, value), 12 bytes each.
    private static PictureHeader Parse(ReadOnlySpan<byte> file, Func<ReadOnlySpan<byte>, long, int, uint> number)
    {
        long directory = number(file, 4, 4);
        uint entries = number(file, directory, 2);
        long width = 0, height = 0;
        bool alpha = false;
        for (int i = 0; i < entries; i++)
        {
            long at = directory + 2 + 12L * i;
            uint tag = number(file, at, 2);
            uint value = number(file, at + 8, number(file, at + 2, 2) == Short ? 2 : 4);
            if (tag == ImageWidth)
                width = value;
            else if (tag == ImageLength)
                height = value;
            else if (tag == ExtraSamples)
                alpha = true;
        }

        return new PictureHeader("TIFF", width, height, alpha);
    }
}
