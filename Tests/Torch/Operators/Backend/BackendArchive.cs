using System.Formats.Tar;
using System.IO.Compression;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Operators.Backend;

/// <summary>The conformance tests of ONNX 1.22, read from their archive.</summary>
internal static class BackendArchive
{
    private static readonly Lazy<IReadOnlyList<BackendCase>> Read = new(Load);

    /// <summary>All tests, by name; the calling test is skipped where the archive is missing.</summary>
    public static IReadOnlyList<BackendCase> Require()
    {
        _ = Path();
        return Read.Value;
    }

    private static string Path() => SharedData.Require("onnx-backend-tests", "onnx-1.22.0-backend-test-data.tar.gz");

    private static List<BackendCase> Load()
    {
        var files = new Dictionary<string, byte[]>();
        using FileStream file = File.OpenRead(Path());
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var archive = new TarReader(unzipped);
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is not { } content)
                continue;
            using var bytes = new MemoryStream();
            content.CopyTo(bytes);
            files[entry.Name.Replace("./", "", StringComparison.Ordinal)] = bytes.ToArray();
        }

        return [.. files.Keys.Where(name => name.EndsWith(".onnx", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => new BackendCase(name, files))];
    }
}
