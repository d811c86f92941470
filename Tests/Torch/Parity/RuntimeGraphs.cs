using System.Formats.Tar;
using System.IO.Compression;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Parity;

/// <summary>The graphs that ONNX Runtime tests itself with, unpacked from their archive: odd ones, each with a point to it.</summary>
internal sealed class RuntimeGraphs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The calling test is skipped where the archive is missing.</summary>
    public RuntimeGraphs()
    {
        using FileStream file = File.OpenRead(SharedData.Require("onnxruntime-testdata", "ort-testdata-small.tar.gz"));
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(unzipped, _folder.Path, overwriteFiles: true);
        Root = Path.Combine(_folder.Path, "onnxruntime", "test", "testdata");
    }

    public string Root { get; }

    /// <summary>Paths of the models below <see cref="Root"/>.</summary>
    public IEnumerable<string> Models =>
        Directory.EnumerateFiles(Root, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public void Dispose() => _folder.Dispose();
}
