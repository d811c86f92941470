using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using OpenCvSharp;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class ImageFolderTests
{
    private static readonly InputSpec Bgr = new() { Size = new(8, 6), Channels = ChannelOrder.Bgr };

    [TestMethod]
    [DataRow("train", "test", "test")]
    [DataRow("train_data", "test_data", "test")]
    [DataRow("Training", "val", "val")]
    [DataRow("train", "validation", "val")]
    public void Open_SplitLayouts_AreKnown(string trainFolder, string otherFolder, string other)
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.File(trainFolder), ["b", "a"], 3);
        PictureFolders.Write(folder.File(otherFolder), ["a", "b"], 2);

        PictureFolder source = PictureFolder.Open(folder.Path);

        DataPart train = source.ForEvaluation("train");
        Assert.AreEqual(("train", 6), (train.Name, train.Count));
        Assert.AreEqual((other, 4), (source.ForEvaluation(null).Name, source.ForEvaluation(null).Count));
        CollectionAssert.AreEqual(new[] { "a", "b" }, train.Classes);
    }

    [TestMethod]
    public void Open_TestAndValidation_MeasuresTrainingWithValidationAndTheModelWithTest()
    {
        using var folder = new TemporaryFolder();
        foreach (string part in new[] { "train", "val", "test" })
            PictureFolders.Write(folder.File(part), ["a", "b"], 2);
        PictureFolder source = PictureFolder.Open(folder.Path);
        TrainingParts parts = source.ForTraining(null, 0);
        Assert.AreEqual(("train", 4, "val", "test"), (parts.Train.Name, parts.Train.Count, parts.Validation.Name, parts.Test!.Name));
        Assert.AreEqual("test", source.ForEvaluation(null).Name);
    }

    [TestMethod]
    [DataRow(".png")]
    [DataRow(".bmp")]
    public void Load_Pictures_HaveTheirPixelsInTheOrderOfClassesAndNames(string extension)
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.Path, ["b", "a", "c d", "ü"], 3, extension);

        using BatchSource set = PictureFolder.Open(folder.Path).ForEvaluation(null).Load(Bgr, null, default);

        CollectionAssert.AreEqual(new[] { "a", "b", "c d", "ü" }, set.Classes.ToArray());
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3 }, set.Labels.ToArray());
        for (int i = 0; i < set.Count; i++)
        {
            // a was written as class 1, b as class 0
            int written = new[] { 1, 0, 2, 3 }[i / 3];
            byte[] expected =
                [.. Enumerable.Repeat((byte)(10 * written), 48), .. Enumerable.Repeat((byte)(i % 3), 48),
                    .. Enumerable.Repeat((byte)200, 48)];
            CollectionAssert.AreEqual(expected, set.Bytes(i).ToArray());
        }
    }

    [TestMethod]
    [DataRow(".webp")]
    [DataRow(".tiff")]
    [DataRow(".TIF")]
    [DataRow(".jpe")]
    public void Load_KindsThatThePicturesReaderKnows_AreTaken(string ending)
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.Path, ["a", "b"], 3);
        foreach (string path in Directory.GetFiles(folder.Path, "*.png", SearchOption.AllDirectories))
        {
            using Mat picture = PictureFile.Read(path);
            Cv2.ImEncode(ending.ToLowerInvariant(), picture, out byte[] bytes);
            File.WriteAllBytes(Path.ChangeExtension(path, ending), bytes);
            File.Delete(path);
        }

        var source = PictureFolder.Open(folder.Path);
        using BatchSource set = source.ForEvaluation(null).Load(Bgr, null, default);

        Assert.AreEqual((6, 0, 0), (set.Count, set.Unreadable.Count, source.Remarks.Count));
    }

    [TestMethod]
    public void Open_OtherFilesAndShadowsOfMacOs_AreCountedByKindOrPassedOver()
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.File("set"), ["a", "b"], 3);
        foreach (string file in new[] { "a/1.txt", "a/2.TXT", "b/deep/3.svg", "b/README" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File("set", file))!);
            File.WriteAllText(folder.File("set", file), "");
        }

        // a GIF of one pixel
        File.WriteAllBytes(
            folder.File("set", "b", "4.gif"), Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"));
        foreach (string shadow in new[] { "__MACOSX/a/._00.png", "a/__MACOSX/._01.png", "a/._02.png" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File("set", shadow))!);
            File.WriteAllText(folder.File("set", shadow), "no picture");
        }

        var source = PictureFolder.Open(folder.File("set"));

        CollectionAssert.AreEqual(new[] { "a", "b" }, source.Classes);
        Assert.AreEqual(7, source.Parts[0].Count);
        CollectionAssert.AreEqual(
            new[] { $"left out of {folder.File("set")}, as no pictures: 1 without an ending, 1 .svg, 2 .txt",
                "of 1 .gif the first frame is taken" },
            source.Remarks.ToArray());
    }

    [TestMethod]
    public void Load_BlackAndWhiteBmp_IsBlackAndWhite()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a", "b" })
        {
            Directory.CreateDirectory(folder.File(name));
            File.WriteAllBytes(folder.File(name, "1.BMP"), OneBitBmp());
        }

        using BatchSource set =
            PictureFolder.Open(folder.Path).ForEvaluation(null)
                .Load(new InputSpec { Size = new(8, 2), Channels = ChannelOrder.Gray }, null, default);

        // bits 10110000 below 01010101, bottom row first
        CollectionAssert.AreEqual(new byte[] { 0, 255, 0, 255, 0, 255, 0, 255, 255, 0, 255, 255, 0, 0, 0, 0 }, set.Bytes(0).ToArray());
    }

    [TestMethod]
    public void Load_FewUnreadable_AreListedAndLeftOut()
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.Path, ["a", "b"], 10);
        File.WriteAllText(folder.File("a", "04.png"), "no picture");

        using BatchSource set = PictureFolder.Open(folder.Path).ForEvaluation(null).Load(Bgr, null, default);

        Assert.AreEqual(19, set.Count);
        Assert.HasCount(1, set.Unreadable);
        StringAssert.StartsWith(set.Unreadable[0], folder.File("a", "04.png"));
        // the one behind it has moved up with its label
        Assert.AreEqual((5, 0), (set.Bytes(4)[48], set.Labels[4]));
        Assert.AreEqual((9, 1), (set.Bytes(18)[48], set.Labels[18]));
    }

    [TestMethod]
    public void Load_TooManyUnreadable_IsRefused()
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.Path, ["a", "b"], 10);
        for (int i = 0; i < 3; i++)
            File.WriteAllBytes(folder.File("b", $"0{i}.png"), []);

        DataPart part = PictureFolder.Open(folder.Path).ForEvaluation(null);
        var fault = Assert.ThrowsExactly<BadInputException>(() => part.Load(Bgr, null, default));

        StringAssert.StartsWith(
            fault.Message, $"{folder.Path}: 3 of 20 pictures cannot be read, expected at most 10 %; "
                + $"the first: {folder.File("b", "00.png")}: is empty");
    }

    [TestMethod]
    public void Open_OneClass_IsRefused()
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.Path, ["only"], 2);
        Expect(folder.Path, $"{folder.Path}: has one class folder (only), expected at least two with pictures in them");
    }

    [TestMethod]
    public void Open_NoClass_IsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("1.png"), "");
        Expect(folder.Path, $"{folder.Path}: has no class folder, expected at least two with pictures in them");
    }

    [TestMethod]
    public void Open_ClassWithoutPictures_IsNamed()
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.Path, ["a", "b"], 1);
        Directory.CreateDirectory(folder.File("c"));
        Expect(folder.Path, $"{folder.File("c")}: holds no picture, expected some of class 'c' ({string.Join(", ", PictureFile.Endings)})");
    }

    [TestMethod]
    public void Open_PartsWithOtherClasses_AreRefused()
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.File("train"), ["a", "b"], 1);
        PictureFolders.Write(folder.File("test"), ["a", "c"], 1);
        Expect(folder.Path, $"{folder.File("test")}: has the classes a, c, expected those of {folder.File("train")}: a, b");
    }

    [TestMethod]
    public void Open_FileOrNothing_IsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("x"), "");
        Expect(folder.File("x"), $"{folder.File("x")}: is a file, expected the folder of a data set");
        Expect(folder.File("y"), $"{folder.File("y")}: no such folder, expected a data set");
    }

    [TestMethod]
    public void Load_RealCirclesAndCrosses_AreAllRead()
    {
        PictureFolder source = PictureFolder.Open(SharedData.Require("xo"));
        using BatchSource set =
            source.ForEvaluation("test").Load(new InputSpec { Size = new(116, 116), Channels = ChannelOrder.Gray }, null, default);
        Assert.AreEqual("circles_sm, crosses_sm: 300", $"{string.Join(", ", set.Classes)}: {set.Count}");
        Assert.IsTrue(set.Bytes(7).IndexOfAnyExcept((byte)0, (byte)255) < 0, "Only black and white.");
    }

    private static void Expect(string path, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => PictureFolder.Open(path)).Message);

    /// <summary>8x2 pixels, one bit each; colour 0 is black, 1 is white. Rows are padded to four bytes, the lowest comes first.</summary>
    private static byte[] OneBitBmp() =>
    [
        .. "BM"u8, 70, 0, 0, 0, 0, 0, 0, 0, 62, 0, 0, 0,
        40, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0,
        0, 0, 0, 0, 255, 255, 255, 0,
        0b10110000, 0, 0, 0, 0b01010101, 0, 0, 0,
    ];
}
