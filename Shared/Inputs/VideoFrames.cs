using System.Globalization;
using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Inputs;

/// <summary>Reads frames of videos and cameras as inputs.</summary>
internal static class VideoFrames
{
    // OpenCV hands the number to av_log_set_level; -8 is quiet.
    private const string LogVariable = "OPENCV_FFMPEG_LOGLEVEL", Quiet = "-8";

    /// <summary>
    /// Silences the decoders; to be called before the first video is opened. OpenCV and FFmpeg write to stderr, each backend that
    /// tries, and the program says in one line what counts.
    /// </summary>
    public static void Silence()
    {
        OpenCvMessages.Silence();
        NativeEnvironment.SetDefault(LogVariable, Quiet);
    }

    /// <summary>Reads frames as they are asked for. A video without any is one input that cannot be read.</summary>
    /// <param name="video">A file or a camera.</param>
    /// <param name="every">Step between the frames that are taken, from the first on; 1 for all.</param>
    /// <param name="limit">Most frames that are taken; null for all.</param>
    /// <param name="remark">Receives a line when the video ends before its end.</param>
    /// <exception cref="BadInputException">No such camera, or not a video that can be decoded here.</exception>
    public static IEnumerable<InputItem> Of(InputPath video, int every, int? limit, Action<string> remark)
    {
        using VideoCapture capture = Open(video);
        int expected = Expected(capture, video);
        string identity = video.Camera is null ? InputItem.IdentityOf(video.Path) : Guid.NewGuid().ToString();
        int given = 0;
        for (int frame = 0; given < (limit ?? int.MaxValue); frame++)
        {
            if (!capture.Grab())
            {
                if (frame == 0)
                    yield return Empty(video, identity);
                else if (frame < expected)
                    remark($"{video.Path}: ends after {frame} of {expected} frames; it is cut off or damaged");
                else if (video.Camera is not null)
                    remark($"{video.Path}: gives no more pictures after {frame} frames; was it unplugged?");
                yield break;
            }

            if (frame % every != 0)
                continue;
            given++;
            string path = string.Create(CultureInfo.InvariantCulture, $"{video.Path}#{frame}");
            string name = string.Create(CultureInfo.InvariantCulture, $"{video.Name}_{frame:000000}");
            yield return new InputItem(path, name, $"{identity}|{frame}", () => ModelInput.OfFrame(path, capture));
        }
    }

    /// <summary>Counts the inputs that a video will be, as far as the file says; 0 for a camera without a limit.</summary>
    public static int Count(InputPath video, int every, int? limit)
    {
        using VideoCapture capture = Open(video);
        int expected = Expected(capture, video);
        return video.Camera is not null ? limit ?? 0 : Math.Min(limit ?? int.MaxValue, (expected + every - 1) / every);
    }

    /// <summary>Reads the number of frames a second; 25 when the video does not say it.</summary>
    public static double Rate(InputPath video)
    {
        using VideoCapture capture = Open(video);
        double rate = capture.Get(VideoCaptureProperties.Fps);
        return rate is > 0 and < 1000 ? rate : 25;
    }

    // An input with a fault, in its place among the others.
    private static InputItem Empty(InputPath video, string identity) => new(video.Path, video.Name, identity,
        () => throw new BadInputException(video.Camera is null
            ? $"{video.Path}: has no frame that can be decoded"
            : $"{video.Path}: gives no pictures; does another program use it?"));

    private static int Expected(VideoCapture capture, InputPath video) =>
        video.Camera is null ? (int)Math.Clamp(capture.Get(VideoCaptureProperties.FrameCount), 0, int.MaxValue) : 0;

    private static VideoCapture Open(InputPath video)
    {
        if (video.Camera is null && !File.Exists(video.Path))
            throw new BadInputException(
                $"{video.Path}: {(Directory.Exists(video.Path) ? "is a folder" : "no such file")}, expected a video");
        Silence();
        VideoCapture capture = video.Camera is { } index ? new VideoCapture(index) : new VideoCapture(video.Path);
        if (capture.IsOpened())
            return capture;
        capture.Dispose();
        throw new BadInputException(video.Camera is null
            ? $"{video.Path}: cannot be decoded here; it is no video, or OpenCV has no codec for it (Motion JPEG in .avi works everywhere)"
            : $"{video.Path}: no camera of this index, or another program has it");
    }
}
