using System.IO.Compression;
using System.Text;

namespace CnnOnnx.Onnx;

/// <summary>Says what a file is that is no ONNX model, by how it begins, and what to do about it.</summary>
internal static class ForeignFile
{
    /// <summary>What a model is called where it stands in place of an input.</summary>
    public const string Model = "is an ONNX model";

    private const int ReadBytes = 512;

    private const string Export = "expected an ONNX model";
    private const string Unpack = "unpack it and give the .onnx file inside";
    private const string Inputs = $"{Export}; pictures are inputs";
    private const string Pickle = $"{Export}: load it in Python and call torch.onnx.export";

    /// <summary>Place of the signature in bytes, the signature, the kind of file, the way out. The first that fits counts.</summary>
    private static readonly (int Offset, byte[] Signature, string What, string Help)[] Kinds =
    [
        (0, "version https://git-lfs"u8.ToArray(), "is a Git LFS pointer, not the model itself",
            "fetch the model with 'git lfs pull', or download it again"),
        (0, [0x1f, 0x8b], "is a gzip archive", Unpack),
        (0, "BZh"u8.ToArray(), "is a bzip2 archive", Unpack),
        (0, [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "is an xz archive", Unpack),
        (0, [0x28, 0xb5, 0x2f, 0xfd], "is a Zstandard archive", Unpack),
        (0, [(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c], "is a 7-Zip archive", Unpack),
        (0, "Rar!"u8.ToArray(), "is a RAR archive", Unpack),
        (257, "ustar"u8.ToArray(), "is a tar archive", Unpack),
        (0, [0x89, (byte)'H', (byte)'D', (byte)'F'], "is an HDF5 file, as Keras writes them", $"{Export}: convert it with tf2onnx"),
        (4, "TFL3"u8.ToArray(), "is a TensorFlow Lite model", $"{Export}: convert it with tf2onnx --tflite"),
        (4, "ORTM"u8.ToArray(), "is a model in ONNX Runtime's own format (.ort)", $"{Export}: give the .onnx file that it was made from"),
        (0, "GGUF"u8.ToArray(), "is a GGUF file", Export),
        (0, "ptrt"u8.ToArray(), "is a TensorRT engine", $"{Export}: give the .onnx file that it was made from"),
        (0, [0x80, 2, 0x8a, 0x0a], "is a PyTorch file of an older version (.pt, .pth)", Pickle),
        (0, [0x80, 2], "is a Python pickle, as older versions of PyTorch write them", Pickle),
        (0, [0x80, 3], "is a Python pickle", $"{Export}: load it in Python and export it"),
        (0, [0x80, 4], "is a Python pickle", $"{Export}: load it in Python and export it"),
        (0, [0x80, 5], "is a Python pickle", $"{Export}: load it in Python and export it"),
        (0, [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "is a NumPy array (.npy)", $"{Export}; arrays are inputs"),
        (0, [0x89, (byte)'P', (byte)'N', (byte)'G'], "is a PNG picture", Inputs),
        (0, [0xff, 0xd8, 0xff], "is a JPEG picture", Inputs),
        (0, "GIF8"u8.ToArray(), "is a GIF picture", Inputs),
        (8, "WEBP"u8.ToArray(), "is a WebP picture", Inputs),
        (0, "II*\0"u8.ToArray(), "is a TIFF picture", Inputs),
        (0, "MM\0*"u8.ToArray(), "is a TIFF picture", Inputs),
        (0, "BM"u8.ToArray(), "is a BMP picture", Inputs),
        (0, "P5\n"u8.ToArray(), "is a PNM picture", Inputs),
        (0, "P6\n"u8.ToArray(), "is a PNM picture", Inputs),
        (8, "AVI "u8.ToArray(), "is a video", $"{Export}; videos are inputs"),
        (4, "ftypavif"u8.ToArray(), "is an AVIF picture", Inputs),
        (4, "ftyphei"u8.ToArray(), "is a HEIC picture", Inputs),
        (4, "ftyp"u8.ToArray(), "is a video", $"{Export}; videos are inputs"),
        (0, [0x1a, 0x45, 0xdf, 0xa3], "is a video", $"{Export}; videos are inputs"),
        (0, "%PDF"u8.ToArray(), "is a PDF document", Export),
        (0, [0x7f, (byte)'E', (byte)'L', (byte)'F'], "is a program or library", Export),
    ];

    /// <summary>Beginning of a text in lower case, the kind of file, the way out.</summary>
    private static readonly (string Start, string What, string Help)[] Texts =
    [
        ("<!doctype html", "is a web page, not the model itself", "the download went to a page about it; download the file itself"),
        ("<html", "is a web page, not the model itself", "the download went to a page about it; download the file itself"),
        ("<?xml", "is an XML file, such as OpenVINO's half of a model, or a server's error message", Export),
        ("<net", "is an OpenVINO model", Export),
        ("<", "is a page or a message in XML or HTML, not the model itself", "download the file itself"),
        ("{", "is JSON", $"{Export}; a server may have sent an error in its place"),
        ("ir_version:", "is an ONNX model as text", $"{Export} as bytes: parse the text with the onnx package and save it"),
    ];

    /// <summary>
    /// Names the kind of a file and the way out, as the end of a sentence that begins with its name; null where that is not known.
    /// </summary>
    /// <param name="path">A file that is no ONNX model.</param>
    public static string? Describe(string path) => Find(path) is (var what, var help) ? $"{what}; {help}" : null;

    /// <summary>Names the kind of a file that stands where an input is expected, and is none; null where that is not known.</summary>
    /// <param name="path">A file that is neither a picture nor a NumPy file.</param>
    /// <returns>The end of a sentence that begins with the file's name, such as "is an ONNX model".</returns>
    public static string? NameInput(string path) => IsModel(path) ? Model : Find(path)?.What;

    // Models begin with their version: field 1, a small number, and another field of the model behind it.
    private static bool IsModel(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> start = stackalloc byte[3];
            int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return read == start.Length && start is [0x08, > 0 and < 32, 0x12 or 0x1a or 0x22 or 0x28 or 0x32 or 0x3a or 0x42 or 0x72];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static (string What, string Help)? Find(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] start = new byte[ReadBytes];
            ReadOnlySpan<byte> begin = start.AsSpan(0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
            foreach ((int offset, byte[] signature, string what, string help) in Kinds)
                if (begin.Length >= offset + signature.Length && begin[offset..].StartsWith(signature))
                    return (what, help);
            if (begin.StartsWith("PK"u8))
                return DescribeZip(file);
            if (begin.Length > 9 && BitConverter.ToInt64(begin) is > 0 and < 100_000_000 && begin[8] == '{')
                return ("is a safetensors file, which holds weights and no network",
                    $"{Export}: load them in Python and export the network");
            string text = Encoding.UTF8.GetString(begin).TrimStart('\uFEFF', ' ', '\t', '\r', '\n').ToLowerInvariant();
            foreach ((string opening, string what, string help) in Texts)
                if (text.StartsWith(opening, StringComparison.Ordinal))
                    return (what, help);
            return !begin.IsEmpty && begin.IndexOfAnyExcept((byte)0) < 0
                ? ("begins with nothing but zeros, as a download that was broken off leaves it", "download it again")
                : Path.GetExtension(path).ToLowerInvariant() is ".pb" or ".pbtxt"
                    ? ("is perhaps a TensorFlow graph", $"{Export}: convert it with tf2onnx")
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (string What, string Help) DescribeZip(FileStream file)
    {
        try
        {
            file.Position = 0;
            using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            string[] names = [.. zip.Entries.Select(e => e.FullName)];
            if (names.FirstOrDefault(name => name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) is { } model)
                return ($"is a zip archive that holds '{model}'", "unpack it and give that file");
            if (names.Any(name => name.EndsWith("constants.pkl", StringComparison.Ordinal)))
                return ("is a TorchScript file (.pt)", Pickle);
            if (names.Any(name => name.EndsWith("data.pkl", StringComparison.Ordinal)))
                return ("is a PyTorch file (.pt, .pth)", Pickle);
            if (names.Any(name => name.EndsWith("model.weights.h5", StringComparison.Ordinal)))
                return ("is a Keras model (.keras)", $"{Export}: call model.export('model.onnx', format='onnx') in Python");
            if (names.Length > 0 && names.All(name => name.EndsWith(".npy", StringComparison.Ordinal)))
                return ("is a NumPy archive (.npz)", $"{Export}; arrays are inputs");
            return ("is a zip archive without an .onnx file", Export);
        }
        catch (InvalidDataException)
        {
            return ("is a damaged zip archive or PyTorch file", Export);
        }
    }
}
