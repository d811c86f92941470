using CnnOnnx.Detection;

namespace CnnOnnx.Tests.Detection;

[TestClass]
public sealed class ExporterMetadataTests
{
    [TestMethod]
    [DataRow("{0: 'person', 1: 'bicycle'}", "person|bicycle")]
    [DataRow("{1: 'b', 0: 'a'}", "a|b")]
    [DataRow("{0: \"driver's seat\", 1: 'say \"no\"', 2: 'it\\'s'}", "driver's seat|say \"no\"|it's")]
    [DataRow("['person', \"a, b\"]", "person|a, b")]
    [DataRow("{0: '0', 1: '1'}", "0|1")]
    [DataRow("{0: 'Straßenbahn'}", "Straßenbahn")]
    public void ReadNames_TextsOfPython_AreNames(string text, string expected) =>
        Assert.AreEqual(expected, string.Join('|', ExporterMetadata.ReadNames(text)));

    [TestMethod]
    [DataRow("")]
    [DataRow("{}")]
    [DataRow("{0: 'a', 2: 'c'}")]
    [DataRow("{0: 'a', 0: 'b'}")]
    [DataRow("{99999999999999: 'a'}")]
    [DataRow("person")]
    public void ReadNames_OfWhatHasGaps_AreNone(string text) => Assert.IsEmpty(ExporterMetadata.ReadNames(text));

    [TestMethod]
    [DataRow("{0: 'a")]
    [DataRow("{0: 'a\\")]
    [DataRow("[[[['a'")]
    public void ReadNames_OfWhatIsCutOff_EndsAsTheText(string text) => Assert.HasCount(1, ExporterMetadata.ReadNames(text));

    [TestMethod]
    public void Of_OtherExporters_IsNull()
    {
        Assert.IsNull(ExporterMetadata.Of(new Dictionary<string, string>()));
        Assert.IsNull(ExporterMetadata.Of(new Dictionary<string, string> { ["names"] = "{0: 'a'}" }));
        Assert.IsNull(ExporterMetadata.Of(new Dictionary<string, string> { ["names"] = "?", ["task"] = "detect" }));
    }

    [TestMethod]
    public void Of_ReadsSizeAndKeypoints()
    {
        ExporterMetadata read = ExporterMetadata.Of(new Dictionary<string, string>
        {
            ["names"] = "{0: 'person'}",
            ["task"] = "pose",
            ["imgsz"] = "[480, 640]",
            ["kpt_shape"] = "[17, 3]",
        })!;

        Assert.AreEqual("pose", read.Task);
        Assert.AreEqual(new OpenCvSharp.Size(640, 480), read.Size);
        Assert.AreEqual(51, read.Keypoints);
        Assert.IsNull(ExporterMetadata.Of(new Dictionary<string, string>
        {
            ["names"] = "{0: 'a'}",
            ["stride"] = "32",
            ["imgsz"] = "[None, -3]",
        })!.Size);
    }
}
