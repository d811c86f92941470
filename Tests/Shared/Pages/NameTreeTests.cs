using CnnOnnx.Pages;

namespace CnnOnnx.Tests.Pages;

[TestClass]
public sealed class NameTreeTests
{
    [TestMethod]
    [DataRow("fire2/squeeze1x1_1", "fire2|squeeze1x1_1")]
    [DataRow("/features/features.1/features.1.0/Conv_output_0", "features|1|0|Conv")]
    [DataRow("layer1.0.conv1", "layer1|0|conv1")]
    [DataRow("conv1", "conv1")]
    [DataRow("//", "//")]
    public void PartsOf_Name_IsSplitAndNotRepeated(string name, string expected) =>
        Assert.AreEqual(expected, string.Join('|', NameTree.PartsOf(name)));

    [TestMethod]
    public void Draw_Names_AreGroupedWithoutWhatAllHaveInCommon()
    {
        string list = NameTree.Draw([Card(0, "net/stem"), Card(1, "net/b1/conv"), Card(2, "net/b1/relu"), Card(3, "net/b2/conv")]).Text;
        Assert.Contains("<a href=\"#t0\" title=\"net/stem\"><b>stem</b>", list);
        Assert.Contains("<summary title=\"b1\"><b>b1</b>", list);
        Assert.Contains("<b>relu</b>", list);
        // A group of one is one row.
        Assert.Contains("<b>b2 ▸ conv</b>", list);
        Assert.AreEqual(4, list.Split("<a ").Length - 1);
        Assert.AreEqual(1, list.Split("<details").Length - 1);
    }

    [TestMethod]
    public void Draw_HostileName_StaysText() =>
        Assert.DoesNotContain("<img", NameTree.Draw([Card(0, "<img src=x onerror=alert(1)>"), Card(1, "b")]).Text);

    private static PageCard Card(int index, string name) => new() { Anchor = PageCard.AnchorOf(index), Name = name };
}
