using CnnOnnx.Visualizer.Live;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Doctor;

/// <summary>OpenCV: its build, whether it has a window to draw into, and which videos it can write and read back.</summary>
internal static class PictureFacts
{
    private static readonly string[] BuildLines =
        ["GUI:", "GTK+:", "Win32 UI:", "FFMPEG:", "GStreamer:", "v4l/v4l2:", "Media Foundation:", "DirectShow:", "Parallel framework:"];

    private static readonly (string Ending, string FourCc, string Words)[] Codecs =
    [
        (".avi", "MJPG", "Motion JPEG in AVI"),
        (".mp4", "mp4v", "MPEG-4 in MP4"),
        (".mkv", "FFV1", "FFV1 (lossless) in Matroska"),
    ];

    public static IEnumerable<DoctorFact> OpenCv()
    {
        yield return new DoctorFact("OpenCV", Cv2.GetVersionString() ?? "of an unknown version");
        foreach (string line in Cv2.GetBuildInformation().Split('\n').Select(l => l.Trim()))
            if (BuildLines.FirstOrDefault(b => line.StartsWith(b, StringComparison.Ordinal)) is { } start)
                yield return new DoctorFact(start.TrimEnd(':'), line[start.Length..].Trim());
    }

    public static IEnumerable<DoctorFact> Windows()
    {
        string? problem = Display.Problem();
        yield return DoctorFact.Of("windows", problem is null, problem ?? "can be shown");
    }

    public static IEnumerable<DoctorFact> Videos()
    {
        // What it cannot write it would tell on stderr, codec by codec.
        LogLevel before = Cv2.SetLogLevel(LogLevel.SILENT);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cnnonnx-doctor-");
        try
        {
            return [.. Codecs.Select(codec => Try(Path.Combine(folder.FullName, codec.FourCc + codec.Ending), codec.FourCc, codec.Words))];
        }
        finally
        {
            Cv2.SetLogLevel(before);
            folder.Delete(recursive: true);
        }
    }

    private static DoctorFact Try(string path, string fourCc, string words)
    {
        const int Frames = 5;
        string backend;
        using (var gray = new Mat(96, 128, MatType.CV_8UC3, Scalar.Gray))
        using (var writer = new VideoWriter(path, VideoWriter.FourCC(fourCc), 25, gray.Size()))
        {
            if (!writer.IsOpened())
                return DoctorFact.Of(words, false, "cannot be written");
            backend = writer.GetBackendName();
            for (int i = 0; i < Frames; i++)
                writer.Write(gray);
        }

        using var reader = new VideoCapture(path);
        using var frame = new Mat();
        return DoctorFact.Of(words, reader.IsOpened() && reader.Read(frame) && !frame.Empty(), $"by {backend}");
    }
}
