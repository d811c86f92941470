using System.Runtime.InteropServices;

namespace CnnOnnx.Torch;

/// <summary>The memory that libtorch's tensors come from on Linux.</summary>
internal static partial class NativeHeap
{
    // malloc.h of glibc: from how many free bytes on memory goes back to the system; from how many on a block is one of its own,
    // which goes back when it is freed.
    private const int TrimThreshold = -1, MapThreshold = -3;

    // As many as an int can say; where that is refused, what has always been taken.
    private static readonly int[] Largest = [int.MaxValue, 32 << 20];

    /// <summary>
    /// Keeps what is freed for the next batch, which needs just as much: glibc would hand it back to the system after each
    /// operation and get it again, page by page, for the next, which takes longer than a small network's arithmetic.
    /// </summary>
    public static void KeepFreed()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = Array.Exists(Largest, bytes => SetOption(MapThreshold, bytes) != 0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which has no such thing to be told.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
