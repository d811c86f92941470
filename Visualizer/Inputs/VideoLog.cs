using CnnOnnx.Cli;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Inputs;

/// <summary>OpenCV and FFmpeg write to stderr by themselves, every backend that tries; the program says in one line what counts.</summary>
internal static class VideoLog
{
    // OpenCV hands the number to av_log_set_level; -8 is quiet.
    private const string Variable = "OPENCV_FFMPEG_LOGLEVEL", Quiet = "-8";

    /// <summary>To be called before the first video is opened.</summary>
    public static void Silence()
    {
        Cv2.SetLogLevel(LogLevel.SILENT);
        NativeEnvironment.SetDefault(Variable, Quiet);
    }
}
