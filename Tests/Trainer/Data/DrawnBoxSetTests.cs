using System.Security.Cryptography;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Data;
using OpenCvSharp;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class DrawnBoxSetTests
{
    [TestMethod]
    public void Draw_LabelsOfYoloAndCoco_AreTheSame()
    {
        using var folder = new TemporaryFolder();
        int boxes = Draw(folder.File("set"), seed: 1);
        BoxFolder yolo = BoxFolder.Find(folder.File("set"), "YOLO")!, coco = BoxFolder.Find(folder.File("set"), "COCO")!;
        Assert.IsEmpty(yolo.Remarks.Concat(coco.Remarks));
        CollectionAssert.AreEqual(yolo.Classes, coco.Classes);
        CollectionAssert.AreEqual(new[] { "train", "val", "test" }, yolo.Parts.Select(p => p.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "train", "val", "test" }, coco.Parts.Select(p => p.Name).ToArray());
        int compared = 0;
        foreach ((BoxSetPart one, BoxSetPart other) in yolo.Parts.Zip(coco.Parts))
        {
            CollectionAssert.AreEqual(one.Pictures.Select(p => Path.GetFullPath(p.Path)).ToArray(),
                other.Pictures.Select(p => Path.GetFullPath(p.Path)).ToArray());
            foreach ((BoxPicture a, BoxPicture b) in one.Pictures.Zip(other.Pictures))
            {
                Assert.AreEqual(a.Size, b.Size);
                Assert.AreEqual(a.Boxes.Length, b.Boxes.Length);
                foreach ((LabelledBox x, LabelledBox y) in a.Boxes.Zip(b.Boxes))
                {
                    // six decimals of a share of 80 pixels
                    Assert.AreEqual((y.Class, 0, 0), (x.Class, (int)Math.Round(1000 * (x.X - y.X)), (int)Math.Round(1000 * (x.Y - y.Y))));
                    Assert.AreEqual(y.Width, x.Width, 1e-3);
                    Assert.AreEqual(y.Height, x.Height, 1e-3);
                    compared++;
                }
            }
        }

        Assert.AreEqual(boxes, compared);
    }

    [TestMethod]
    public void Draw_Seed_DecidesEveryFile()
    {
        using var folder = new TemporaryFolder();
        foreach ((string name, int seed) in new[] { ("a", 3), ("b", 3), ("c", 4) })
            Draw(folder.File(name), seed);
        string[] a = Contents(folder.File("a"));
        CollectionAssert.AreEqual(a, Contents(folder.File("b")));
        Assert.HasCount(2 * 10 + 3 + 1, a);
        CollectionAssert.AreNotEqual(a, Contents(folder.File("c")));
    }

    // The same pixels on every processor: whole numbers, plain sums, and cosines without their last digits.
    [TestMethod]
    public void Draw_Pixels_AreThoseOfEveryMachine()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var random = new Random(5);
        for (int i = 0; i < 5; i++)
        {
            (Mat picture, _) = BoxPictures.Draw(random, 96);
            using (picture)
                hash.AppendData(picture.AsSpan<byte>());
        }

        Assert.AreEqual("e0fb00b2867be0f9953ce9ec24d335dd009a0e50c7f2f3d3b92f07af72121108",
            Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [TestMethod]
    public void Draw_Boxes_LieInThePictureAndHaveAnArea()
    {
        var random = new Random(2);
        int[] classes = new int[BoxPictures.Classes.Count];
        for (int i = 0; i < 60; i++)
        {
            (Mat picture, DrawnBox[] boxes) = BoxPictures.Draw(random, 80);
            picture.Dispose();
            Assert.IsNotEmpty(boxes);
            foreach (DrawnBox box in boxes)
            {
                classes[box.Class]++;
                Assert.AreEqual(box.Box, box.Box.Intersect(new Rect(0, 0, 80, 80)));
                Assert.IsTrue(box.Box is { Width: > 4, Height: > 4 }, $"{box}");
            }
        }

        Assert.IsTrue(classes.All(n => n > 20), string.Join(' ', classes));
    }

    [TestMethod]
    public void Draw_Cancelled_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            DrawnBoxSet.Draw(folder.File("set"), [("train", 5)], 80, 0, cancel.Cancel, cancel.Token));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static int Draw(string folder, int seed) =>
        DrawnBoxSet.Draw(folder, [("train", 6), ("val", 2), ("test", 2)], 80, seed, null, default);

    private static string[] Contents(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(p => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(p))))];
}
