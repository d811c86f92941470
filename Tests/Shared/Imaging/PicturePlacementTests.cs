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
    public void Of_CropOfAWiderPicture_ReachesBeyondLeftAndRight() =>
        AssertPlaced(ResizeMode.Crop, new Size(500, 200), new Rect(0, 0, 500, 200), new Rect(-12, 0, 125, 50));

    [TestMethod]
    public void Of_CropOfATallerPicture_ReachesBeyondAboveAndBelow() =>
        AssertPlaced(ResizeMode.Crop, new Size(200, 300), new Rect(0, 0, 200, 300), new Rect(0, -50, 100, 150));

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
    public void Of_AThread_KeepsAtLeastAPixelAndStaysSmall()
    {
        AssertPlaced(ResizeMode.Letterbox, new Size(16384, 1), new Rect(0, 0, 16384, 1), new Rect(0, 24, 100, 1));
        // No more of it is scaled than eight times the input's width.
        AssertPlaced(ResizeMode.Crop, new Size(16384, 1), new Rect(8184, 0, 16, 1), new Rect(-350, 0, 800, 50));
        AssertPlaced(ResizeMode.Crop, new Size(1, 16384), new Rect(0, 8190, 1, 4), new Rect(0, -175, 100, 400));
    }

    // torchvision 0.14.1: Resize(r) and CenterCrop((h, w)) of pictures whose pixels are their own columns and rows, by Pillow; the size
    // after Resize, and the corner of the crop in it as CenterCrop computes it.
    [TestMethod]
    [DataRow(1280, 853, 224, 0.125, 384, 256, 80, 16)]
    [DataRow(853, 1280, 224, 0.125, 256, 384, 16, 80)]
    [DataRow(500, 375, 224, 0.125, 341, 256, 58, 16)]
    [DataRow(375, 500, 224, 0.125, 256, 341, 16, 58)]
    [DataRow(333, 500, 299, 0.125, 342, 513, 22, 107)]
    [DataRow(640, 427, 224, 0.125, 383, 256, 80, 16)]
    [DataRow(224, 224, 224, 0.125, 256, 256, 16, 16)]
    [DataRow(100, 80, 224, 0.125, 320, 256, 48, 16)]
    [DataRow(501, 334, 224, 0.0, 336, 224, 56, 0)]
    public void Of_Crop_IsTorchvisionsResizeAndCenterCrop(
        int width, int height, int side, double margin, int scaledWidth, int scaledHeight, int left, int top)
    {
        var spec = new InputSpec { Size = new(side, side), Resize = ResizeMode.Crop, CropMargin = margin };
        var placement = PicturePlacement.Of(new Size(width, height), spec);
        Assert.AreEqual(new Rect(0, 0, width, height), placement.Source);
        Assert.AreEqual(new Rect(-left, -top, scaledWidth, scaledHeight), placement.Target);
    }

    [TestMethod]
    [DataRow(ResizeMode.Stretch)]
    [DataRow(ResizeMode.Crop)]
    [DataRow(ResizeMode.Letterbox)]
    public void ToPicture_AfterToInput_IsTheSamePoint(ResizeMode resize)
    {
        var spec = new InputSpec { Size = new(224, 192), Resize = resize, CropMargin = 0.125 };
        var placement = PicturePlacement.Of(new Size(641, 427), spec);
        foreach (Point2d point in new[] { new Point2d(0, 0), new Point2d(320.5, 213.5), new Point2d(641, 427) })
        {
            Point2d back = placement.ToPicture(placement.ToInput(point));
            Assert.AreEqual(point.X, back.X, 1e-9);
            Assert.AreEqual(point.Y, back.Y, 1e-9);
        }

        // The middle stays the middle, to half a pixel of the input.
        Point2d middle = placement.ToInput(new Point2d(320.5, 213.5));
        Assert.AreEqual(112, middle.X, 0.5 + 1e-9);
        Assert.AreEqual(96, middle.Y, 0.5 + 1e-9);
    }

    private static void AssertPlaced(ResizeMode resize, Size picture, Rect source, Rect target)
    {
        var spec = new InputSpec { Size = new(100, 50), Resize = resize };
        Assert.AreEqual(new PicturePlacement(source, target), PicturePlacement.Of(picture, spec));
    }
}
