using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class MosaicLayoutTests
{
    private static readonly LayoutRules PixelByPixel = new() { MinTileSize = 1, Gap = 2 };

    [TestMethod]
    public void Of_SixMaps_GoesRowByRow()
    {
        MosaicLayout layout = MosaicLayout.Of(6, new Size(28, 20), PixelByPixel);
        Assert.AreEqual((6, 3, 2, 28 * 3 + 4, 20 * 2 + 2), (layout.Count, layout.Columns, layout.Rows, layout.Width, layout.Height));
        Assert.AreEqual(new Rect(0, 0, 28, 20), layout[0]);
        Assert.AreEqual(new Rect(60, 0, 28, 20), layout[2]);
        Assert.AreEqual(new Rect(30, 22, 28, 20), layout[4]);
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(2, 2)]
    [DataRow(3, 3)]
    [DataRow(6, 3)]
    [DataRow(7, 4)]
    [DataRow(16, 4)]
    [DataRow(24, 6)]
    [DataRow(32, 8)]
    [DataRow(64, 8)]
    [DataRow(512, 32)]
    [DataRow(1280, 40)]
    public void Of_FreeColumns_IsAboutSquareAndFull(int count, int columns) =>
        Assert.AreEqual(columns, MosaicLayout.Of(count, new Size(8, 8), PixelByPixel).Columns);

    [TestMethod]
    public void Of_WideMaps_HasFewerColumns() =>
        Assert.AreEqual((2, 8), Grid(MosaicLayout.Of(16, new Size(80, 20), PixelByPixel)));

    [TestMethod]
    public void Of_AskedColumnsOrRows_AreTaken()
    {
        var map = new Size(8, 8);
        Assert.AreEqual((8, 2), Grid(MosaicLayout.Of(16, map, PixelByPixel with { Rows = 2 })));
        Assert.AreEqual((16, 4), Grid(MosaicLayout.Of(64, map, PixelByPixel with { Columns = 16 })));
        Assert.AreEqual((3, 6), Grid(MosaicLayout.Of(16, map, PixelByPixel with { Columns = 3 })));
        Assert.AreEqual((5, 1), Grid(MosaicLayout.Of(5, map, PixelByPixel with { Columns = 16 })));
    }

    [TestMethod]
    public void Of_MoreMapsThanPlaces_KeepsTheFirstOnesAndSaysSo()
    {
        var map = new Size(8, 8);
        MosaicLayout layout = MosaicLayout.Of(64, map, PixelByPixel with { Columns = 4, Rows = 3 });
        Assert.AreEqual((12, "first 12 of 64 maps"), (layout.Count, layout.Describe(64)));
        layout = MosaicLayout.Of(512, map, PixelByPixel with { MaxChannels = 10 });
        Assert.AreEqual((10, "first 10 of 512 maps"), (layout.Count, layout.Describe(512)));
    }

    // 1280 · 7 · 7 values fill a megapixel when each is four pixels wide and high.
    [TestMethod]
    public void Of_ManySmallMaps_AreEnlargedToAboutAScreen()
    {
        Assert.AreEqual((new Size(28, 28), 4, 4), Enlarged(MosaicLayout.Of(1280, new Size(7, 7), new())));
        Assert.AreEqual((new Size(70, 70), 10, 10), Enlarged(MosaicLayout.Of(1280, new Size(7, 7), new() { MaxEnlargedPixels = null })));
        Assert.AreEqual((new Size(112, 112), 1, 1), Enlarged(MosaicLayout.Of(256, new Size(112, 112), new())));
    }

    [TestMethod]
    public void Of_SmallMaps_AreEnlargedByAWholeFactor()
    {
        // 7 · 10 is the first multiple of 7 that reaches 64.
        Assert.AreEqual((new Size(70, 70), 10, 10), Enlarged(MosaicLayout.Of(160, new Size(7, 7), new())));
        // Three columns of 84 would be narrower than 480: 6 · 28 · 3 is the first that is not.
        Assert.AreEqual((new Size(168, 168), 6, 6), Enlarged(MosaicLayout.Of(6, new Size(28, 28), new())));
        // One map alone grows to three times the smallest size at most.
        Assert.AreEqual((new Size(504, 504), 18, 18), Enlarged(MosaicLayout.Of(1, new Size(28, 28), new())));
        Assert.AreEqual((new Size(224, 224), 1, 1), Enlarged(MosaicLayout.Of(64, new Size(224, 224), new())));
    }

    [TestMethod]
    public void Of_ThinMaps_AreThickened() =>
        Assert.AreEqual((new Size(400, 8), 2, 8), Enlarged(MosaicLayout.Of(8, new Size(200, 1), new())));

    [TestMethod]
    public void Of_AnyCountAndSize_StaysWithinBoundsWithoutOverlap()
    {
        Size[] maps = [new(1, 1), new(2, 2), new(7, 3), new(224, 224), new(8192, 1), new(8192, 8192)];
        LayoutRules[] rules = [new(), PixelByPixel, new() { Columns = 1 }, new() { Rows = 1, Gap = 0 }];
        foreach (int count in new[] { 0, 1, 5, 1000, 100_000, 10_000_000 })
            foreach (Size map in maps)
                foreach (LayoutRules options in rules)
                {
                    MosaicLayout layout = MosaicLayout.Of(count, map, options);
                    string what = $"{count} maps of {map}: {layout}";
                    Assert.IsTrue(layout.Count <= count && layout.Count <= (long)layout.Columns * layout.Rows, what);
                    Assert.IsTrue(layout.Width <= MosaicLayout.MaxSide && layout.Height <= MosaicLayout.MaxSide, what);
                    Assert.IsTrue(layout.Count <= 1 || (long)layout.Width * layout.Height <= MosaicLayout.MaxPixels, what);
                    Assert.AreEqual(new Size(map.Width * layout.FactorX, map.Height * layout.FactorY), layout.Tile);
                    if (layout.Count > 1)
                        Assert.AreEqual(0, (layout[0] & layout[1]).Width * (layout[0] & layout[1]).Height, what);
                    if (layout.Count > 0)
                        Assert.IsTrue(layout[layout.Count - 1].Bottom == layout.Height && layout[layout.Columns - 1].Right == layout.Width,
                            what);
                    Assert.IsTrue(count == 0 || layout.Count > 0, what);
                }
    }

    [TestMethod]
    public void Of_OptionsThatCannotBe_AreRefused()
    {
        LayoutRules[] refused =
            [new() { Columns = 0 }, new() { Rows = -1 }, new() { MaxChannels = 0 }, new() { MinTileSize = 0 }, new() { Gap = -1 }];
        foreach (LayoutRules options in refused)
            Assert.ThrowsExactly<ArgumentException>(() => MosaicLayout.Of(4, new Size(8, 8), options));
    }

    private static (int Columns, int Rows) Grid(MosaicLayout layout) => (layout.Columns, layout.Rows);

    private static (Size, int, int) Enlarged(MosaicLayout layout) => (layout.Tile, layout.FactorX, layout.FactorY);
}
