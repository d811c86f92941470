using CnnOnnx.Files;
using CnnOnnx.Inputs;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>A video of mosaics. It gets to its place when it is finished.</summary>
/// <param name="path">Path of the video; its ending says the format.</param>
/// <param name="rate">Number of frames a second.</param>
internal sealed class MosaicVideo(string path, double rate) : IDisposable
{
    // Motion JPEG is part of OpenCV itself; the others need FFmpeg or the system's codecs.
    private static readonly Dictionary<string, string> Codecs = new(StringComparer.OrdinalIgnoreCase)
    {
        [".avi"] = "MJPG",
        [".mp4"] = "mp4v",
        [".mkv"] = "mp4v",
        [".webm"] = "VP80",
    };

    // Less than a block of any file system: the last frames did not fit.
    private const int LeastRoom = 4096;

    private readonly string _codec = Codecs.TryGetValue(Path.GetExtension(path), out string? codec)
        ? codec
        : throw new BadInputException($"{path}: expected a video that ends with {string.Join(", ", Codecs.Keys)}");

    private readonly string _beside = Path.Combine(
        Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Guid.NewGuid():N}{Path.GetExtension(path)}");

    private OutputFolder? _place;
    private VideoWriter? _writer;
    private Size _size;

    public int Frames { get; private set; }

    /// <param name="bgr">Frame as 8UC3; all get the size of the first, made even.</param>
    /// <exception cref="BadInputException">OpenCV cannot write such a video here.</exception>
    public void Add(Mat bgr)
    {
        _writer ??= Open(bgr.Size());
        if (bgr.Size() == _size)
        {
            _writer.Write(bgr);
        }
        else
        {
            using var fitted = new Mat();
            Cv2.Resize(bgr, fitted, _size, 0, 0, InterpolationFlags.Area);
            _writer.Write(fitted);
        }

        Frames++;
    }

    /// <summary>Puts the video into its place. There is at least one frame.</summary>
    /// <exception cref="BadInputException">There was no room, or the folder is gone.</exception>
    public void Finish()
    {
        _writer!.Release();
        try
        {
            // OpenCV does not tell when the disk is full: it drops what does not fit.
            if (new DriveInfo(Path.GetDirectoryName(_beside)!).AvailableFreeSpace < LeastRoom)
                throw new IOException("no space is left on the disk, and the video is cut off");
            if (new FileInfo(_beside).Length > 0)
            {
                File.Move(_beside, path, overwrite: true);
                return;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be written: {fault.Message}", fault);
        }

        throw new BadInputException($"{path}: cannot be written: OpenCV made an empty file");
    }

    public void Dispose()
    {
        _writer?.Dispose();
        if (File.Exists(_beside))
            File.Delete(_beside);
        _place?.Dispose();
    }

    private VideoWriter Open(Size first)
    {
        // Most codecs halve the colours' size.
        _size = new Size((first.Width + 1) / 2 * 2, (first.Height + 1) / 2 * 2);
        _place = new OutputFolder(Path.GetDirectoryName(_beside)!);
        _place.Complete();
        VideoFrames.Silence();
        var writer = new VideoWriter(_beside, FourCC.FromString(_codec), rate, _size);
        if (writer.IsOpened())
            return writer;
        writer.Dispose();
        throw new BadInputException($"{path}: cannot be written: OpenCV has no {_codec} encoder here, "
            + "or the place is read-only; .avi works everywhere");
    }
}
