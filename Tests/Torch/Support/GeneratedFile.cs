namespace CnnOnnx.Tests.Support;

/// <summary>Files in the repository that tests write and keep true.</summary>
internal static class GeneratedFile
{
    private const string UpdateVariable = "CNNONNX_UPDATE";

    /// <summary>The file has this text. With CNNONNX_UPDATE=1 it is written instead.</summary>
    public static void AssertCurrent(string path, string text)
    {
        if (WrittenAnew(path, text))
            return;
        string file = Path.Combine(Repository.Root, path);
        string[] wanted = text.Split('\n'), found = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n").Split('\n') : [];
        string[] added = [.. wanted.Except(found)], gone = [.. found.Except(wanted)];
        if (added.Length > 0 || gone.Length > 0)
            Assert.Fail($"{path} is not current; {UpdateVariable}=1 writes it anew.\n"
                + string.Concat(added.Take(20).Select(line => $"  missing: {line}\n"))
                + string.Concat(gone.Take(20).Select(line => $"  stale: {line}\n")));
    }

    /// <summary>Writes the file where CNNONNX_UPDATE=1 asks for it.</summary>
    public static bool WrittenAnew(string path, string text)
    {
        if (Environment.GetEnvironmentVariable(UpdateVariable) != "1")
            return false;
        string file = Path.Combine(Repository.Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return true;
    }
}
