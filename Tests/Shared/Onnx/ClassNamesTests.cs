using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class ClassNamesTests
{
    [TestMethod]
    [DataRow("cat\ndog\nbig car\n", DisplayName = "lines")]
    [DataRow("\uFEFFcat\r\ndog\r\nbig car\r\n\r\n", DisplayName = "lines of Windows")]
    [DataRow("0,cat\n1,dog\n2,big car", DisplayName = "numbered lines")]
    [DataRow("0: cat\n1: dog\n2: big car", DisplayName = "numbered lines with colons")]
    [DataRow("n02123045 cat\nn02084071 dog\nn02958343 big car", DisplayName = "WordNet numbers")]
    [DataRow("""["cat", "dog", "big car"]""", DisplayName = "JSON array")]
    [DataRow("""{"1": "dog", "0": "cat", "2": "big car"}""", DisplayName = "JSON object by index")]
    [DataRow("""{"0": ["n02123045", "cat"], "1": ["n02084071", "dog"], "2": ["n02958343", "big car"]}""", DisplayName = "Keras")]
    [DataRow("""{"dog": 1, "cat": 0, "big car": 2}""", DisplayName = "JSON object by name")]
    [DataRow("""{"model_type": "x", "id2label": {"0": "cat", "1": "dog", "2": "big car"}}""", DisplayName = "Hugging Face")]
    [DataRow("{0: 'cat', 1: \"dog\",\n 2: 'big car'}", DisplayName = "Python dictionary")]
    [DataRow("['cat', 'dog', 'big car']", DisplayName = "Python list")]
    public void Read_EveryForm_GivesTheNames(string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("names.txt");
        File.WriteAllText(path, text);
        CollectionAssert.AreEqual(new[] { "cat", "dog", "big car" }, ClassNames.Read(path));
    }

    [TestMethod]
    [DataRow("", "holds no class names")]
    [DataRow("cat\n\ndog", "line 2 is empty, expected a class name on every line")]
    [DataRow("""{"1": "cat", "2": "dog"}""", "has 2 names, but none of index 0; expected 0 to 1")]
    [DataRow("""{"x": "cat"}""", "'x' is no index of a class, expected 0, 1, 2 …")]
    [DataRow("[1, 2]", "element 0 is 1, expected a class name")]
    [DataRow("{0: cat}", "is neither JSON nor a dictionary or list of Python: ")]
    public void Read_WhatIsNoNames_SaysWhy(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("names.txt");
        File.WriteAllText(path, text);
        StringAssert.StartsWith(Assert.ThrowsExactly<BadInputException>(() => ClassNames.Read(path)).Message, $"{path}: {expected}");
    }

    [TestMethod]
    public void Read_NoSuchFile_NamesTheSetsThatAreThere() =>
        Assert.AreEqual("voc: does not exist; expected a file of class names, or imagenet or coco",
            Assert.ThrowsExactly<BadInputException>(() => ClassNames.Read("voc")).Message);

    [TestMethod]
    public void Read_QuotesInPythonText_AreKept()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("names.txt");
        File.WriteAllText(path, """{0: "jack-o'-lantern", 1: 'yellow lady\'s slipper', 2: '{0: "x"}'}""");
        CollectionAssert.AreEqual(new[] { "jack-o'-lantern", "yellow lady's slipper", """{0: "x"}""" }, ClassNames.Read(path));
    }

    [TestMethod]
    public void Carried_Sets_HaveTheirClassesInOrder()
    {
        Assert.HasCount(1000, ClassNames.ImageNet);
        Assert.AreEqual("tench tabby toilet tissue",
            $"{ClassNames.ImageNet[0]} {ClassNames.Read("ImageNet")[281]} {ClassNames.ImageNet[^1]}");
        Assert.HasCount(1000, ClassNames.ImageNet.Distinct().ToArray());
        Assert.HasCount(80, ClassNames.Coco);
        Assert.AreEqual("person toothbrush", $"{ClassNames.Coco[0]} {ClassNames.Read("coco")[^1]}");
    }

    [TestMethod]
    public void Carried_ImageNet_IsInTheOrderOfOtherFilesOfIt()
    {
        string[] keras = ClassNames.Read(SharedData.Require("labels", "imagenet_class_index.json"));
        string[] python = ClassNames.Read(SharedData.Require("labels", "imagenet1000_clsidx_to_labels.txt"));
        string[] numbered = ClassNames.Read(SharedData.Require("labels", "winml_imagenet1000_Labels.txt"));
        for (int i = 0; i < 1000; i++)
        {
            string first = ClassNames.ImageNet[i].Split([',', '('])[0].Trim();
            // The last line of the file ends with a quotation mark.
            Assert.AreEqual(python[i], numbered[i].TrimEnd('"'));
            Assert.AreEqual(first, numbered[i].Split(',')[0]);
            // Keras writes spaces as underscores, and names a class with two synonyms by either.
            Assert.IsTrue(numbered[i].Replace(' ', '_').Split(",_").Contains(keras[i]) || keras[i] == first.Replace(' ', '_'),
                $"{i}: {keras[i]} and {numbered[i]}");
        }
    }

    // Ultralytics writes str() of a dictionary.
    [TestMethod]
    public void From_NamesOfTheExporter_AreTheLabels()
    {
        var metadata = new Dictionary<string, string> { ["names"] = "{0: 'person', 1: 'car'}", ["stride"] = "32" };
        CollectionAssert.AreEqual(new[] { "person", "car" }, ModelCard.From(metadata, "m").Labels);
        Assert.AreEqual("the exporter's metadata, 'names'", ModelCard.From(metadata, "m").LabelsSource);
        metadata["cnnonnx.labels"] = """["a", "b", "c"]""";
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, ModelCard.From(metadata, "m").Labels);
        Assert.IsNull(ModelCard.From(new Dictionary<string, string> { ["classes"] = "80", ["names"] = "{broken" }, "m").Labels);
    }
}
