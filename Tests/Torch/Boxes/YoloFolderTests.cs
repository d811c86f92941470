using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.Boxes;

[TestClass]
public sealed class YoloFolderTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    [DataRow("0 0.5 0.5 0.2 0.4\n", "0: 40 15 20 20")]
    [DataRow("0\t0.5  0.5 0.2 0.4\r\n\r\n1 .1 .5 .2 1", "0: 40 15 20 20; 1: 0 0 20 50")]
    [DataRow("1 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8", "1: 10 10 40 30")]
    [DataRow("", "")]
    public void Open_Lines_AreBoxesInPixels(string labels, string expected)
    {
        BoxFolder set = BoxSets.Yolo(_folder, "cat\ndog", labels, "0 .5 .5 .5 .5\n1 .5 .5 .5 .5");
        Assert.AreEqual(expected, BoxSets.Text(set.Parts[0].Pictures[0].Boxes));
        Assert.IsEmpty(set.Remarks);
        Assert.AreEqual(("YOLO", "all"), (set.Format, set.Parts[0].Name));
    }

    // Twenty good boxes beside it, so that one that is left out does not refuse the set.
    [TestMethod]
    [DataRow("2 0.5 0.5 0.2 0.4", "class 2, expected 0 to 1; the box is left out")]
    [DataRow("-1 0.5 0.5 0.2 0.4", "class -1, expected 0 to 1; the box is left out")]
    [DataRow("0.5 0.5 0.5 0.2 0.4", "class '0.5', expected a whole number; the box is left out")]
    [DataRow("0 0.5 0.5 0.2", "4 columns, expected 5: class, centre x, centre y, width, height; the box is left out")]
    [DataRow("0 0.5 0.5 0.2 x", "'x' is no number; the box is left out")]
    [DataRow("0 0.5 nan 0.2 0.2", "'nan' is no number; the box is left out")]
    [DataRow("0 50 25 20 20", "50 is no share of the picture's side, expected 0 to 1; the box is left out")]
    [DataRow("0 0.5 0.5 0 0.4", "the box is 0x20, expected an area; the box is left out")]
    [DataRow("0 1.5 0.5 0.2 0.4", "the box 140,15 to 160,35 lies outside of the picture, which is 100x50; the box is left out")]
    public void Open_BoxOfNoUse_IsLeftOutWithALine(string line, string told)
    {
        string good = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 2} 0.5 0.5 0.{10 + i} 0.4\n"));
        BoxFolder set = BoxSets.Yolo(_folder, "cat\ndog", good + line);
        Assert.HasCount(20, set.Parts[0].Pictures[0].Boxes);
        CollectionAssert.AreEqual(new[] { $"{_folder.File("labels", "0.txt")}:21: {told}" }, set.Remarks.ToArray());
    }

    [TestMethod]
    public void Open_BoxBeyondAnEdge_IsCutOffAndTold()
    {
        BoxFolder set = BoxSets.Yolo(_folder, "cat", "0 0.95 0.5 0.2 0.4\n0 0.9000001 0.5 0.2 0.4");
        Assert.AreEqual("0: 85 15 15 20; 0: 80 15 20 20", BoxSets.Text(set.Parts[0].Pictures[0].Boxes));
        CollectionAssert.AreEqual(new[]
        {
            $"{_folder.File("labels", "0.txt")}:1: the box 85,15 to 105,35 reaches beyond the picture, which is 100x50; it is cut off at "
                + "the edge",
        }, set.Remarks.ToArray(), "What rounding does is not told.");
    }

    [TestMethod]
    public void Open_ManyOfNoUse_IsRefused()
    {
        var fault = Assert.ThrowsExactly<BadInputException>(() => BoxSets.Yolo(_folder, "cat", "0 .5 .5 .5 .5\n7 .5 .5 .5 .5"));
        Assert.AreEqual($"{_folder.Path}: 1 of 2 boxes cannot be used, expected at most 10 %; the first: "
            + $"{_folder.File("labels", "0.txt")}:2: class 7, expected 0 to 0; the box is left out", fault.Message);
    }

    [TestMethod]
    public void Open_MissingLabelsNobodysClassAndTheSameTwice_AreTold()
    {
        BoxSets.Picture(_folder.File("images", "9.png"), 20, 20);
        BoxFolder set = BoxSets.Yolo(_folder, "cat\ndog\nbird", "0 .5 .5 .5 .5\n0 .5 .5 .5 .5", "2 .5 .5 .5 .5");
        CollectionAssert.AreEqual(new[]
        {
            "1 of 3 pictures have no labels and count as pictures without objects; the first: " + _folder.File("images", "9.png"),
            $"{_folder.File("labels", "0.txt")}:2: the same box a second time; it counts once",
            $"{_folder.Path}: a class that no box has: dog",
        }, set.Remarks.ToArray());
        Assert.AreEqual(3, set.Parts[0].Pictures.Length);
    }

    [TestMethod]
    public void Open_UnreadablePicture_IsLeftOut()
    {
        BoxSets.Write(_folder.File("images", "9.jpg"), "no picture");
        BoxFolder set = BoxSets.Yolo(_folder, "cat", "0 .5 .5 .5 .5");
        Assert.HasCount(1, set.Parts[0].Pictures);
        StringAssert.StartsWith(set.Remarks.Single(),
            $"left out: {_folder.File("images", "9.jpg")}: is not a picture, expected one of PNG");
    }

    [TestMethod]
    [DataRow("train: images/train\nval: images/val\nnames: [cat, 'big dog']", "images/{0}", "labels/{0}")]
    [DataRow("train: ../train/images\nval: ../valid/images\nnc: 2\nnames:\n  0: cat\n  1: big dog # twice\n", "{0}/images", "{0}/labels")]
    [DataRow("path: .\ntrain: [train/images]\nval:\n  - valid/images\nnames:\n- cat\n- \"big dog\"\n", "{0}/images", "{0}/labels")]
    [DataRow("names: {0: cat,\n  1: big dog}", "{0}/images", "{0}/labels")]
    public void Open_DataYaml_NamesPartsAndClasses(string yaml, string images, string labels)
    {
        BoxSets.Write(_folder.File("data.yaml"), yaml);
        string valid = yaml.Contains("images/val", StringComparison.Ordinal) ? "val" : "valid";
        foreach ((string part, int count) in new[] { ("train", 2), (valid, 1) })
            for (int i = 0; i < count; i++)
            {
                BoxSets.Picture(_folder.File(string.Format(images, part), $"{i}.png"), 10, 10);
                BoxSets.Write(_folder.File(string.Format(labels, part), $"{i}.txt"), $"{i} .5 .5 .5 .5");
            }

        BoxFolder set = BoxFolder.Open(_folder.Path);

        CollectionAssert.AreEqual(new[] { "cat", "big dog" }, set.Classes);
        Assert.AreEqual("train 2, val 1", string.Join(", ", set.Parts.Select(p => $"{p.Name} {p.Pictures.Length}")));
        Assert.AreEqual("1: 2.5 2.5 5 5", BoxSets.Text(set.Parts[0].Pictures[1].Boxes));
    }

    [TestMethod]
    public void Open_DarknetData_ReadsListsAndNames()
    {
        BoxSets.Write(_folder.File("obj.data"), "classes = 2\ntrain = train.txt\nvalid = valid.txt\nnames = obj.names\nbackup = backup/");
        BoxSets.Write(_folder.File("obj.names"), "cat\ndog\n");
        foreach (string name in new[] { "a", "b" })
        {
            BoxSets.Picture(_folder.File("pictures", name + ".png"), 10, 10);
            BoxSets.Write(_folder.File("pictures", name + ".txt"), "0 .5 .5 .5 .5\n1 .2 .2 .2 .2");
        }

        BoxSets.Write(_folder.File("train.txt"), "pictures/a.png\n");
        BoxSets.Write(_folder.File("valid.txt"), "pictures/b.png\n");
        BoxFolder set = BoxFolder.Open(_folder.Path);
        Assert.AreEqual("train a.png, val b.png",
            string.Join(", ", set.Parts.Select(p => $"{p.Name} {Path.GetFileName(p.Pictures.Single().Path)}")));
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, set.Classes);
        Assert.IsEmpty(set.Remarks);
    }

    [TestMethod]
    public void Open_NoLabels_SaysWhatIsKnown()
    {
        BoxSets.Picture(_folder.File("a", "1.png"), 10, 10);
        var fault = Assert.ThrowsExactly<BadInputException>(() => BoxFolder.Open(_folder.Path));
        Assert.AreEqual($"{_folder.Path}: holds no boxes that are known, expected images and labels (YOLO), a JSON file of COCO, or "
            + "Annotations and JPEGImages (VOC)", fault.Message);
        Assert.IsNull(BoxFolder.Find(_folder.Path));
    }

    [TestMethod]
    public void ForTraining_UndividedSet_HoldsOutTheSamePicturesForASeed()
    {
        BoxFolder set = BoxSets.Yolo(_folder, "cat", [.. Enumerable.Repeat("0 .5 .5 .5 .5", 10)]);
        (BoxSetPart train, BoxSetPart validation, BoxSetPart? test) = set.ForTraining(0.3, 5);
        Assert.AreEqual((7, 3, null), (train.Pictures.Length, validation.Pictures.Length, test));
        Assert.IsEmpty(train.Pictures.Intersect(validation.Pictures));
        CollectionAssert.AreEqual(validation.Pictures, set.ForTraining(0.3, 5).Validation.Pictures);
        CollectionAssert.AreNotEqual(validation.Pictures, set.ForTraining(0.3, 6).Validation.Pictures);
    }
}
