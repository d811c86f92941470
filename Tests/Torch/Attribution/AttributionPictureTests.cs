using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Tests.Attribution;

[TestClass]
public sealed class AttributionPictureTests
{
    private static readonly AttributionTarget Target = new("cat", "logit of cat", [new TargetTerm("fc", [0, 0], 1)]);

    [TestMethod]
    public void ASignedMapIsWhiteAtZeroAndSymmetric()
    {
        using Mat picture = AttributionPicture.Signed(Map(1, 3, 1, [-2, 0, 1]));
        Assert.AreEqual(AttributionColours.Against, picture.At<Vec3b>(0, 0));
        Assert.AreEqual(new Vec3b(255, 255, 255), picture.At<Vec3b>(0, 1));
        Assert.AreEqual(AttributionColours.Mix(new Vec3b(255, 255, 255), AttributionColours.For, 0.5f), picture.At<Vec3b>(0, 2));
    }

    [TestMethod]
    public void PositiveNegativeAndAllOfAGradientAreThreePictures()
    {
        AttributionMap map = Map(1, 2, 3, [1, -0.5f, 1, -0.5f, 1, -0.5f]);
        using Mat positive = AttributionPicture.Gradient(map, GradientPart.Positive, percentile: 100);
        using Mat negative = AttributionPicture.Gradient(map, GradientPart.Negative, percentile: 100);
        using Mat all = AttributionPicture.Gradient(map, GradientPart.All, percentile: 100);
        using Mat colour = AttributionPicture.Gradient(map, GradientPart.All, colour: true, percentile: 100);
        Assert.AreEqual((255, 0), (positive.At<byte>(0, 0), positive.At<byte>(0, 1)));
        Assert.AreEqual((0, 255), (negative.At<byte>(0, 0), negative.At<byte>(0, 1)));
        Assert.AreEqual((255, 128), (all.At<byte>(0, 0), all.At<byte>(0, 1)));
        Assert.AreEqual(new Vec3b(255, 255, 255), colour.At<Vec3b>(0, 0));
        Assert.AreEqual(new Vec3b(64, 64, 64), colour.At<Vec3b>(0, 1), "half as far below the middle");
    }

    [TestMethod]
    public void APercentileKeepsOneBrightPixelFromDarkeningTheRest()
    {
        float[] values = [.. Enumerable.Repeat(1f, 199), 1000];
        using Mat clipped = AttributionPicture.Gradient(Map(10, 20, 1, values), GradientPart.All);
        Assert.AreEqual(255, clipped.At<byte>(0, 0));
        using Mat whole = AttributionPicture.Gradient(Map(10, 20, 1, values), GradientPart.All, percentile: 100);
        Assert.AreEqual(0, whole.At<byte>(0, 0));
    }

    [TestMethod]
    [DataRow(ResizeMode.Stretch, 0, 0, 40, 20)]
    [DataRow(ResizeMode.Crop, 10, 0, 30, 20)]
    [DataRow(ResizeMode.Letterbox, 0, 0, 40, 20)]
    public void AMapComesBackToThePlaceOfThePictureThatItWasMadeOf(ResizeMode resize, int left, int top, int right, int bottom)
    {
        // A map that is as large as the input and holds each pixel's own column: what comes back is where the input took it from.
        var spec = new InputSpec { Size = new Size(8, 8), Resize = resize };
        float[] columns = [.. Enumerable.Range(0, 64).Select(i => i % 8f)];
        using Mat back = AttributionOverlay.Project(Map(8, 8, 1, columns), new Size(40, 20), spec);
        Assert.AreEqual(new Size(40, 20), back.Size());
        for (int x = left + 3; x < right - 3; x++)
        {
            // Half-pixel centres: column x of the picture is (x + ½ − left) · 8 / width − ½ of the input.
            double expected = (x + 0.5 - left) * 8 / (right - left) - 0.5;
            // OpenCV interpolates between places of a 32nd.
            Assert.AreEqual(expected, back.At<float>(top + (bottom - top) / 2, x), 1 / 32.0, $"{resize} {x}");
        }
    }

