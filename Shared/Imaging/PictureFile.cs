using System.Collections.Frozen;
using CnnOnnx.Files;
using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>Picture files. Bytes are read and written here and only coded by OpenCV, so that every path works on every system.</summary>
public static class PictureFile
{
    /// <summary>Of a picture that is read, in pixels.</summary>
    public const int MaxSide = 16384;

    /// <summary>Of a picture that is read.</summary>
    public const long MaxPixels = 200_000_000;

    /// <summary>Endings of the files that are taken for pictures, in lower case with their dot, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Endings { get; } =
    [
        ".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
    ];

    private static readonly FrozenSet<string> Readable = Endings.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Writable =
        new[] { ".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Tells by its name whether a file is taken for a picture when a folder is searched: programs, training folders and live sources
    /// alike. What a file given by name holds is seen from its bytes, whatever its ending.
    /// </summary>
    /// <param name="path">A file's name or path; it is not opened.</param>
    public static bool IsPicture(string path) => Readable.Contains(Path.GetExtension(path));

    /// <summary>
    /// The picture as BGR, 8 bits (8UC3), whatever the file holds: grey becomes three equal channels, more bits are scaled to 8,
    /// transparency is laid over white, an EXIF orientation is applied (except where there is transparency). The caller disposes it.
    /// </summary>
    /// <exception cref="BadInputException">No file, a folder, empty, not a picture, damaged, too large.</exception>
    public static Mat Read(string path)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path}: is a folder, expected a picture");
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new BadInputException($"{path}: no such file, expected a picture");
        if (file.Length == 0)
            throw new BadInputException($"{path}: is empty (0 bytes), expected a picture");
        try
        {
            return Decode(File.ReadAllBytes(path), path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Like <see cref="Read"/>, from the bytes of a file.</summary>
    /// <param name="where">Where the bytes come from, for messages.</param>
    /// <exception cref="BadInputException">Not a picture, damaged, too large.</exception>
    public static Mat Decode(ReadOnlySpan<byte> bytes, string where)
    {
        PictureHeader header = PictureHeader.Read(bytes)
            ?? throw new BadInputException($"{where}: is not a picture; expected one of {PictureHeader.Formats}");
        if (header.Width > MaxSide || header.Height > MaxSide || header.Width * header.Height > MaxPixels)
            throw new BadInputException($"{where}: the picture is {header.Width}x{header.Height}; expected at most {MaxSide} pixels a side and {MaxPixels / 1_000_000} megapixels");
        if (header.Width == 0 || header.Height == 0)
            throw Damaged(header, where);
        try
        {
            // Only Unchanged keeps transparency, and only the other modes apply the EXIF orientation.
            Mat decoded = Cv2.ImDecode(bytes, header.HasAlpha ? ImreadModes.Unchanged : ImreadModes.Color | ImreadModes.AnyDepth);
            if (decoded.Type() == MatType.CV_8UC3 && !decoded.Empty())
                return decoded;
            using (decoded)
                return decoded.Empty()
                    ? throw Damaged(header, where)
                    : ToBgr8(decoded, header);
        }
        catch (OpenCVException fault)
        {
            throw new BadInputException($"{where}: the {header.Format} picture cannot be decoded: {fault.Message.ReplaceLineEndings(" ")}", fault);
        }
    }

    /// <summary>Writes in the format that the path's ending names; whole or not at all.</summary>
    /// <exception cref="BadInputException">An unknown ending, or the place cannot be written.</exception>
    public static void Write(string path, Mat picture) => AtomicFile.WriteBytes(path, Encode(picture, Path.GetExtension(path)));

    /// <param name="picture">8UC1, 8UC3 (BGR) or 8UC4 (BGRA); PNG and TIFF also take 16 bits.</param>
    /// <param name="extension">Such as .png.</param>
    /// <exception cref="BadInputException">An unknown ending.</exception>
    public static byte[] Encode(Mat picture, string extension)
    {
        if (!Writable.Contains(extension))
            throw new BadInputException($"Pictures cannot be written as '{extension}'; expected one of {string.Join(' ', Writable.Order(StringComparer.Ordinal))}");
        Cv2.ImEncode(extension, picture, out byte[] bytes);
        return bytes;
    }

    private static BadInputException Damaged(PictureHeader header, string where) =>
        new($"{where}: the {header.Format} picture is damaged or cut off");

    private static Mat ToBgr8(Mat decoded, PictureHeader header)
    {
        using var eight = new Mat();
        decoded.ConvertTo(eight, MatType.CV_8U, byte.MaxValue / PixelDepth.WhiteOf(decoded));
        return eight.Channels() switch
        {
            1 => eight.CvtColor(ColorConversionCodes.GRAY2BGR),
            // libtiff hands out 8-bit colours already multiplied by their transparency
            4 => OverWhite(eight, isMultiplied: header.Format == "TIFF" && decoded.Depth() == MatType.CV_8U),
            _ => eight.Clone(),
        };
    }

    // bgr · a + 255 · (1 − a)
    private static Mat OverWhite(Mat bgra, bool isMultiplied)
    {
        using Mat alpha = bgra.ExtractChannel(3);
        Mat bgr = bgra.CvtColor(ColorConversionCodes.BGRA2BGR);
        // Some programs write 32-bit BMPs without caring for the fourth byte: all 0 then means nothing.
        if (Cv2.CountNonZero(alpha) == 0)
            return bgr;
        using Mat alpha3 = alpha.CvtColor(ColorConversionCodes.GRAY2BGR);
        if (!isMultiplied)
            Cv2.Multiply(bgr, alpha3, bgr, 1.0 / byte.MaxValue);
        Cv2.BitwiseNot(alpha3, alpha3);
        Cv2.Add(bgr, alpha3, bgr);
        return bgr;
    }
}
