using CnnOnnx.Imaging;
using CnnOnnx.Torch.Attribution;
using CnnOnnx.Trainer.Explain;
using OpenCvSharp;

namespace CnnOnnx.Tests.Explain;

[TestClass]
public sealed class SheetPlansTests
{
    private static readonly AttributionTarget[] Targets = [new("cat", "", []), new("dog", "", []), new("cat", "a second cat", [])];

    [TestMethod]
    [DataRow(16, "16")]
    [DataRow(17, "9 8")]
    [DataRow(63, "16 16 16 15")]
    public void Pages_OfManyColumns_AreCutEvenly(int columns, string expected)
    {
        int[] all = [.. Enumerable.Range(0, columns)];
        int[][] pages = [.. SheetPlans.Pages(all, 16)];
        Assert.AreEqual(expected, string.Join(' ', pages.Select(page => page.Length)));
        CollectionAssert.AreEqual(all, pages.SelectMany(page => page).ToArray());
    }

    [TestMethod]
    public void Of_AFewLayers_AreMethodsByLayersAndPixelsApart()
    {
        using Explained explained = Explained(["grad-cam", "layer-cam", "gradient"], 3, 1);
        SheetPlan[] plans = [.. SheetPlans.Of(explained)];
        Assert.HasCount(2, plans);
        Assert.AreEqual("block0/Conv block1/Conv block2/Conv", string.Join(' ', plans[0].Columns));
        Assert.AreEqual("Grad-CAM LayerCAM", string.Join(' ', plans[0].Rows.Select(row => row.Title)));
        Assert.AreEqual("Gradient", string.Join(' ', plans[1].Columns));
    }

    [TestMethod]
    [DataRow(17, 1)]
    [DataRow(63, 1)]
    [DataRow(119, 2)]
    [DataRow(63, 3)]
    public void Of_MoreLayersThanStandBesideEachOther_AreAllOnOneSheetAMethod(int layers, int targets)
    {
        using Explained explained = Explained(["grad-cam", "layer-cam"], layers, targets);
        SheetPlan[] plans = [.. SheetPlans.Of(explained)];
        Assert.HasCount(2, plans);
        foreach ((SheetPlan plan, string method) in plans.Zip(["grad-cam", "layer-cam"]))
        {
            Assert.AreEqual($": {MethodTitle.Of(method)} at {layers} layers", plan.Which);
            // The referee is the list of the maps itself: each is there once, under its own name, in the network's order.
            ExplainedMap[] expected = [.. explained.Maps.Where(map => map.Map.Method == method)];
            SheetPlanTile[] tiles = [.. plan.Rows.SelectMany(row => row.Tiles).OfType<SheetPlanTile>()];
            CollectionAssert.AreEquivalent(expected, tiles.Select(tile => tile.Map).ToArray());
            foreach (AttributionTarget target in Targets.Take(targets))
                CollectionAssert.AreEqual(Enumerable.Range(0, layers).Select(i => $"block{i}/Conv").ToArray(),
                    tiles.Where(tile => ReferenceEquals(tile.Map.Map.Target, target)).Select(tile => tile.Name).ToArray());
            Assert.IsTrue(plan.Rows.All(row => row.Tiles.Length <= plan.Columns.Length));
        }
    }

    [TestMethod]
    public void Of_ManyTargets_AreCutWhereASheetWouldBeTooLong()
    {
        using Explained explained = Explained(["grad-cam"], 300, 3);
        // 300 layers of 16 a row are 19 rows: two targets have room in 40.
        Assert.AreEqual("38 19", string.Join(' ', SheetPlans.Of(explained).Select(plan => plan.Rows.Length)));
    }

    [TestMethod]
    public void LayerTitles_AreShortAndStayApart()
    {
        Assert.AreEqual("layer1.0/conv1/Conv fc/Gemm input.3 conv", Titles(
            "/layer1/layer1.0/conv1/Conv_output_0", "/fc/Gemm_output_0", "input.3", "conv:0"));
        Assert.AreEqual("/a/Conv_output_0 a/Conv", Titles("/a/Conv_output_0", "a/Conv"), "both would be a/Conv");
        Assert.AreEqual("/", Titles("/"));
    }

    [TestMethod]
    public void MapWords_OfTheSameKind_AreOneLine()
    {
        string[] lines = [.. MapWords.Lines([("a", "widened", "n"), ("b", "80 % negative", "i"), ("c", "widened", "n"),
            ("d", "90 % negative", "i"), ("e", "95 % negative", "i"), ("f", "blank", "b")])];
        Assert.AreEqual("a and 1 more map: widened|b, and the like of 2 more maps: 80 % negative|f: blank", string.Join('|', lines));
    }

    private static string Titles(params string[] layers)
    {
        IReadOnlyDictionary<string, string> titles = LayerTitles.Of(layers);
        return string.Join(' ', layers.Select(layer => titles[layer]));
    }

    private static Explained Explained(string[] methods, int layers, int targets)
    {
        AttributionMethod[] known = [.. methods.Select(AttributionMethods.Find)];
        return new Explained
        {
            Path = "cat.png",
            Name = "cat",
            Picture = new Mat(8, 8, MatType.CV_8UC3, new Scalar(90, 90, 90)),
            Spec = new InputSpec { Size = new Size(8, 8) },
            Targets = [.. Targets.Take(targets).Select(target => new ExplainedTarget(target.Name, target, 1, "Gemm"))],
            Methods = [.. known.Select(method => new ExplainedMethod(method, 1))],
            LeftOut = [],
            Maps = [.. from method in known
                       from target in Targets.Take(targets)
                       from layer in Enumerable.Range(0, method.Kind == AttributionKind.Input ? 1 : layers)
                       let name = method.Kind == AttributionKind.Input ? "input" : $"/block{layer}/Conv_output_0"
                       select new ExplainedMap(new AttributionMap(method.Name, name, target, 1, 1, 1, [layer]),
                           $"{method.Name}/{name}/{target.Description}", [])],
        };
    }
}
