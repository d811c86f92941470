using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Dump;

/// <summary>Videos are drawn here as Motion JPEG in AVI, which OpenCV codes by itself on every system.</summary>
[TestClass]
public sealed class VideoTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Dump_Video_TakesEveryNthFrame()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), clip = WriteClip(25);
        ProgramRun run = ProgramRun.Visualizer("dump", model, clip, "--out", _folder.File("out"), "--every", "10", "--tensors", "conv1");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.AreEqual("clip_000000 clip_000010 clip_000020 kernels",
            string.Join(' ', Directory.GetDirectories(_folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
        Assert.DoesNotContain("ends after", run.Error);
    }

    [TestMethod]
    public void Dump_VideoWithLimit_StopsThere()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), clip = WriteClip(25);
        ProgramRun run = ProgramRun.Visualizer("dump", model, clip, "--out", _folder.File("out"), "--frames", "2", "--tensors", "conv1",
            "--no-kernels");
        Assert.AreEqual("clip_000000 clip_000001",
            string.Join(' ', Directory.GetDirectories(_folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
        Assert.AreEqual(0, run.ExitCode, run.Error);
    }

    [TestMethod]
    public void Dump_VideoThatIsCutOff_GivesWhatIsThereAndSaysSo()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), clip = WriteClip(30);
        byte[] bytes = File.ReadAllBytes(clip);
        File.WriteAllBytes(clip, bytes[..(bytes.Length / 2)]);
        ProgramRun run = ProgramRun.Visualizer("dump", model, clip, "--out", _folder.File("out"), "--tensors", "conv1", "--no-kernels");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        int frames = Directory.GetDirectories(_folder.File("out")).Length;
        Assert.IsTrue(frames is > 5 and < 30, $"{frames} frames");
        Assert.Contains($"{clip}: ends after {frames} of 30 frames; it is cut off or damaged", run.Error);
    }

    [TestMethod]
    public void Dump_NoVideoInside_IsOneLine()
    {
        File.WriteAllText(_folder.File("clip.mp4"), "no video");
        ProgramRun run = ProgramRun.Visualizer("dump", SmallNetworks.LeNet().SaveTo(_folder), _folder.File("clip.mp4"), "--out",
            _folder.File("out"));
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith($"error: {_folder.File("clip.mp4")}: cannot be decoded here", run.LastError);
    }

    [TestMethod]
    public void Dump_CameraThatIsNotThere_IsOneLine()
    {
        ProgramRun run = ProgramRun.Visualizer("dump", SmallNetworks.LeNet().SaveTo(_folder), "camera:97", "--out", _folder.File("out"),
            "--frames", "3");
        Assert.AreEqual(2, run.ExitCode);
        Assert.AreEqual("error: camera:97: no camera of this index, or another program has it", run.LastError);
    }

    [TestMethod]
    public void Video_OfOneTensor_HasAMosaicAFrame()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), clip = WriteClip(12), video = _folder.File("out.avi");
        ProgramRun run = ProgramRun.Visualizer("dump", model, clip, "--every", "3", "--tensors", "conv1", "--video", video);
        Assert.AreEqual((0, $"{video}: 4 frames of 'conv1'{Environment.NewLine}"), (run.ExitCode, run.Output), run.Error);
        using var capture = new VideoCapture(video);
        Assert.AreEqual(4, capture.FrameCount);
        // A third of the frames, so a third of the rate: it lasts as long.
        Assert.AreEqual(10.0, capture.Fps, 0.01);
        // The mosaics of the network on the same frames.
        ProgramRun.Visualizer("dump", model, clip, "--every", "3", "--tensors", "conv1", "--out", _folder.File("frames"), "--no-kernels");
        foreach (string folder in Directory.GetDirectories(_folder.File("frames")).Order(StringComparer.Ordinal))
        {
            using Mat wanted = Cv2.ImRead(Directory.GetFiles(Path.Combine(folder, "mosaics"))[0]);
            using var found = new Mat();
            Assert.IsTrue(capture.Read(found));
            Assert.IsTrue(Math.Abs(wanted.Width - found.Width) < 2 && Math.Abs(wanted.Height - found.Height) < 2,
                $"{wanted.Size()} {found.Size()}");
            using var fitted = new Mat();
            Cv2.Resize(wanted, fitted, found.Size(), 0, 0, InterpolationFlags.Area);
            // JPEG loses colour at the hard edges of a mosaic; another frame's would differ by about 40 on average.
            Assert.IsLessThan(12, Cv2.Norm(fitted, found, NormTypes.L1) / (3.0 * found.Total()));
        }
    }

    [TestMethod]
    public void Video_SeveralTensors_IsRefused()
    {
        ProgramRun run = ProgramRun.Visualizer("dump", SmallNetworks.LeNet().SaveTo(_folder), WriteClip(2), "--video",
            _folder.File("out.avi"));
        Assert.AreEqual((2, "error: --video shows one tensor, but 12 are selected: name it with --tensors"), (run.ExitCode, run.LastError));
        Assert.IsFalse(File.Exists(_folder.File("out.avi")));
    }

    [TestMethod]
    public void Video_UnknownEnding_IsRefused()
    {
        ProgramRun run = ProgramRun.Visualizer("dump", SmallNetworks.LeNet().SaveTo(_folder), WriteClip(2), "--tensors", "conv1",
            "--video", _folder.File("out.gif"));
        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains("expected a video that ends with .avi, .mp4, .mkv, .webm", run.LastError);
    }

    // A bright bar that walks to the right.
    private string WriteClip(int frames)
    {
        string path = _folder.File("clip.avi");
        using var writer = new VideoWriter(path, FourCC.MJPG, 30, new Size(64, 48));
        Assert.IsTrue(writer.IsOpened());
        for (int i = 0; i < frames; i++)
        {
            using var frame = new Mat(48, 64, MatType.CV_8UC3, Scalar.All(20));
            Cv2.Rectangle(frame, new Rect(2 * i % 56, 4, 8, 40), new Scalar(40, 200, 250), -1);
            writer.Write(frame);
        }

        return path;
    }
}
