using System.Collections.Frozen;
using System.Globalization;
using CnnOnnx.Files;
using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>Picture files. Bytes are read and written here and only coded by OpenCV, so that every path works on every system.</summary>
public static class PictureFile
{
    /// <summary>Most pixels of a side of a picture that is read: what the decoders take.</summary>
    public const int MaxSide = 1_000_000;

    /// <summary>Most pixels of a picture that is read: 600 MB of memory.</summary>
    public const long MaxPixels = 200_000_000;

    // Of floating-point pictures: by so much of white a resampling filter overshoots.
    private const double Overshoot = 0.1;

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
    /// Reads a picture as BGR, 8 bits (8UC3), whatever the file holds: grey becomes three equal channels, more bits and floating-point
    /// numbers of 0 to 1 are scaled to 8 bits, transparency is laid over white, an EXIF orientation is applied. The caller disposes it.
    /// </summary>
    /// <param name="path">A file of any name; its format is seen from its bytes.</param>
    /// <exception cref="BadInputException">No file, a folder, empty, not a picture, damaged, too large, of an unknown kind.</exception>
    public static Mat Read(string path)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path}: is a folder, expected a picture");
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new BadInputException($"{path}: {SafeNames.WhyMissing(path)}, expected a picture");
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

    /// <summary>Tells by its first bytes whether a file is a picture of a format that is read, or one known by name.</summary>
    internal static bool BeginsLikeOne(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] start = new byte[256];
            ReadOnlySpan<byte> bytes = start.AsSpan(0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
            return PictureHeader.Read(bytes) is not null || PictureHeader.NameOther(bytes) is not (null or "a zip archive");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Reads a picture as <see cref="Read"/> does, from the bytes of a file.</summary>
    /// <param name="bytes">All bytes of a picture file.</param>
    /// <param name="where">Source of the bytes, for messages.</param>
    /// <exception cref="BadInputException">Not a picture, damaged, too large.</exception>
    public static Mat Decode(ReadOnlySpan<byte> bytes, string where)
    {
        PictureHeader header = PictureHeader.Read(bytes) ?? throw new BadInputException(PictureHeader.NameOther(bytes) is { } name
            ? $"{where}: is {name}, which is not read; expected one of {PictureHeader.Formats}"
            : $"{where}: is not a picture; expected one of {PictureHeader.Formats}");
        if (header.Width > MaxSide || header.Height > MaxSide || header.Width * header.Height > MaxPixels)
            throw new BadInputException($"{where}: the picture is {header.Width}x{header.Height}; "
                + $"expected at most {MaxPixels / 1_000_000} megapixels and {MaxSide} pixels a side; make it smaller");
        if (header.Width == 0 || header.Height == 0)
            throw Refusal(header, where);
        // Only Unchanged keeps transparency and single channels of 32 bits; only the other modes apply an EXIF orientation.
        bool isPlain = !header.HasAlpha && header.Bits < 32;
        ImreadModes mode = isPlain ? ImreadModes.Color | ImreadModes.AnyDepth : ImreadModes.Unchanged;
        Mat decoded = OpenCvMessages.Decode(header.IsUnsigned32 ? TiffDirectory.AsSigned(bytes) : bytes, mode);
        if (decoded.Type() == MatType.CV_8UC3 && !decoded.Empty() && header.White is null && header.Orientation < 2)
            return decoded;
        using (decoded)
            return decoded.Empty() ? throw Refusal(header, where) : ToBgr8(decoded, header, where);
    }

    /// <summary>Writes a picture in the format that the path's ending names; whole or not at all.</summary>
    /// <param name="path">Place of the file; folders that are missing are made.</param>
    /// <param name="picture">8UC1, 8UC3 (BGR) or 8UC4 (BGRA); PNG and TIFF also take 16 bits.</param>
    /// <exception cref="BadInputException">An unknown ending, or the place cannot be written.</exception>
    public static void Write(string path, Mat picture) => AtomicFile.WriteBytes(path, Encode(picture, Path.GetExtension(path)));

    /// <summary>Makes the bytes of a picture file.</summary>
    /// <param name="picture">8UC1, 8UC3 (BGR) or 8UC4 (BGRA); PNG and TIFF also take 16 bits.</param>
    /// <param name="extension">Ending that names the format, such as .png.</param>
    /// <exception cref="BadInputException">An unknown ending.</exception>
    public static byte[] Encode(Mat picture, string extension)
    {
        if (!Writable.Contains(extension))
            throw new BadInputException(
                $"Pictures cannot be written as '{extension}'; expected one of {string.Join(' ', Writable.Order(StringComparer.Ordinal))}");
        Cv2.ImEncode(extension, picture, out byte[] bytes);
        return bytes;
    }

    private static BadInputException Refusal(PictureHeader header, string where) => new(header.Unusual is { } kind
        ? $"{where}: {header.Format} pictures with {kind} are not read; save it as PNG, or with 8 or 16 bits and without compression"
        : $"{where}: the {header.Format} picture is damaged or cut off");

    private static Mat ToBgr8(Mat decoded, PictureHeader header, string where)
    {
        using Mat? numbers = header.IsUnsigned32 ? Unsigned(decoded) : null;
        Mat samples = numbers ?? decoded;
        if (numbers is null && (samples.Depth() == MatType.CV_32F || samples.Depth() == MatType.CV_64F))
            RequireUnitRange(samples, header, where);
        double white = header.IsUnsigned32 ? uint.MaxValue : header.White ?? PixelDepth.WhiteOf(samples);
        double factor = byte.MaxValue / white;
        using var eight = new Mat();
        samples.ConvertTo(eight, MatType.CV_8U, header.WhiteIsZero ? -factor : factor, header.WhiteIsZero ? byte.MaxValue : 0);
        if (header.TransparentGray is { } key && samples.Channels() == 1)
        {
            using var transparent = new Mat();
            Cv2.InRange(samples, Scalar.All(key), Scalar.All(key), transparent);
            eight.SetTo(Scalar.White, transparent);
        }

        Mat bgr = eight.Channels() switch
        {
            1 => eight.CvtColor(ColorConversionCodes.GRAY2BGR),
            4 => OverWhite(eight, header.IsPremultiplied),
            _ => eight.Clone(),
        };
        return Turn(bgr, header.Orientation);
    }

    // A decoder without this type hands out the same bits as signed numbers.
    private static Mat Unsigned(Mat signed)
    {
        var numbers = new Mat();
        signed.ConvertTo(numbers, MatType.CV_64F);
        using Mat flat = numbers.Reshape(1);
        using var negative = new Mat();
        Cv2.Compare(flat, Scalar.All(0), negative, CmpTypes.LT);
        Cv2.Add(flat, Scalar.All(1L << 32), flat, negative);
        return numbers;
    }

    private static void RequireUnitRange(Mat samples, PictureHeader header, string where)
    {
        using Mat flat = samples.Reshape(1);
        if (!Cv2.CheckRange(flat))
            throw new BadInputException(
                $"{where}: the {header.Format} picture has NaN or infinite samples; expected numbers from 0 (black) to 1 (white)");
        Cv2.MinMaxLoc(flat, out double min, out double max);
        if (min < -Overshoot || max > 1 + Overshoot)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{where}: the {header.Format} picture has samples from {min:g4} to {max:g4}; ")
                + "expected 0 (black) to 1 (white); scale it, or give its numbers as .npy");
    }

    // EXIF 2.32, 4.6.4, Orientation: how rows and columns lie on the sensor.
    private static Mat Turn(Mat picture, int orientation)
    {
        if (orientation is < 2 or > 8)
            return picture;
        if (orientation >= 5)
            Cv2.Transpose(picture, picture);
        FlipMode? flip = orientation switch
        {
            2 or 6 => FlipMode.Y,
            4 or 8 => FlipMode.X,
            3 or 7 => FlipMode.XY,
            _ => null,
        };
        if (flip is { } mode)
            Cv2.Flip(picture, picture, mode);
        return picture;
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
