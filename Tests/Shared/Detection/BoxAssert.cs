using CnnOnnx.Detection;

namespace CnnOnnx.Tests.Detection;

internal static class BoxAssert
{
    // Heads are float32, whose numbers have seven digits; boxes here are below a thousand pixels.
    private const double Pixels = 2e-4, Share = 1e-6;

    /// <summary>Class, score and corners of a box.</summary>
    public static void Is(DetectedBox box, int category, double score, double left, double top, double right, double bottom,
        double pixels = Pixels, double share = Share)
    {
        Assert.AreEqual(category, box.Class, box.ToString());
        Assert.AreEqual(score, box.Score, share, box.ToString());
        Assert.AreEqual(left, box.Box.Left, pixels, box.ToString());
        Assert.AreEqual(top, box.Box.Top, pixels, box.ToString());
        Assert.AreEqual(right, box.Box.Right, pixels, box.ToString());
        Assert.AreEqual(bottom, box.Box.Bottom, pixels, box.ToString());
    }
}
