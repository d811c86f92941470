namespace CnnOnnx.Tests.Support;

/// <summary>Where programs are found by name.</summary>
internal static class ProgramPath
{
    public static IReadOnlyList<string> Folders { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
}
