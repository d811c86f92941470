using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Tests.Imaging;

[TestClass]
public sealed class PicturePlacementTests
{
    [TestMethod]
    public void Of_Stretch_TakesAllToAll() =>
        AssertPlaced(ResizeMode.Stretch, new Size(300, 200), new Rect(0, 0, 300, 200), new Rect(0, 0, 100, 50));

    [TestMethod]
    public void Of_CropOfAWiderPicture_CutsLeftAndRight() =>
        AssertPlaced(ResizeMode.Crop, new Size(500, 200), new Rect(50, 0, 400, 200), new Rect(0, 0, 100, 50));

    [TestMethod]
    public void Of_CropOfATallerPicture_CutsAboveAndBelow() =>
        AssertPlaced(ResizeMode.Crop, new Size(200, 300), new Rect(0, 100, 200, 100), new Rect(0, 0, 100, 50));

    [TestMethod]
    public void Of_LetterboxOfAWiderPicture_FillsAboveAndBelow() =>
        AssertPlaced(ResizeMode.Letterbox, new Size(400, 100), new Rect(0, 0, 400, 100), new Rect(0, 12, 100, 25));

    [TestMethod]
    public void Of_LetterboxOfATallerPicture_FillsLeftAndRight() =>
        AssertPlaced(ResizeMode.Letterbox, new Size(100, 100), new Rect(0, 0, 100, 100), new Rect(25, 0, 50, 50));

    [TestMethod]
    public void Of_LetterboxTopLeft_FillsRightAndBelow()
    {
        AssertPlaced(ResizeMode.LetterboxTopLeft, new Size(400, 100), new Rect(0, 0, 400, 100), new Rect(0, 0, 100, 25));
        // 33 · ½ = 16.5: what is left of a pixel is cut off.
        AssertPlaced(ResizeMode.LetterboxTopLeft, new Size(33, 100), new Rect(0, 0, 33, 100), new Rect(0, 0, 16, 50));
        AssertPlaced(ResizeMode.LetterboxTopLeft, new Size(16384, 1), new Rect(0, 0, 16384, 1), new Rect(0, 0, 100, 1));
    }

    [TestMethod]
    public void Of_AThread_KeepsAtLeastAPixel()
    {
        AssertPlaced(ResizeMode.Letterbox, new Size(16384, 1), new Rect(0, 0, 16384, 1), new Rect(0, 24, 100, 1));
        AssertPlaced(ResizeMode.Crop, new Size(16384, 1), new Rect(8191, 0, 2, 1), new Rect(0, 0, 100, 50));
    }

    private static void AssertPlaced(ResizeMode resize, Size picture, Rect source, Rect target)
    {
        var spec = new InputSpec { Size = new(100, 50), Resize = resize };
        Assert.AreEqual(new PicturePlacement(source, target), PicturePlacement.Of(picture, spec));
    }
}
