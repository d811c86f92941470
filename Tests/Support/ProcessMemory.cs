using System.Diagnostics;

namespace CnnOnnx.Tests.Support;

/// <summary>Memory of this process, for tests that look for leaks of native memory.</summary>
internal static class ProcessMemory
{
    /// <summary>What is in memory now, after managed garbage is gone.</summary>
    public static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
