using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Tests.Attribution;

[TestClass]
public sealed class TargetResolverTests
{
    private static readonly string[] Cats =
        ["tabby, tabby cat", "tiger, Panthera tigris", "black-footed ferret, ferret", "crane", "crane", "wire-haired fox terrier"];

    [TestMethod]
    [DataRow("tabby", 0)]
    [DataRow("TABBY CAT", 0)]
    [DataRow("tiger, Panthera tigris", 1)]
    [DataRow("black-footed_ferret", 2)]
    [DataRow("5", 5)]
    public void AClassIsFoundByIndexLabelOrSynonym(string text, int expected)
    {
        AttributionTarget target = Resolve(text);
        Assert.AreEqual("fc", target.Terms[0].Tensor, "the logit, not the probability");
        CollectionAssert.AreEqual(new long[] { 0, expected }, target.Terms[0].Index.ToArray());
        StringAssert.Contains(target.Description, "before Softmax 'prob'");
    }

    [TestMethod]
    public void TheTopClassIsTheOneWithTheLargestScore()
    {
        (OnnxModel model, TargetResolver resolver) = Model();
        TargetScene scene = Scenes.Of(model, resolver);
        float[] logits = scene.FloatsOf("fc")!;
        Assert.AreEqual(Array.IndexOf(logits, logits.Max()), (int)resolver.Resolve("top", scene)[0].Terms[0].Index[1]);
    }

    [TestMethod]
    [DataRow("tabby-tiger", 0, 1)]
    [DataRow("black-footed ferret-tabby", 2, 0)]
    [DataRow("wire-haired fox terrier-black-footed ferret", 5, 2)]
    [DataRow("0 - 3", 0, 3)]
    public void OneClassRatherThanAnotherMayHaveHyphensInItsName(string text, int more, int less)
    {
        AttributionTarget target = Resolve(text);
        Assert.HasCount(2, target.Terms);
        Assert.AreEqual((more, 1f), ((int)target.Terms[0].Index[1], target.Terms[0].Weight));
        Assert.AreEqual((less, -1f), ((int)target.Terms[1].Index[1], target.Terms[1].Weight));
    }

    [TestMethod]
    [DataRow("tabbi", "'tabbi' is no class, box or tensor of classifier; did you mean 'tabby, tabby cat'?")]
    [DataRow("crane", "'crane' is the name of several classes: class 3 'crane', class 4 'crane'; expected the index of one of them")]
    [DataRow("6", "target 6 is out of range: classifier has 6 classes, expected 0 to 5")]
    [DataRow("prob[0,9]", "target 'prob[0,9]': '9' is out of range on axis 1 of [1, 6], expected 0 to 5")]
    [DataRow("prob[0]", "target 'prob[0]' has 1 indices, 'prob' is [1, 6] and needs 2")]
    [DataRow("prop[0,1]", "classifier: has no tensor 'prop'; did you mean 'prob'?")]
    [DataRow("box:0", "are not known as those of a detector")]
    [DataRow("region:0,0,4,4=tabby", "needs a map of classes [N, C, H, W], 'fc' is [1, 6]: one score a class for the whole picture")]
    [DataRow("at:1,2,3=tabby", "expected at:x,y,w,h=LABEL in pixels of the picture")]
    [DataRow("", "a target is empty")]
    public void WhatMeansNothingIsToldInOneLine(string text, string expected)
    {
        BadInputException fault = Assert.ThrowsExactly<BadInputException>(() => Resolve(text));
        StringAssert.Contains(fault.Message, expected);
        Assert.DoesNotContain("\n", fault.Message);
    }

    [TestMethod]
    public void AListIsTakenApartAroundLabelsRectanglesAndIndices()
    {
        (_, TargetResolver resolver) = Model();
        CollectionAssert.AreEqual(
            new[] { "top", "tiger, Panthera tigris", "prob[0,3]", "at:1,2,3,4=tabby", "region:1,2,3,4=tiger, Panthera tigris", "2" },
            resolver.Split("top,tiger, Panthera tigris,prob[0,3],at:1,2,3,4=tabby,region:1,2,3,4=tiger, Panthera tigris,2").ToArray());
        CollectionAssert.AreEqual(new[] { "box:0", "box:1.w" }, resolver.Split("box:0,box:1.w").ToArray());
    }

