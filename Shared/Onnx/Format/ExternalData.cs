using System.Globalization;
using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>
/// Tensors whose bytes lie in a file beside the model (or, in an outline, in the model's own file).
/// A model must not reach outside its own folder: not by "..", not by an absolute path, not by a link.
/// </summary>
internal static class ExternalData
{
    public static byte[] Read(TensorProto tensor, string modelPath, long sizeInBytes)
    {
        (string path, long offset, long? length) = Locate(tensor, modelPath);
        if (length is { } declared && declared != sizeInBytes)
            throw Broken(tensor, modelPath, $"declares {declared} bytes of external data, expected {sizeInBytes} for its shape");
        try
        {
            using FileStream file = File.OpenRead(path);
            if (offset < 0 || offset > file.Length - sizeInBytes)
                throw Broken(tensor, modelPath,
                    $"wants bytes {offset} to {offset + sizeInBytes} of {Path.GetFileName(path)}, which has {file.Length}");
            if (sizeInBytes > Array.MaxLength)
                throw Broken(tensor, modelPath, $"has {sizeInBytes} bytes, more than one array holds ({Array.MaxLength})");
            byte[] bytes = new byte[sizeInBytes];
            file.Position = offset;
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Broken(tensor, modelPath, $"cannot read its data from {Path.GetFileName(path)}: {fault.Message}", fault);
        }
    }

    /// <summary>The file that holds a tensor's bytes, checked to lie in the model's folder or below it.</summary>
    public static (string Path, long Offset, long? Length) Locate(TensorProto tensor, string modelPath)
    {
        string? location = Entry(tensor, "location");
        if (string.IsNullOrEmpty(location))
            throw Broken(tensor, modelPath, "is external but names no location");
        string folder = Path.GetDirectoryName(Real(modelPath))!;
        string declared = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(modelPath))!, location);
        if (Path.IsPathRooted(location) || location.Split('/', '\\').Contains(".."))
            throw Broken(tensor, modelPath, $"points outside the model's folder: '{location}'");
        if (!File.Exists(declared))
            throw Broken(tensor, modelPath, $"has its data in '{location}', which does not exist beside the model");
        string real = Real(declared);
        if (!real.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw Broken(tensor, modelPath, $"points outside the model's folder by a link: '{location}'");
        return (real, Number(tensor, modelPath, "offset") ?? 0, Number(tensor, modelPath, "length"));
    }

    /// <summary>The path with every link on the way resolved.</summary>
    public static string Real(string path)
    {
        string full = Path.GetFullPath(path);
        string root = Path.GetPathRoot(full)!;
        string real = root;
        foreach (string part in full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            real = info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? real;
        }

        return real;
    }

    private static long? Number(TensorProto tensor, string modelPath, string key)
    {
        if (Entry(tensor, key) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Broken(tensor, modelPath, $"has external data with {key} '{text}', expected a number");
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;

    private static OnnxException Broken(TensorProto tensor, string modelPath, string problem, Exception? inner = null) =>
        new(modelPath, $"tensor '{tensor.Name}' {problem}", inner);
}
