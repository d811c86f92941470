using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class IdxSetTests
{
    private static readonly InputSpec Gray4 = new() { Size = new(4, 4), Channels = ChannelOrder.Gray };

    [TestMethod]
    public void Open_FourFiles_HasBothPartsAndNumbersForClasses()
    {
        using var folder = new TemporaryFolder();
        IdxFiles.WriteSet(folder.Path);

        PictureFolder source = PictureFolder.Open(folder.Path);
        using BatchSource test = source.ForEvaluation(null).Load(Gray4, null, default);

        Assert.AreEqual("train 6, test 3", string.Join(", ", source.Parts.Select(p => $"{p.Name} {p.Count}")));
        CollectionAssert.AreEqual(new[] { "0", "1", "2" }, source.Classes);
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, test.Labels.ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(16, 16).Select(i => (byte)i).ToArray(), test.Bytes(1).ToArray());
    }

    [TestMethod]
    [DataRow("", "train-images.idx3-ubyte", "t10k-images.idx3-ubyte")]
    [DataRow("", "train-images-idx3-ubyte", "t10k-images-idx3-ubyte")]
    [DataRow("raw", "train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz")]
    [DataRow("MNIST/raw", "train-images-idx3-ubyte", "t10k-images-idx3-ubyte")]
    [DataRow("", "emnist-digits-train-images-idx3-ubyte.gz", "emnist-digits-test-images-idx3-ubyte.gz")]
    public void Open_NamesOfOtherDistributions_AreKnown(string below, string train, string test)
    {
        using var folder = new TemporaryFolder();
        IdxFiles.WriteSet(folder.File("plain"));
        string files = folder.File("set", below);
        Directory.CreateDirectory(files);
        foreach ((string from, string name) in new[] { ("train", train), ("t10k", test) })
            foreach ((string what, int axes) in new[] { ("images", 3), ("labels", 1) })
                File.Copy(folder.File("plain", $"{from}-{what}-idx{axes}-ubyte.gz"),
                    Path.Combine(files, name.Replace("images", what).Replace("idx3", $"idx{axes}")));

        var source = PictureFolder.Open(folder.File("set"));
        using BatchSource loaded = source.ForEvaluation(null).Load(Gray4, null, default);

        Assert.AreEqual("train 6, test 3", string.Join(", ", source.Parts.Select(p => $"{p.Name} {p.Count}")));
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, loaded.Labels.ToArray());
        Assert.AreEqual(train.StartsWith("emnist", StringComparison.Ordinal) ? 1 : 0, source.Remarks.Count);
    }

    // EMNIST's letters count from 1, and a file beside them says which characters they are.
    [TestMethod]
    public void Open_LettersOfEmnist_AreNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("emnist-letters-train-images-idx3-ubyte"), IdxFiles.Bytes([4, 2, 2], new byte[16]));
        File.WriteAllBytes(folder.File("emnist-letters-train-labels-idx1-ubyte"), IdxFiles.Bytes([4], [1, 2, 3, 1]));
        File.WriteAllText(folder.File("emnist-letters-mapping.txt"), "1 65 97\n2 66 98\n3 67 99\n");

        PictureFolder source = PictureFolder.Open(folder.Path);

        CollectionAssert.AreEqual(new[] { "Aa", "Bb", "Cc" }, source.Classes);
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 0 }, source.Parts[0].Labels);
    }

    [TestMethod]
    public void Open_SeveralSets_AreNamed()
    {
        using var folder = new TemporaryFolder();
        foreach (string set in new[] { "MNIST", "KMNIST" })
            IdxFiles.WriteSet(folder.File("below", set, "raw"));
        Assert.AreEqual(
            $"{folder.File("below")}: holds 2 data sets, in {folder.File("below", "KMNIST", "raw")}, "
            + $"{folder.File("below", "MNIST", "raw")}; "
            + "expected the folder of one",
                Assert.ThrowsExactly<BadInputException>(() => PictureFolder.Open(folder.File("below"))).Message);
        IdxFiles.WriteSet(folder.File("one"));
        File.WriteAllBytes(folder.File("one", "emnist-letters-train-labels-idx1-ubyte"), IdxFiles.Bytes([2], [1, 2]));
        Assert.AreEqual(
            $"{folder.File("one")}: holds 2 data sets (one without a name, emnist-letters); expected the files of one, in a folder "
            + "of its own",
            Assert.ThrowsExactly<BadInputException>(() => PictureFolder.Open(folder.File("one"))).Message);
    }

    [TestMethod]
    public void Load_OtherSizeAndColour_IsResized()
    {
        using var folder = new TemporaryFolder();
        IdxFiles.WriteSet(folder.Path);

        using BatchSource set = PictureFolder.Open(folder.Path).Parts[0].Load(new InputSpec { Size = new(2, 2) }, null, default);

        // Means of 2x2 pixels of the first picture, which counts up from 0 in rows of 4; three equal channels.
        CollectionAssert.AreEqual(new byte[] { 3, 5, 11, 13, 3, 5, 11, 13, 3, 5, 11, 13 }, set.Bytes(0).ToArray());
    }

    [TestMethod]
    public void Load_FewerLabelsThanPictures_SaysHowMany()
    {
        using var folder = new TemporaryFolder();
        IdxFiles.WriteSet(folder.Path);
        File.WriteAllBytes(folder.File("train-labels-idx1-ubyte.gz"), IdxFiles.Gzip(IdxFiles.Bytes([5], [0, 1, 2, 0, 1])));

        DataPart part = PictureFolder.Open(folder.Path).Parts[0];
        var fault = Assert.ThrowsExactly<BadInputException>(() => part.Load(Gray4, null, default));

        Assert.AreEqual(
            $"{folder.File("train-images-idx3-ubyte.gz")}: has 6 pictures and its label file 5 labels, expected as many of each",
            fault.Message);
    }

    [TestMethod]
    public void Open_LabelsMissing_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        IdxFiles.WriteSet(folder.Path);
        File.Delete(folder.File("t10k-labels-idx1-ubyte.gz"));

        var fault = Assert.ThrowsExactly<BadInputException>(() => PictureFolder.Open(folder.Path));

        Assert.AreEqual($"{folder.Path}: has {folder.File("t10k-images-idx3-ubyte.gz")} but no file t10k-labels-idx1-ubyte or .gz of it",
            fault.Message);
    }

    [TestMethod]
    public void Open_OnlyOneClass_IsRefused()
    {
        using var folder = new TemporaryFolder();
        IdxFiles.WriteSet(folder.Path, classes: 1);
        var fault = Assert.ThrowsExactly<BadInputException>(() => PictureFolder.Open(folder.Path));
        Assert.AreEqual($"{folder.Path}: all labels are 0, expected at least two classes", fault.Message);
    }

    [TestMethod]
    public void Open_FashionMnist_KnowsTheClothes()
    {
        PictureFolder source = PictureFolder.Open(SharedData.Require("fashion-mnist"));

        (DataPart train, DataPart testPart) = (source.ForEvaluation("train"), source.ForEvaluation("test"));
        using BatchSource test = testPart.Load(new InputSpec { Size = new(28, 28), Channels = ChannelOrder.Gray }, null, default);

        CollectionAssert.AreEqual(FashionMnist.Classes, source.Classes);
        Assert.AreEqual((60_000, 10_000), (train.Count, test.Count));
        // The first test picture is an ankle boot, and every class has a thousand.
        Assert.AreEqual("Ankle boot", source.Classes[test.Labels[0]]);
        Assert.IsTrue(Enumerable.Range(0, 10).All(c => test.Labels.Count(l => l == c) == 1000));
    }
}
