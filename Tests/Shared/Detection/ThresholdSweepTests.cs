using CnnOnnx.Detection;
using CsCheck;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

[TestClass]
public sealed class ThresholdSweepTests
{
    // Two things of category 1 in picture 1, one in picture 2, one of category 2; boxes right (.9), wrong (.8), right (.7), wrong (.7).
    private static readonly TruthBox[] Truths =
    [
        new(1, 1, new(0, 0, 10, 10), 100), new(1, 1, new(50, 0, 10, 10), 100), new(2, 1, new(0, 0, 20, 20), 400),
        new(2, 2, new(40, 40, 10, 10), 100), new(2, 1, new(100, 100, 50, 50), 2500, IsCrowd: true),
    ];

    private static readonly ScoredBox[] Found =
    [
        new(1, 1, new(0, 0, 10, 10), .9), new(1, 1, new(0, 0, 10, 9), .8), new(2, 1, new(0, 0, 20, 20), .7),
        new(2, 1, new(90, 0, 9, 9), .7),
        new(2, 1, new(110, 110, 10, 10), .6), new(2, 2, new(40, 40, 10, 10), .3),
    ];

    [TestMethod]
    public void Of_TheWorkedExample_GivesPointsBestThresholdsAndPrecision()
    {
        var sweep = ThresholdSweep.Of(Truths, Found);

        PrecisionRecallCurve first = sweep.Categories[0];
        Assert.AreEqual((1, 3), (first.Category, first.Truths), "The crowd does not count.");
        CollectionAssert.AreEqual(new[] { (.9, 1, 0), (.8, 1, 1), (.7, 2, 2) },
            first.Points.Select(p => (p.Score, p.Right, p.Wrong)).ToArray(),
            "Equal scores pass together; the box in the crowd not at all.");
        // F1: 2/(1 + 3) = .5, 2/(2 + 3) = .4, 4/(4 + 3) = .571
        Assert.AreEqual(4.0 / 7, first.Best!.Value.F1, 1e-12);
        Assert.AreEqual((.5, 2.0 / 3), (first.Best.Value.Precision, first.Best.Value.Recall));
        Assert.AreEqual(.35, first.Best.Value.Threshold, 1e-12, "Halfway to 0: no lower box counts.");
        Assert.AreEqual(.85, first.Points[0].Threshold, 1e-12);
        // 34 recalls (0 … .33) at 1, 33 (.34 … .66) at 2/3 (the right one of the two .7 stands first), none above
        Assert.AreEqual((34 + (33 * 2 / 3.0)) / 101, first.AveragePrecision, 1e-12);
        Assert.AreEqual(1, sweep.Categories[1].AveragePrecision, 1e-12);
        // Together: .9 → 1/1 of 4, .7 → 2/4, .3 → 3/5: 6/9
        CurvePoint all = sweep.All.Best!.Value;
        Assert.AreEqual((.3, 3, 2, 4), (all.Score, all.Right, all.Wrong, all.Truths));
        Assert.AreEqual((2, 2), (sweep.All.At(.6).Right, sweep.All.At(.6).Wrong));
        Assert.AreEqual((0, 1.0), (sweep.All.At(.95).Right, sweep.All.At(.95).Precision));
    }

    [TestMethod]
    public void Of_Nothing_HasNoPointsAndNoPrecision()
    {
        Assert.IsNull(ThresholdSweep.Of(Truths, []).All.Best);
        Assert.AreEqual(0, ThresholdSweep.Of(Truths, []).All.AveragePrecision);
        Assert.AreEqual(-1, ThresholdSweep.Of([], Found).All.AveragePrecision);
        Assert.AreEqual(0, ThresholdSweep.Of([], Found).All.Best!.Value.F1);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ThresholdSweep.Of(Truths, Found, 0));
    }

    /// <summary>The second implementation judges anew at each threshold, only the boxes that pass it.</summary>
    [TestMethod]
    public void Of_AnyBoxes_AsByDefinition()
    {
        Gen<Rect2d> box = Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12], Gen.Int[1, 12], Gen.Int[1, 12])
            .Select((x, y, w, h) => new Rect2d(x * 10, y * 10, w * 10, h * 10));
        Gen<TruthBox> truth = Gen.Select(Gen.Long[1, 3], Gen.Int[1, 2], box, Gen.Int[0, 9])
            .Select((picture, category, at, kind) => new TruthBox(picture, category, at, at.Width * at.Height, IsCrowd: kind == 9));
        Gen<ScoredBox> found = Gen.Select(Gen.Long[1, 3], Gen.Int[1, 2], box, Gen.Int[1, 9])
            .Select((picture, category, at, score) => new ScoredBox(picture, category, at, score / 10.0));
        Gen.Select(truth.Array[0, 14], found.Array[0, 24]).Sample((truths, boxes) =>
        {
            var sweep = ThresholdSweep.Of(truths, boxes);
            CocoScores scores = CocoEvaluation.Evaluate(truths, boxes);
            foreach (PrecisionRecallCurve curve in sweep.Categories)
            {
                Assert.AreEqual(scores.Categories.Single(c => c.Category == curve.Category).Ap50, curve.AveragePrecision, 1e-12);
                double best = 0;
                foreach (CurvePoint point in curve.Points)
                {
                    ScoredBox[] passing = [.. boxes.Where(b => b.Score > point.Threshold)];
                    (int there, var judged) =
                        CocoEvaluationTests.ByDefinition.Judge(truths, passing, curve.Category!.Value, .5, 0, 1e10, 100);
                    int right = judged.Count(j => j.Right);
                    Assert.AreEqual((there, right, judged.Count - right), (point.Truths, point.Right, point.Wrong));
                    best = Math.Max(best, point.F1);
                }

                Assert.AreEqual(best, curve.Best?.F1 ?? 0);
            }

            foreach (CurvePoint point in sweep.All.Points)
            {
                CurvePoint[] each = [.. sweep.Categories.Select(c => c.At(point.Threshold))];
                Assert.AreEqual((each.Sum(p => p.Right), each.Sum(p => p.Wrong)), (point.Right, point.Wrong));
            }
        }, iter: 200, seed: "0N0XIzNsQ0O2");
    }

    [TestMethod]
    public void Matches_TheWorkedExample_NameWhatIsWrongAndMissed()
    {
        PictureMatches[] matches = [.. PictureMatches.Of(Truths, Found.Where(f => f.Score > .5))];
        Assert.AreEqual((1L, 1, 1, 1), (matches[0].Picture, matches[0].Right.Length, matches[0].Wrong.Length, matches[0].Missed.Length));
        Assert.AreEqual((Found[0], Found[1], Truths[1]), (matches[0].Right[0], matches[0].Wrong[0], matches[0].Missed[0]));
        Assert.AreEqual((2L, 2), (matches[1].Picture, matches[1].Mistakes));
        Assert.AreEqual((Found[3], Truths[3]), (matches[1].Wrong.Single(), matches[1].Missed.Single()));
    }
}
