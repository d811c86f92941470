using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Live;
using OpenCvSharp;

namespace CnnOnnx.Tests.Live;

[TestClass]
public sealed class LiveSourceTests
{
    [TestMethod]
    public void Read_BeyondTheEndOfAVideo_StartsOver()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("v.avi");
        using (var writer = new VideoWriter(path, VideoWriter.FourCC("MJPG"), 25, new Size(32, 32)))
        {
            foreach (int brightness in new[] { 40, 120, 200 })
            {
                using var frame = new Mat(32, 32, MatType.CV_8UC3, Scalar.All(brightness));
                writer.Write(frame);
            }
        }

        using LiveSource source = LiveSource.Open(path);
        var seen = new List<int>();
        using var read = new Mat();
        for (int i = 0; i < 7; i++)
        {
            Assert.IsTrue(source.Read(read));
            seen.Add((int)Math.Round(Cv2.Mean(read).Val0 / 40) * 40);
        }

        CollectionAssert.AreEqual(new[] { 40, 120, 200, 40, 120, 200, 40 }, seen);
    }

    [TestMethod]
    public void Read_FolderOfPictures_StaysUntilTheNextIsAskedFor()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 2; i++)
        {
            using var picture = new Mat(4, 4 + i, MatType.CV_8UC3, Scalar.White);
            Cv2.ImWrite(folder.File($"{i}.png"), picture);
        }

        File.WriteAllText(folder.File("notes.txt"), "no picture");
        using LiveSource source = LiveSource.Open(folder.Path);
        using var frame = new Mat();

        Assert.IsTrue(source.Read(frame));
        Assert.AreEqual(4, frame.Width);
        Assert.IsFalse(source.Read(frame));
        source.Skip();
        Assert.IsTrue(source.Read(frame));
        Assert.AreEqual(5, frame.Width);
    }

    [TestMethod]
    [DataRow("nowhere.mp4", "does not exist")]
    [DataRow("camera:x", "is not a camera")]
    public void Open_NoSource_SaysWhatWasExpected(string source, string expected) =>
        Assert.Contains(expected, Assert.ThrowsExactly<BadInputException>(() => LiveSource.Open(source)).Message);

    [TestMethod]
    public void Open_FileThatIsNoVideo_SaysSo()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("v.mp4"), "not a video");
        Assert.Contains("neither a picture nor a video",
            Assert.ThrowsExactly<BadInputException>(() => LiveSource.Open(folder.File("v.mp4"))).Message);
    }
}
