using CnnOnnx.Imaging;
using CnnOnnx.Inputs;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Live;

/// <summary>Frames without end: of a camera, of a video that starts over, of the pictures of a folder in turn.</summary>
internal sealed class LiveSource : IDisposable
{
    private static readonly TimeSpan PictureTime = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly VideoCapture? _video;
    private readonly IReadOnlyList<string> _pictures;
    private readonly bool _isCamera;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private int _skipped;
    private int _shown = -1;

    private LiveSource(string name, VideoCapture? video, bool isCamera, IReadOnlyList<string> pictures) =>
        (_name, _video, _isCamera, _pictures) = (name, video, isCamera, pictures);

    /// <summary>Opens a video, camera:N, a picture or a folder of pictures.</summary>
    /// <exception cref="BadInputException">It is not there, or cannot be read.</exception>
    public static LiveSource Open(string source)
    {
        if (source.StartsWith(InputPath.CameraPrefix, StringComparison.OrdinalIgnoreCase))
            return OpenCamera(source);
        if (Directory.Exists(source))
            return OpenFolder(source);
        if (!File.Exists(source))
            throw new BadInputException($"{source}: does not exist; expected a video, camera:N, a picture or a folder of pictures");
        return PictureFile.IsPicture(source) ? new LiveSource(source, null, false, [source]) : OpenVideo(source);
    }

    /// <summary>The next frame, BGR, into this Mat.</summary>
    /// <returns>False when the frame is the one that was there before: a picture that stays for a while.</returns>
    /// <exception cref="BadInputException">The camera is gone, the video cannot be read any more.</exception>
    public bool Read(Mat frame) => _video is null ? ReadPicture(frame) : ReadVideo(_video, frame);

    /// <summary>Goes on to the next picture of a folder at once.</summary>
    public void Skip() => _skipped++;

    public void Dispose() => _video?.Dispose();

    private bool ReadPicture(Mat frame)
    {
        int turn = _skipped + (int)(TimeProvider.System.GetElapsedTime(_started) / PictureTime);
        int index = turn % _pictures.Count;
        if (index == _shown)
            return false;
        _shown = index;
        using Mat picture = PictureFile.Read(_pictures[index]);
        picture.CopyTo(frame);
        return true;
    }

    private bool ReadVideo(VideoCapture video, Mat frame)
    {
        if (video.Read(frame) && !frame.Empty())
            return true;
        if (_isCamera)
            throw new BadInputException($"{_name}: gives no more pictures; was it unplugged?");
        // Not every container can be wound back; opening the file again always works.
        if (video.Open(_name) && video.Read(frame) && !frame.Empty())
            return true;
        throw new BadInputException($"{_name}: cannot be read any more");
    }

    private static LiveSource OpenCamera(string source)
    {
        if (InputPath.CameraOf(source) is not { } index)
            throw new BadInputException($"'{source}' is not a camera, expected camera:0, camera:1 …");
        return Opened(source, () => new VideoCapture(index), isCamera: true, "there is no such camera, or another program has it");
    }

    private static LiveSource OpenFolder(string folder)
    {
        string[] pictures = [.. Directory.EnumerateFiles(folder).Where(PictureFile.IsPicture).Order(StringComparer.Ordinal)];
        return pictures.Length > 0
            ? new LiveSource(folder, null, false, pictures)
            : throw new BadInputException($"{folder}: holds no pictures");
    }

    private static LiveSource OpenVideo(string path) =>
        Opened(path, () => new VideoCapture(path), isCamera: false, "is neither a picture nor a video that OpenCV can read");

    private static LiveSource Opened(string name, Func<VideoCapture> open, bool isCamera, string problem)
    {
        VideoFrames.Silence();
        VideoCapture video = open();
        if (video.IsOpened())
            return new LiveSource(name, video, isCamera, []);
        video.Dispose();
        throw new BadInputException($"{name}: {problem}");
    }
}
