using CnnOnnx.Compare;
using CnnOnnx.Detection;
using OpenCvSharp;

namespace CnnOnnx.Tests.Compare;

[TestClass]
public sealed class BoxMatchingTests
{
    [TestMethod]
    public void Of_MovedLostAndNew_AreToldApart()
    {
        DetectedBox moved = Box(10, 10, 40, 40), there = Box(12, 10, 40, 40), lost = Box(100, 100, 20, 20), added = Box(200, 0, 30, 30);
        (IReadOnlyList<BoxPair> pairs, IReadOnlyList<DetectedBox> gone, IReadOnlyList<DetectedBox> come) =
            BoxMatching.Of([lost, moved], [there, added]);
        Assert.AreSame(moved, pairs.Single().A);
        Assert.AreSame(there, pairs.Single().B);
        Assert.AreEqual(2, pairs[0].Shift);
        // 38 × 40 in common of 42 × 40.
        Assert.AreEqual(38.0 / 42, pairs[0].Overlap, 1e-12);
        Assert.AreSame(lost, gone.Single());
        Assert.AreSame(added, come.Single());
    }

    // By overlap alone the first would take the cat, whose box fits better.
    [TestMethod]
    public void Of_TwoOnOnePlace_PrefersTheSameClass()
    {
        DetectedBox dog = Box(0, 0, 40, 40), otherDog = Box(4, 0, 40, 40), cat = Box(1, 0, 40, 40, 1);
        (IReadOnlyList<BoxPair> pairs, _, IReadOnlyList<DetectedBox> added) = BoxMatching.Of([dog], [cat, otherDog]);
        Assert.AreSame(otherDog, pairs.Single().B);
        Assert.AreSame(cat, added.Single());
        Assert.IsTrue(BoxMatching.Of([dog], [cat]).Pairs.Single().ChangesClass);
    }

    // In order of the scores the first would take what the second needs: 36 of 44 columns against 34 of 46.
    [TestMethod]
    public void Of_ARow_GivesEveryBoxAPartner()
    {
        (IReadOnlyList<BoxPair> pairs, IReadOnlyList<DetectedBox> lost, IReadOnlyList<DetectedBox> added) =
            BoxMatching.Of([Box(10, 0, 40, 40), Box(18, 0, 40, 40)], [Box(14, 0, 40, 40), Box(4, 0, 40, 40)]);
        Assert.HasCount(2, pairs);
        Assert.AreEqual((0, 0), (lost.Count, added.Count));
    }

    [TestMethod]
    public void Of_NoBoxes_IsNothing()
    {
        Assert.IsEmpty(BoxMatching.Of([], []).Pairs);
        Assert.HasCount(1, BoxMatching.Of([Box(0, 0, 5, 5)], []).Lost);
        Assert.HasCount(1, BoxMatching.Of([], [Box(0, 0, 5, 5)]).New);
    }

    private static DetectedBox Box(double x, double y, double width, double height, int index = 0) =>
        new(new Rect2d(x, y, width, height), index, $"class {index}", 0.5, null!);
}
