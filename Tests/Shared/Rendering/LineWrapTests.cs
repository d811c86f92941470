using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class LineWrapTests
{
    // sqrt(2 · 1000) is 44.7: 50 values a line, 20 lines. Two rows with one free: sqrt(2 · 1000 · 3) is 77.5: 100 a line, 10 lines,
    // 10 · 3 − 1 rows.
    [TestMethod]
    [DataRow(1, 1000, 50, 20, 20)]
    [DataRow(2, 1000, 100, 10, 29)]
    [DataRow(1, 256, 256, 1, 1)]
    [DataRow(3, 1000, 1000, 1, 3)]
    [DataRow(1, 257, 25, 11, 11)]
    public void Of_LongMaps_BreaksThemToAboutTwiceAsWideAsHigh(int height, int width, int line, int lines, int rows)
    {
        var wrap = LineWrap.Of(new Size(width, height));
        Assert.AreEqual((line, lines, new Size(line, rows)), (wrap.Line, wrap.Lines, wrap.Size));
    }

    // Each value is where a reader of lines looks for it: value i of row r in line i / 100, three rows of cells a line.
    [TestMethod]
    public void Draw_TwoRows_PutsEachValueIntoItsLine()
    {
        const int Width = 950;
        float[] values = [.. Enumerable.Range(0, 2 * Width).Select(i => (float)(i * 31 % 257))];
        using IndexedPicture picture = Mosaic.Draw(values, new TensorShape(1, 1, 2, Width), "long", new() { Scaling = ScaleMode.Layer });
        TileGrid tiles = picture.Tiles!.Value;
        (int factorX, int factorY) = (tiles.Width / 100, tiles.Height / 29);
        using IndexedPicture plain = Mosaic.Draw(values, new TensorShape(1, 1, 2, Width), "",
            new() { Scaling = ScaleMode.Layer, MinTileSize = 1, Legend = false, Gap = 0 });
        Assert.AreEqual(new Size(Width, 2), plain.Indices.Size());
        for (int row = 0; row < 2; row++)
        {
            for (int i = 0; i < Width; i++)
            {
                byte drawn = picture.Indices.At<byte>(
                    tiles.Y + (i / 100 * 3 + row) * factorY + factorY / 2, tiles.X + i % 100 * factorX + factorX / 2);
                Assert.AreEqual(plain.Palette.Bgr[3 * plain.Indices.At<byte>(row, i)], picture.Palette.Bgr[3 * drawn], 4, $"({row}, {i})");
            }
        }

        // The free row, and what is left of the last line.
        Assert.AreEqual(picture.Palette.Ground, picture.Indices.At<byte>(tiles.Y + 2 * factorY, tiles.X));
        Assert.AreEqual(picture.Palette.Ground, picture.Indices.At<byte>(tiles.Y + 27 * factorY, tiles.X + 99 * factorX));
    }

    [TestMethod]
    public void Draw_NotFiniteAndConstant_AreMarkedAlsoInLines()
    {
        float[] values = [.. Enumerable.Range(0, 600).Select(i => i == 301 ? float.NaN : i % 7), .. Enumerable.Repeat(2f, 600)];
        using IndexedPicture picture = Mosaic.Draw(values, new TensorShape(1, 2, 1, 600), "long", new());
        TileGrid tiles = picture.Tiles!.Value;
        // 35 is wanted: 50 a line, 12 lines; value 301 is the second of line 6.
        (int factorX, int factorY) = (tiles.Width / 50, tiles.Height / 12);
        Rect cell = new(tiles.X + factorX, tiles.Y + 6 * factorY, factorX, factorY);
        using Mat marked = picture.Indices.SubMat(cell);
        Cv2.MinMaxIdx(marked, out double low, out double high);
        CollectionAssert.AreEquivalent(new[] { picture.Palette.Ink, picture.Palette.Ground }, new[] { (byte)low, (byte)high });
        (int x, int y) = tiles.Columns > 1 ? (tiles.X + tiles.Width + tiles.Gap, tiles.Y) : (tiles.X, tiles.Y + tiles.Height + tiles.Gap);
        Assert.AreEqual(picture.Palette.Faint, picture.Indices.At<byte>(y, x));
    }
}