    [TestMethod]
    public void OneScoreForTwoClassesSpeaksForTheSecond()
    {
        OnnxModel model = Scenes.Classifier("Sigmoid", "ham", "spam");
        var resolver = new TargetResolver(model);
        TargetScene scene = Scenes.Of(model, resolver);
        Assert.AreEqual(1, resolver.Resolve("spam", scene)[0].Terms[0].Weight);
        Assert.AreEqual(-1, resolver.Resolve("ham", scene)[0].Terms[0].Weight);
        Assert.AreEqual("fc", resolver.Resolve("ham", scene)[0].Terms[0].Tensor);
    }

    [TestMethod]
    public void ARegionIsTheMeanOverTheCellsThatItTouches()
    {
        OnnxModel model = Scenes.Segmenter();
        var resolver = new TargetResolver(model);
        TargetScene scene = Scenes.Of(model, resolver);
        Assert.AreEqual(new Size(16, 16), scene.InputSize);
        AttributionTarget target = resolver.Resolve("region:4,2,3,4=sea", scene)[0];
        // x 4 to 7 of 16 are columns 2 and 3 of 8, y 2 to 6 rows 1 and 2.
        CollectionAssert.AreEqual(new[] { "0,1,1,2", "0,1,1,3", "0,1,2,2", "0,1,2,3" },
            target.Terms.Select(term => string.Join(',', term.Index)).ToArray());
        Assert.IsTrue(target.Terms.All(term => term is { Tensor: "map", Weight: 0.25f }), target.Description);
    }

    [TestMethod]
    public void AClassOfASegmentationIsExplainedWhereItWins()
    {
        OnnxModel model = Scenes.Segmenter();
        var resolver = new TargetResolver(model);
        TargetScene scene = Scenes.Of(model, resolver);
        float[] map = scene.FloatsOf("map")!;
        AttributionTarget target = resolver.Resolve("top", scene)[0];
        int index = (int)target.Terms[0].Index[1];
        foreach (TargetTerm term in target.Terms)
        {
            int place = (int)(term.Index[2] * 8 + term.Index[3]);
            Assert.AreEqual(map[index * 64 + place], Enumerable.Range(0, 3).Max(c => map[c * 64 + place]), term.ToString());
        }

        Assert.AreEqual(1, target.Terms.Sum(term => (double)term.Weight), 1e-5);
    }

    [TestMethod]
    public void APartOfABoxIsTheElementOfItsCell()
    {
        OnnxModel model = Scenes.EndToEndDetector();
        var resolver = new TargetResolver(model);
        TargetScene scene = Scenes.Of(model, resolver);
        BoxOrigin Box(int k) => new("dog", 0.9, new Rect2d(1, 2, 3, 4), new Dictionary<BoxPart, IReadOnlyList<TargetTerm>>
        {
            [BoxPart.Cls] = [new TargetTerm("output", [0, k, 4], 1)],
            [BoxPart.W] = [new TargetTerm("output", [0, k, 2], 1)],
        });
        scene = scene.With(new DetectedScene([Box(0), Box(1)], (_, index) => Box(index)));

        Assert.AreEqual("head", resolver.Resolve("box:1", scene)[0].Terms[0].Tensor);
        StringAssert.Contains(resolver.Resolve("box:1", scene)[0].Trace, "and so before Sigmoid 'scores'");
        Assert.AreEqual(2, resolver.Resolve("box:1.w", scene)[0].Terms[0].Index[1], "channel 2 of the head");
        Assert.HasCount(2, resolver.Resolve("box:all", scene));
        Assert.HasCount(2, resolver.Resolve("box:0-box:1", scene)[0].Terms);
        foreach ((string text, string expected) in new[]
        {
            ("box:2", "target 'box:2' is out of range: 2 boxes came out, expected box:0 to box:1"),
            ("box:0.obj", "this detector has no objectness; its boxes have class score, width"),
            ("box:0.z", "'z' is no part of a box, expected x, y, w, h, obj or cls"),
        })
            StringAssert.Contains(Assert.ThrowsExactly<BadInputException>(() => resolver.Resolve(text, scene)).Message, expected);
    }

    private static (OnnxModel Model, TargetResolver Resolver) Model()
    {
        OnnxModel model = Scenes.Classifier("Softmax", Cats);
        return (model, new TargetResolver(model));
    }

    private static AttributionTarget Resolve(string text)
    {
        (OnnxModel model, TargetResolver resolver) = Model();
        return resolver.Resolve(text, Scenes.Of(model, resolver, text))[0];
    }
}
