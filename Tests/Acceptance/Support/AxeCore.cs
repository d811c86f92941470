using System.Diagnostics;

namespace CnnOnnx.Tests.Support;

/// <summary>The script of axe-core, which checks a page's accessibility. It is not kept here: npm brings it when a test asks.</summary>
internal static class AxeCore
{
    private const string Package = "axe-core@4.10.3";

    /// <summary>The script's text; null where neither AXE_CORE_PATH nor npm gives it.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("AXE_CORE_PATH") is { Length: > 0 } given && File.Exists(given))
            return File.ReadAllText(given);
        string folder = Path.Combine(Repository.Root, "artifacts", "axe-core");
        string script = Path.Combine(folder, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script) && ProgramPath.Folders.Any(f => File.Exists(Path.Combine(f, "npm"))))
        {
            Directory.CreateDirectory(folder);
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-save", "--prefix", folder, Package])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            // Read, so that a full pipe does not hold it up.
            npm.StandardOutput.ReadToEndAsync();
            npm.StandardError.ReadToEndAsync();
            npm.WaitForExit(60_000);
        }

        return File.Exists(script) ? File.ReadAllText(script) : null;
    }
}
