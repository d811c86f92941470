namespace CnnOnnx.Tests.Support;

/// <summary>Where things lie, from the folder that a test runs in.</summary>
internal static class Repository
{
    /// <summary>The folder of CnnOnnx.sln.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "CnnOnnx.sln")))
                return folder;
        throw new InvalidOperationException($"No CnnOnnx.sln above {AppContext.BaseDirectory}.");
    }
}
