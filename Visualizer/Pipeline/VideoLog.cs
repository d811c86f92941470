using System.Runtime.InteropServices;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Pipeline;

/// <summary>OpenCV and FFmpeg write to stderr by themselves, every backend that tries; the program says in one line what counts.</summary>
internal static partial class VideoLog
{
    // OpenCV hands the number to av_log_set_level; -8 is quiet.
    private const string Variable = "OPENCV_FFMPEG_LOGLEVEL", Quiet = "-8";

    /// <summary>To be called before the first video is opened.</summary>
    public static void Silence()
    {
        Cv2.SetLogLevel(LogLevel.SILENT);
        // On Unix .NET has an environment of its own, which native code does not see.
        if (OperatingSystem.IsWindows())
            Environment.SetEnvironmentVariable(Variable, Quiet);
        else
            _ = SetEnvironment(Variable, Quiet, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
