using CnnOnnx.Torch.Detection;

namespace CnnOnnx.Tests.Detection;

[TestClass]
public sealed class AnchorClustersTests
{
    private static readonly BoxSize[] Coco =
        [new(10, 13), new(16, 30), new(33, 23), new(30, 61), new(62, 45), new(59, 119), new(116, 90), new(156, 198), new(373, 326)];

    // Three heaps far from one another: any k-means ends in their means, (10, 20), (50, 50) and (200, 100).
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public void Of_ThreeHeaps_FindsTheirMeans(int seed)
    {
        BoxSize[] boxes =
        [
            new(9, 20), new(11, 20), new(10, 19), new(10, 21), new(48, 52), new(52, 48), new(50, 50), new(190, 100), new(210, 100),
        ];

        AnchorSet found = AnchorClusters.Of(boxes, 3, seed);

        CollectionAssert.AreEqual(new BoxSize[] { new(10, 20), new(50, 50), new(200, 100) }, found.Anchors.ToArray());
        // 180/200, 200/220, 190/200, 200/210; twice 2400/2596 and 1; 19000/20000 and 20000/21000
        double mean = ((180 / 200.0) + (200 / 220.0) + (190 / 200.0) + (200 / 210.0) + (2 * 2400 / 2596.0) + 1 + 0.95 + (20 / 21.0)) / 9;
        Assert.AreEqual(mean, found.MeanOverlap, 1e-12);
    }

    [TestMethod]
    public void Of_TheSameSeed_FindsTheSame()
    {
        var random = new Random(3);
        BoxSize[] boxes = [.. Enumerable.Range(0, 500)
            .Select(_ => new BoxSize(5 + (100 * random.NextDouble()), 5 + (60 * random.NextDouble())))];
        AnchorSet first = AnchorClusters.Of(boxes, 9, 7), again = AnchorClusters.Of(boxes, 9, 7);
        CollectionAssert.AreEqual(first.Anchors.ToArray(), again.Anchors.ToArray());
        CollectionAssert.AreEqual(first.Anchors.OrderBy(a => a.Area).ToArray(), first.Anchors.ToArray());
        // no worse than nine boxes drawn at random
        Assert.IsGreaterThan(boxes.Average(box => boxes[..9].Max(box.Overlap)), first.MeanOverlap);
    }

    [TestMethod]
    public void Of_BoxesOfOneSize_GivesAnchorsThatAreAlike() =>
        CollectionAssert.AreEqual(Enumerable.Repeat(new BoxSize(30, 40), 9).ToArray(),
            AnchorClusters.Of([new(30, 40), new(30, 40)], 9, 0).Anchors.ToArray());

    // By Darknet's own code for its COCO anchors.
    [TestMethod]
    [DataRow(50, 50, 4, 0.7401)]
    [DataRow(100, 200, 7, 0.6369)]
    [DataRow(12, 30, 1, 0.75)]
    [DataRow(300, 300, 8, 0.7401)]
    public void Nearest_CocoAnchors_IsDarknets(double width, double height, int expected, double overlap)
    {
        var box = new BoxSize(width, height);
        Assert.AreEqual(expected, AnchorClusters.Nearest(box, Coco));
        Assert.AreEqual(overlap, box.Overlap(Coco[expected]), 5e-5);
    }
}
