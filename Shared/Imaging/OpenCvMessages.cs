using System.Runtime.InteropServices;
using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>
/// Keeps what OpenCV and its decoders say by themselves off the standard error of a program: the caller gets an exception with one
/// line. A level that the user has set in OPENCV_LOG_LEVEL stays.
/// </summary>
internal static partial class OpenCvMessages
{
    private static readonly Lock Gate = new();

    private static int _depth;

    private static nint _shown;

    static OpenCvMessages()
    {
        if (Environment.GetEnvironmentVariable("OPENCV_LOG_LEVEL") is null)
            Cv2.SetLogLevel(LogLevel.SILENT);
    }

    /// <summary>Silences OpenCV's log, for all of the process.</summary>
    public static void Silence()
    {
        // The type's initializer has.
    }

    /// <summary>Decodes without a word from libpng, libjpeg and libtiff, which write to C's stderr whatever OpenCV's level is.</summary>
    /// <param name="bytes">All bytes of a picture file.</param>
    /// <param name="mode">Handed on to OpenCV.</param>
    /// <returns>An empty Mat where the bytes are not decoded; the caller disposes it.</returns>
    public static Mat Decode(ReadOnlySpan<byte> bytes, ImreadModes mode)
    {
        Hide(true);
        try
        {
            return Cv2.ImDecode(bytes, mode);
        }
        catch (OpenCVException)
        {
            return new Mat();
        }
        finally
        {
            Hide(false);
        }
    }

    // Where the C library is glibc, its variable can be set to another stream, as its manual says. .NET's own output does not pass
    // through it. The first decoder in sets it, the last one out sets it back.
    private static unsafe void Hide(bool hides)
    {
        if (Stream.Variable == 0 || Stream.Nowhere == 0)
            return;
        lock (Gate)
        {
            nint* variable = (nint*)Stream.Variable;
            if (hides && _depth++ == 0)
                (_shown, *variable) = (*variable, Stream.Nowhere);
            else if (!hides && --_depth == 0)
                *variable = _shown;
        }
    }

    private static partial class Stream
    {
        // Null on other systems, and with other C libraries, where stderr is no variable.
        public static readonly nint Variable = OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint library)
            && NativeLibrary.TryGetExport(library, "gnu_get_libc_version", out _)
            && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "stderr", out nint variable) ? variable : 0;

        public static readonly nint Nowhere = Variable == 0 ? 0 : Open("/dev/null", "w");

        [LibraryImport("libc", EntryPoint = "fopen", StringMarshalling = StringMarshalling.Utf8)]
        private static partial nint Open(string path, string mode);
    }
}
