namespace CnnOnnx.Tests.Support;

/// <summary>
/// Real data and real models that lie beside a developer's checkout and that users do not have. A test that needs them is
/// skipped, visibly, where they are missing.
/// </summary>
internal static class SharedData
{
    private static readonly string Folder = Environment.GetEnvironmentVariable("CNNONNX_DATA")
        ?? Path.Combine(Path.GetDirectoryName(Repository.Root)!, "shared", "data");

    public static bool Exists => Directory.Exists(Folder);

    /// <summary>One of the small inputs that stand for a kind of fault; the test is skipped when it is not there.</summary>
    /// <param name="name">File name, such as nhwc-maps.onnx.</param>
    public static string RequireCase(string name)
    {
        string path = Path.Combine(Path.GetDirectoryName(Folder)!, "cases", name);
        if (!File.Exists(path))
            Assert.Inconclusive($"Skipped: needs {name} of the shared cases, which are not beside this checkout.");
        return path;
    }

    /// <summary>A file or folder of the data; the test is skipped when it is not there.</summary>
    public static string Require(params ReadOnlySpan<string> parts)
    {
        string path = Path.Combine([Folder, .. parts]);
        if (!Path.Exists(path))
            Assert.Inconclusive($"Skipped: needs {Path.Combine(parts)} of the shared data, which is not beside this checkout.");
        return path;
    }
}
