using System.Runtime.CompilerServices;
using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

/// <summary>
/// Tiles and geometry, compared with the pictures in Golden to the last bit; without legends and words, whose letters are OpenCV's.
/// A picture that is meant to change is copied from artifacts/golden, after somebody has looked at it.
/// </summary>
[TestClass]
public sealed class GoldenPictureTests
{
    private static readonly MosaicOptions Bare = new() { Legend = false, Marks = false };

    private static readonly KernelOptions BareKernels = new() { Legend = false };

    [TestMethod]
    public void Mosaic_FourMapsWithAGap() =>
        Compare(Mosaic.Draw(Values(4 * 6 * 8), new(1, 4, 6, 8), "", Bare with { MinTileSize = 24 }));

    [TestMethod]
    public void Mosaic_LayerScaleInThreeColumns() =>
        Compare(Mosaic.Draw(Values(7 * 5 * 5), new(7, 5, 5), "",
            Bare with { Scaling = ScaleMode.Layer, Columns = 3, MinTileSize = 20, Gap = 5 }));

    [TestMethod]
    public void Mosaic_SymmetricInGray() =>
        Compare(Mosaic.Draw(
            Values(5 * 4 * 9), new(1, 5, 4, 9), "", Bare with { Scaling = ScaleMode.Symmetric, Colormap = null, MinTileSize = 12 }));

    [TestMethod]
    public void Mosaic_LongThinMapsBecomeThicker() =>
        Compare(Mosaic.Draw(Values(3 * 60), new(1, 3, 1, 60), "", Bare with { Colormap = ColormapTypes.Inferno }));

    [TestMethod]
    public void Mosaic_NaNAndInfinityAreCheckered()
    {
        float[] values = Values(2 * 6 * 6);
        (values[7], values[44], values[45]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
        // Too small for words.
        Compare(Mosaic.Draw(values, new(1, 2, 6, 6), "", Bare with { Marks = true, MinTileSize = 6, MaxEnlargedPixels = 1 }));
    }

    [TestMethod]
    public void Mosaic_ChannelsLast() =>
        Compare(Mosaic.Draw(Values(6 * 8 * 4), new(1, 6, 8, 4), "", Bare with { MinTileSize = 24, Channels = ChannelLayout.Last }));

    [TestMethod]
    public void Channel_Alone() => Compare(Mosaic.DrawChannel(Values(4 * 6 * 8), new(1, 4, 6, 8), 2, "", Bare with { MinTileSize = 24 }));

    [TestMethod]
    public void Kernels_OutputsByInputs() =>
        Compare(KernelPicture.Draw(Values(4 * 5 * 9), new(4, 5, 3, 3), "", BareKernels with { MaxSide = 200 })!);

    [TestMethod]
    public void Kernels_Depthwise() =>
        Compare(KernelPicture.Draw(Values(10 * 9), new(10, 1, 3, 3), "", BareKernels with { Symmetric = true, MaxSide = 100 })!);

    [TestMethod]
    public void Kernels_Matrix() => Compare(KernelPicture.Draw(Values(6 * 9), new(6, 9), "", BareKernels)!);

    [TestMethod]
    public void Kernels_InColour() =>
        Compare(KernelPicture.Render(Values(6 * 3 * 9), new(6, 3, 3, 3), "", BareKernels with { MaxSide = 100 }));

    [TestMethod]
    public void Bars_AroundZero()
    {
        float[] values = [3, -1.5f, 0, 0.25f, float.NaN, -3, float.PositiveInfinity];
        var picture = new IndexedPicture(new Size(200, values.Length * 20), Palette.Of(ColormapTypes.Viridis, PictureTheme.Light));
        var axis = BarAxis.Of(MapFacts.Of(values), 10, 180);
        for (int i = 0; i < values.Length; i++)
            axis.Draw(picture, values[i], new Rect(0, i * 20 + 3, 0, 14), 20);
        Compare(picture);
    }

    [TestMethod]
    public void Cells_OfALongVector()
    {
        IndexedPicture picture = BarChart.Draw(Values(130), new(1, 130), "", new() { Legend = false });
        TileGrid cells = picture.Tiles!.Value;
        int rows = (cells.Count - 1) / cells.Columns + 1;
        using (picture)
        using (Mat bgr = picture.ToBgr())
            Compare(bgr.SubMat(new Rect(cells.X, cells.Y, cells.Columns * cells.Width, rows * cells.Height)));
    }

    // Numbers that floats hold exactly, so that no processor rounds them.
    private static float[] Values(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 37 % 101 - 40) / 8f)];

    private static void Compare(IndexedPicture picture, [CallerMemberName] string name = "")
    {
        using (picture)
            Compare(picture.ToBgr(), name);
    }

    private static void Compare(Mat picture, [CallerMemberName] string name = "")
    {
        using Mat drawn = picture;
        string golden = Path.Combine(Repository.Root, "Tests", "Shared", "Rendering", "Golden", name + ".png");
        if (File.Exists(golden))
        {
            using Mat expected = PictureFile.Read(golden);
            if (expected.Size() == drawn.Size() && Cv2.Norm(expected, drawn, NormTypes.INF) == 0)
                return;
        }

        string received = Path.Combine(Repository.Root, "artifacts", "golden", name + ".png");
        PictureFile.Write(received, drawn);
        Assert.Fail($"{golden} is another picture than the one that was drawn, {received}.");
    }
}