    [TestMethod]
    public void WhatTheNetworkDidNotSeeStaysDim()
    {
        using var picture = new Mat(20, 40, MatType.CV_8UC3, new Scalar(200, 200, 200));
        var spec = new InputSpec { Size = new Size(8, 8), Resize = ResizeMode.Crop };
        using Mat overlay = AttributionOverlay.Render(Map(2, 2, 1, [1, 0, 0, 0]) with { ShownPositive = true }, picture, spec);
        Assert.AreEqual(picture.Size(), overlay.Size());
        Assert.AreEqual(new Vec3b(90, 90, 90), overlay.At<Vec3b>(10, 2), "cut off by the crop");
        Assert.IsGreaterThan(overlay.At<Vec3b>(2, 12).Item2, overlay.At<Vec3b>(2, 12).Item0, "blue where the map is strong");
        Assert.AreEqual(overlay.At<Vec3b>(18, 28).Item0, overlay.At<Vec3b>(18, 28).Item2, "grey where it is 0");
    }

    [TestMethod]
    public void ASheetHasATileForEachRowAndColumn()
    {
        using var tile = new Mat(10, 10, MatType.CV_8UC3, new Scalar(0, 0, 255));
        var sheet = new ContactSheet { Title = "net", Columns = ["conv1", "conv2"], TileSide = 40 };
        sheet.Add("grad-cam", "1 pass", [new SheetTile(tile, "0 .. 1"), null]);
        sheet.Add("layer-cam", "", [null, new SheetTile(tile, "")]);
        using Mat drawn = sheet.Render();
        using Mat red = new();
        Cv2.InRange(drawn, new Scalar(0, 0, 255), new Scalar(0, 0, 255), red);
        Assert.AreEqual(2 * 40 * 40, Cv2.CountNonZero(red));
    }

    [TestMethod]
    public void ASheetsLongNamesTakeTwoLines()
    {
        using var tile = new Mat(10, 10, MatType.CV_8UC3, new Scalar(0, 0, 255));
        int Rows(string column, string caption)
        {
            var sheet = new ContactSheet { Title = "net", Columns = [column], TileSide = 80 };
            sheet.Add("", "", [new SheetTile(tile, caption)]);
            using Mat drawn = sheet.Render();
            return drawn.Rows;
        }

        const string Long = "layer1.0/downsample/downsample.0/Conv";
        int usual = Rows("conv", "0 .. 1"), heading = TextPainter.Plain.Height + 4, caption = TextPainter.Tiny.Height + 4;
        Assert.AreEqual(usual + heading, Rows(Long, "0 .. 1"));
        Assert.AreEqual(usual + caption, Rows("conv", "conv\n0 .. 1"));
        Assert.AreEqual(usual + 2 * caption, Rows("conv", $"{Long}\n0 .. 1"));
        Assert.AreEqual(usual + 2 * caption, Rows("conv", $"{Long}/{Long}/{Long}\n0 .. 1"), "cut in the middle");
        Assert.IsLessThan(usual, Rows("", "0 .. 1"), "no heading");
    }

    [TestMethod]
    public void Wrap_CutsTheMiddleOfWhatHasNoRoom()
    {
        string[] lines = PictureText.Wrap("layer1.0/conv1/Conv", TextPainter.Tiny, 60, 2);
        Assert.HasCount(2, lines);
        Assert.AreEqual("layer1.0/conv1/Conv", string.Concat(lines));
        StringAssert.EndsWith(lines[0], "/", "behind a mark where there is one");
        lines = PictureText.Wrap($"first{new string('m', 90)}last", TextPainter.Tiny, 60, 2);
        Assert.HasCount(2, lines);
        StringAssert.StartsWith(lines[0], "first");
        StringAssert.EndsWith(lines[1], "last");
        Assert.IsTrue(lines.All(line => TextPainter.WidthOf(line, TextPainter.Tiny) <= 60));
    }

    private static AttributionMap Map(int height, int width, int channels, float[] values) =>
        new("grad-cam", "conv", Target, height, width, channels, values);
}
