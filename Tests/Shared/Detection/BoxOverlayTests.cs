using System.Collections.Immutable;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

[TestClass]
public sealed class BoxOverlayTests
{
    [TestMethod]
    public void Render_DrawsTheEdges_AndLeavesThePicture()
    {
        using var picture = new Mat(200, 300, MatType.CV_8UC3, Scalar.All(7));

        using Mat drawn = BoxOverlay.Render(picture, Found(picture.Size(), At(100, 80, 60, 50, category: 3)));

        Assert.AreEqual(new Vec3b(7, 7, 7), picture.At<Vec3b>(80, 100));
        Vec3b colour = ToPixel(BoxOverlay.ColourOf(3));
        foreach ((int y, int x) in new[] { (80, 130), (129, 130), (100, 100), (100, 159) })
            Assert.AreEqual(colour, drawn.At<Vec3b>(y, x), $"{x},{y}");
        Assert.AreEqual(new Vec3b(7, 7, 7), drawn.At<Vec3b>(100, 130));
        // The tag above it.
        Assert.AreEqual(colour, drawn.At<Vec3b>(78, 102));
    }

    [TestMethod]
    [DataRow(1, 8)]
    [DataRow(4, 8)]
    [DataRow(3, 16)]
    [DataRow(3, 32)]
    public void Render_PicturesOfAnyKind_AreBgr(int channels, int bits)
    {
        int depth = bits switch { 8 => MatType.CV_8U, 16 => MatType.CV_16U, _ => MatType.CV_32F };
        double half = bits switch { 8 => 128, 16 => 128 * 257, _ => 0.502 };
        using var picture = new Mat(60, 60, MatType.MakeType(depth, channels), Scalar.All(half));

        using Mat drawn = BoxOverlay.Render(picture, Found(picture.Size()));

        Assert.AreEqual(MatType.CV_8UC3, drawn.Type());
        Assert.AreEqual(new Vec3b(128, 128, 128), drawn.At<Vec3b>(30, 30));
    }

    [TestMethod]
    public void Render_APictureOfAnotherSize_IsRefused()
    {
        using var picture = new Mat(60, 60, MatType.CV_8UC3, Scalar.Black);

        var refusal = Assert.ThrowsExactly<ArgumentException>(() => BoxOverlay.Render(picture, Found(new Size(60, 61))));

        StringAssert.StartsWith(refusal.Message, "The boxes belong to a picture of 60x61, got one of 60x60.");
    }

    [TestMethod]
    public void Render_ATinyPicture_HasRoomForNothing()
    {
        using var picture = new Mat(3, 2, MatType.CV_8UC3, Scalar.Black);

        using Mat drawn = BoxOverlay.Render(picture, Found(picture.Size(), At(0, 0, 2, 3)));

        Assert.AreEqual(picture.Size(), drawn.Size());
    }

    [TestMethod]
    public void ColourOf_ClassesInARow_AreFarApart()
    {
        for (int a = 0; a < 20; a++)
            for (int b = 0; b < a; b++)
            {
                Scalar one = BoxOverlay.ColourOf(a), other = BoxOverlay.ColourOf(b);
                double distance = Math.Abs(one.Val0 - other.Val0) + Math.Abs(one.Val1 - other.Val1) + Math.Abs(one.Val2 - other.Val2);
                Assert.IsGreaterThan(30, distance, $"{a} {one} and {b} {other}");
            }
    }

    [TestMethod]
    public void Place_TagsInACrowd_HideNoOther()
    {
        var size = new Size(400, 300);
        DetectedBox[] boxes = [.. Enumerable.Range(0, 120).Select(i => At(i % 12 * 33, i / 12 * 30, 20, 22, score: 1 - i / 200.0))];

        BoxTag[] tags = [.. BoxTag.Place(Found(size, boxes), 0.4, 1)];

        for (int a = 0; a < tags.Length; a++)
        {
            Assert.AreEqual(tags[a].Area, tags[a].Area.Intersect(new Rect(new Point(0, 0), size)));
            for (int b = 0; b < a; b++)
                Assert.IsFalse(tags[a].Area.IntersectsWith(tags[b].Area), $"{tags[a]} and {tags[b]}");
        }

        Assert.AreEqual("thing 1.00", tags[0].Text);
    }

    [TestMethod]
    public void Place_AName_IsPrintable() =>
        Assert.AreEqual("Stra?e 0.50", BoxTag.Place(Found(new Size(200, 200), At(50, 50, 80, 80, score: 0.5, label: "Straße")), 0.4, 1)
            .Single().Text);

    private static Detections Found(Size picture, params DetectedBox[] boxes) =>
        new(picture, [.. boxes], new InputSpec { Size = new Size(32, 32) });

    private static DetectedBox At(
        double x, double y, double width, double height, int category = 0, double score = 1, string label = "thing")
    {
        var none = new TensorElements("t", ImmutableArray<long>.Empty);
        return new(new Rect2d(x, y, width, height), category, label, score, new DetectionOrigin(none, null, none, BoxCoding.Corners));
    }

    private static Vec3b ToPixel(Scalar colour) => new((byte)colour.Val0, (byte)colour.Val1, (byte)colour.Val2);
}
