using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.Boxes;

[TestClass]
public sealed class CocoAndVocFolderTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Open_Coco_NumbersCategoriesByTheirIdsAndKeepsCrowdsApart()
    {
        BoxSets.Picture(_folder.File("val2017", "000000000009.png"), 100, 50);
        BoxSets.Picture(_folder.File("val2017", "000000000012.png"), 100, 50);
        BoxSets.Write(_folder.File("annotations", "captions_val2017.json"), "{\"images\": [], \"annotations\": [], \"categories\": []}");
        BoxSets.Write(_folder.File("annotations", "instances_val2017.json"), """
            {"info": {}, "images": [{"id": 9, "file_name": "000000000009.png", "width": 100, "height": 50},
             {"id": 12, "file_name": "000000000012.png", "width": 100, "height": 50}],
             "annotations": [
              {"id": 1, "image_id": 9, "category_id": 18, "bbox": [10.5, 5, 20, 30], "area": 400.5, "iscrowd": 0, "segmentation": [[1, 2]]},
              {"id": 2, "image_id": 9, "category_id": 3, "bbox": [0, 0, 50, 50], "area": 9, "iscrowd": 1, "segmentation": {"counts": [1]}}],
             "categories": [{"id": 18, "name": "dog", "supercategory": "animal"}, {"id": 3, "name": "car"}]}
            """);

        BoxFolder set = BoxFolder.Open(_folder.Path);

        Assert.AreEqual("COCO", set.Format);
        CollectionAssert.AreEqual(new[] { "car", "dog" }, set.Classes);
        CollectionAssert.AreEqual(new[] { 3, 18 }, set.Numbers);
        BoxPicture first = set.Parts.Single().Pictures[0];
        Assert.AreEqual(("val", 9L, "1: 10.5 5 20 30", "0: 0 0 50 50"),
            (set.Parts[0].Name, first.Number, BoxSets.Text(first.Boxes), BoxSets.Text(first.Ignored)));
        CollectionAssert.AreEqual(new[] { 400.5 }, first.Areas);
        Assert.IsEmpty(set.Parts[0].Pictures[1].Boxes);
        CollectionAssert.AreEqual(new[] { $"{_folder.Path}: a class that no box has: car" }, set.Remarks.ToArray());
    }

    [TestMethod]
    public void Open_CocoWithFaults_TellsEach()
    {
        BoxSets.Picture(_folder.File("images", "1.png"), 100, 50);
        string boxes = string.Concat(Enumerable.Range(1, 40).Select(i =>
            "{\"id\": " + i + ", \"image_id\": 1, \"category_id\": 1, \"bbox\": [" + i + ", 1, 9, 9], \"area\": 81, \"iscrowd\": 0},"));
        BoxSets.Write(_folder.File("labels.json"), $$"""
            {"images": [{"id": 1, "file_name": "1.png", "width": 100, "height": 50},
             {"id": 2, "file_name": "2.png", "width": 10, "height": 10}],
             "annotations": [{{boxes}}
              {"id": 50, "image_id": 7, "category_id": 1, "bbox": [1, 1, 9, 9]},
              {"id": 51, "image_id": 1, "category_id": 8, "bbox": [1, 1, 9, 9]},
              {"id": 52, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9]},
              {"id": 53, "image_id": 1, "category_id": 1, "bbox": [1, 1, 0, 9]}],
             "categories": [{"id": 1, "name": "cat"}]}
            """);
        BoxFolder set = BoxFolder.Open(_folder.Path);
        string file = _folder.File("labels.json");
        CollectionAssert.AreEqual(new[]
        {
            $"{file}: annotations[40] (id 50): image_id 7 is no picture of the file; the box is left out",
            $"{file}: annotations[41] (id 51): category_id 8 is no category of the file; the box is left out",
            $"{file}: annotations[42] (id 52): bbox has 3 numbers, expected 4: left, top, width, height; the box is left out",
            $"{file}: annotations[43] (id 53): the box is 0x9, expected an area; the box is left out",
            $"left out: {_folder.File("images", "2.png")}: no such picture",
        }, set.Remarks.ToArray());
        Assert.HasCount(40, set.Parts.Single().Pictures.Single().Boxes);
    }

    [TestMethod]
    public void Open_CocoWithSizesOfOtherPictures_TakesThoseOfTheFiles()
    {
        BoxSets.Picture(_folder.File("images", "1.png"), 100, 50);
        BoxSets.Write(_folder.File("labels.json"), """
            {"images": [{"id": 1, "file_name": "1.png", "width": 500, "height": 500}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [90, 40, 30, 30]}],
             "categories": [{"id": 1, "name": "cat"}]}
            """);
        BoxFolder set = BoxFolder.Open(_folder.Path);
        BoxPicture picture = set.Parts.Single().Pictures.Single();
        Assert.AreEqual(new OpenCvSharp.Size(100, 50), picture.Size);
        Assert.AreEqual(10f, picture.Boxes.Single().Width, "cut off at the edge of the file's picture");
        Assert.IsTrue(set.Remarks.Contains($"{_folder.File("images", "1.png")}: is 100x50, which counts; its labels say 500x500"));
    }

    [TestMethod]
    public void Open_CocoOfBrokenJson_NamesFileAndLine()
    {
        BoxSets.Write(_folder.File("annotations", "instances_train.json"), "{\n\"images\": [\n");
        string message = Assert.ThrowsExactly<BadInputException>(() => BoxFolder.Open(_folder.Path)).Message;
        StringAssert.StartsWith(message, $"{_folder.File("annotations", "instances_train.json")}: ");
        StringAssert.EndsWith(message, "(line 3)");
    }

    // Corners are counted from 1 and lie inside: 11..30 are the pixels 10 to 29.
    [TestMethod]
    public void Open_Voc_ReadsDirectObjectsAndKeepsDifficultOnesApart()
    {
        foreach (string name in new[] { "1", "2" })
            BoxSets.Picture(_folder.File("VOC2012", "JPEGImages", name + ".png"), 100, 50);
        BoxSets.Write(_folder.File("VOC2012", "Annotations", "1.xml"), """
            <annotation><size><width>100</width><height>50</height><depth>3</depth></size>
             <object><name>dog</name><difficult>0</difficult>
              <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
              <bndbox><xmax>30</xmax><ymax>25.0</ymax><xmin>11</xmin><ymin>6</ymin></bndbox></object>
             <object><name>cat</name><difficult>1</difficult>
              <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>100</xmax><ymax>50</ymax></bndbox></object>
            </annotation>
            """);
        BoxSets.Write(_folder.File("VOC2012", "ImageSets", "Main", "train.txt"), "1\n");
        BoxSets.Write(_folder.File("VOC2012", "ImageSets", "Main", "val.txt"), "2  -1\n");

        BoxFolder set = BoxFolder.Open(_folder.Path);

        Assert.AreEqual("VOC", set.Format);
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, set.Classes);
        Assert.AreEqual("train 1, val 1", string.Join(", ", set.Parts.Select(p => $"{p.Name} {p.Pictures.Length}")));
        BoxPicture first = set.Parts[0].Pictures[0];
        Assert.AreEqual(("1: 10 5 20 20", "0: 0 0 100 50"), (BoxSets.Text(first.Boxes), BoxSets.Text(first.Ignored)));
        StringAssert.StartsWith(set.Remarks[0], "1 of 2 pictures have no labels and count as pictures without objects; the first: ");
    }

    [TestMethod]
    public void Open_VocWithFaults_TellsFileAndLine()
    {
        BoxSets.Picture(_folder.File("JPEGImages", "1.png"), 100, 50);
        string good = string.Concat(Enumerable.Range(1, 20).Select(i =>
            $"<object><name>cat</name><bndbox><xmin>{i}</xmin><ymin>1</ymin><xmax>60</xmax><ymax>40</ymax></bndbox></object>"));
        BoxSets.Write(_folder.File("Annotations", "1.xml"), $"""
            <annotation>
            <size><width>640</width><height>480</height></size>
            {good}
            <object><name>cat</name></object>
            <object><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>
            </annotation>
            """);
        string file = _folder.File("Annotations", "1.xml");
        CollectionAssert.AreEqual(new[]
        {
            $"{file}:2: says 640x480, and the picture is 100x50, which counts",
            $"{file}:4: the object has no bndbox of four numbers: xmin, ymin, xmax, ymax; the box is left out",
            $"{file}:5: the object has no name; the box is left out",
        }, BoxFolder.Open(_folder.Path).Remarks.ToArray());
    }

    [TestMethod]
    public void Open_VocWithDtd_IsRefused()
    {
        BoxSets.Picture(_folder.File("JPEGImages", "1.png"), 100, 50);
        BoxSets.Write(_folder.File("Annotations", "1.xml"),
            "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><annotation><object><name>&e;</name></object></annotation>");
        string message = Assert.ThrowsExactly<BadInputException>(() => BoxFolder.Open(_folder.Path)).Message;
        StringAssert.Contains(message, $"{_folder.File("Annotations", "1.xml")}: has a document type (DTD), which is not read");
    }
}
