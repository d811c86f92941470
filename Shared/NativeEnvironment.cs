using System.Runtime.InteropServices;

namespace CnnOnnx;

/// <summary>Environment variables as native libraries see them.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets a variable, unless the user has.</summary>
    public static void SetDefault(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is not null)
            return;
        // On Unix .NET has an environment of its own, which native code does not see.
        if (OperatingSystem.IsWindows())
            Environment.SetEnvironmentVariable(name, value);
        else
            _ = SetEnvironment(name, value, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
