using CnnOnnx.Rendering;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class BarChartTests
{
    private static readonly BarChartOptions Bare = new() { Legend = false, Colormap = null };

    [TestMethod]
    public void ColumnOf_Values_AreLinearWithZeroInside()
    {
        var axis = BarAxis.Of(MapFacts.Of([-1, 3]), left: 100, width: 401);
        Assert.AreEqual((200, 500, 100, 350), (axis.ColumnOf(0), axis.ColumnOf(3), axis.ColumnOf(-1), axis.ColumnOf(1.5f)));
        Assert.AreEqual(100, BarAxis.Of(MapFacts.Of([2, 4]), 100, 401).ColumnOf(0));
        Assert.AreEqual(500, BarAxis.Of(MapFacts.Of([-2, -4]), 100, 401).ColumnOf(0));
        Assert.AreEqual(100, BarAxis.Of(MapFacts.Of([0, 0]), 100, 401).ColumnOf(0));
    }

    [TestMethod]
    public void Draw_FewValues_AreBarsOfTheirLengths()
    {
        using IndexedPicture picture = BarChart.Draw([1, 2, 4, 0], new(1, 4), "", Bare);
        int[] lengths = [.. Enumerable.Range(0, 4).Select(row => BarLength(picture, row))];
        Assert.IsGreaterThan(300, lengths[2]);
        // A bar ends in the middle of a pixel at most half a pixel off.
        Assert.AreEqual(lengths[2] / 2.0, lengths[1], 1);
        Assert.AreEqual(lengths[2] / 4.0, lengths[0], 1);
        Assert.AreEqual(1, lengths[3], "the axis");
    }

    [TestMethod]
    public void Draw_Top_IsTheLargestInDescendingOrder()
    {
        CollectionAssert.AreEqual(new[] { 3, 0, 4 }, BarChart.Largest([2, float.NaN, -5, 9, 1, float.NegativeInfinity], 3));
        CollectionAssert.AreEqual(new[] { 0, 1 }, BarChart.Largest([float.NaN, float.NaN], 5));
        using IndexedPicture picture = BarChart.Draw([1, 2, 4, 3], new(1, 4), "", Bare with { Top = 2 });
        Assert.AreEqual(40, picture.Height);
        Assert.IsGreaterThan(BarLength(picture, 1), BarLength(picture, 0));
    }

    [TestMethod]
    public void Draw_NonFiniteValues_HaveNoBarOrAWholeOne()
    {
        using IndexedPicture picture = BarChart.Draw([1, float.NaN, float.PositiveInfinity], new(3), "", Bare);
        Assert.AreEqual(1, BarLength(picture, 1), "the axis");
        Assert.AreEqual(BarLength(picture, 0), BarLength(picture, 2));
    }

    [TestMethod]
    public void LabelOf_MissingNames_AreNumbers()
    {
        var options = new BarChartOptions { Labels = ["cat", "dog"] };
        Assert.AreEqual(("dog", "2"), (BarChart.LabelOf(1, options), BarChart.LabelOf(2, options)));
        Assert.AreEqual("1", BarChart.LabelOf(1, new()));
    }

    [TestMethod]
    public void Draw_ManyValues_BecomeCellsOfARowLength()
    {
        // 1000 values: 50 a row, 15 pixels each, behind the widest row number.
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => i / 999f)];
        using IndexedPicture picture = BarChart.Draw(values, new(1, 1000), "", Bare);
        int left = picture.Width - 50 * 15;
        Assert.AreEqual(20 * 15, picture.Height);
        foreach (int index in new[] { 0, 1, 49, 50, 517, 999 })
        {
            byte cell = picture.Indices.At<byte>(index / 50 * 15 + 7, left + index % 50 * 15 + 7);
            Assert.AreEqual(index / 999.0 * 255, cell, 0.51, $"value {index}");
        }
    }

    [TestMethod]
    [DataRow(65)]
    [DataRow(4096)]
    [DataRow(25088)]
    [DataRow(5_000_000)]
    public void Draw_AnyNumberOfValues_IsAPictureOfBoundedSize(int count)
    {
        using IndexedPicture picture = BarChart.Draw(new float[count], new(1, count), "fc", new());
        Assert.IsTrue(picture.Width is > 200 and < 1200 && picture.Height < 33_000, $"{picture.Width}x{picture.Height}");
    }

    // Pixels of the longest run that is not background in the middle of a bar, right of the label.
    private static int BarLength(IndexedPicture picture, int row)
    {
        (int best, int run) = (0, 0);
        for (int x = 12; x < picture.Width; x++)
        {
            run = picture.Indices.At<byte>(row * 20 + 4, x) == picture.Palette.Ground ? 0 : run + 1;
            best = Math.Max(best, run);
        }

        return best;
    }
}
