using CnnOnnx.Detection;
using CsCheck;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

[TestClass]
public sealed class CocoEvaluationTests
{
    private static readonly TruthBox[] Truths =
    [
        new(1, 1, new(10, 10, 50, 50), 2500),
        new(1, 1, new(100, 100, 20, 20), 400),
        new(2, 1, new(0, 0, 100, 100), 10000),
        new(2, 1, new(100, 100, 100, 100), 10000, IsCrowd: true),
        new(1, 3, new(60, 60, 40, 40), 1600),
    ];

    private static readonly ScoredBox[] Found =
    [
        new(1, 1, new(10, 10, 50, 50), .90), new(1, 1, new(15, 10, 50, 50), .80), new(1, 1, new(102, 100, 20, 20), .70),
        new(2, 1, new(0, 0, 100, 60), .60), new(2, 1, new(110, 110, 30, 30), .50), new(2, 1, new(120, 120, 30, 30), .45),
        new(2, 1, new(60, 150, 20, 20), .40), new(1, 3, new(70, 60, 40, 40), .90), new(2, 3, new(0, 0, 10, 10), .95),
    ];

    // Numbers of COCO's own cocoeval.py on the same boxes, as they print there: six digits.
    private const double Printed = 5e-7;

    [TestMethod]
    public void Evaluate_TheWorkedExample_GivesCocosTwelveNumbers()
    {
        CocoScores scores = CocoEvaluation.Evaluate(Truths, Found);

        double[] expected = [.361510, .667079, .277228, .700000, .650000, .300000, .366667, .483333, .483333, .700000, .650000, .300000];
        double[] got = [scores.Ap, scores.Ap50, scores.Ap75, scores.ApSmall, scores.ApMedium, scores.ApLarge, scores.Ar1, scores.Ar10,
            scores.Ar100, scores.ArSmall, scores.ArMedium, scores.ArLarge];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], got[i], Printed, $"number {i + 1}");
        // By hand: 34 recalls (0 … .33) at a precision of 1 and 67 at .75.
        Assert.AreEqual((34 + 67 * .75) / 101, scores.Categories[0].Ap50, 1e-12);
        Assert.AreEqual(.5, scores.Categories[1].Ap50, 1e-12);
    }

    [TestMethod]
    public void Evaluate_Nothing_IsMinusOne()
    {
        Assert.AreEqual(-1, CocoEvaluation.Evaluate([], []).Ap);
        // Only something that is not there: it has no say.
        Assert.AreEqual(-1, CocoEvaluation.Evaluate([], Found).Ap);
        Assert.AreEqual(0, CocoEvaluation.Evaluate(Truths, []).Ap);
        Assert.AreEqual(0, CocoEvaluation.Evaluate(Truths, []).Ar100);
        Assert.AreEqual(-1, CocoEvaluation.Evaluate(Truths[..1], []).ApLarge);
    }

    [TestMethod]
    public void Evaluate_WhatIsThere_IsOne()
    {
        CocoScores scores = CocoEvaluation.Evaluate(Truths,
            Truths.Where(t => !t.IsCrowd).Select(t => new ScoredBox(t.Picture, t.Category, t.Box, .5)));

        // tp/(tp + fp + 2.2e-16) is just below 1.
        Assert.AreEqual(1, scores.Ap, 1e-12);
        Assert.AreEqual(1, scores.Ar100, 1e-12);
    }

    [TestMethod]
    public void Evaluate_AnOverlapOfExactlyTheThreshold_Counts()
    {
        // 50 of 100 pixels: an overlap of exactly .5.
        TruthBox[] truths = [new(1, 1, new(0, 0, 10, 10), 100)];

        CocoScores scores = CocoEvaluation.Evaluate(truths, [new(1, 1, new(0, 0, 10, 5), .9)]);

        Assert.AreEqual(1, scores.Ap50, 1e-12);
        Assert.AreEqual(.1, scores.Ap, 1e-12);
    }

    [TestMethod]
    public void Evaluate_OfTwoEqualOverlaps_TheLaterTruthIsTaken()
    {
        // The first box meets both by a third and takes the second; the other box meets the first only.
        TruthBox[] truths = [new(1, 1, new(0, 0, 10, 10), 100), new(1, 1, new(10, 0, 10, 10), 100)];

        var matching = new CocoMatching(truths, [new(1, 1, new(5, 0, 10, 10), .9), new(1, 1, new(0, 0, 10, 10), .8)], 100);

        Assert.IsTrue(matching.Match(.3, (0, 1e10)).Boxes.All(b => b.IsMatched));
    }

    [TestMethod]
    public void Evaluate_NoNumbers_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => CocoEvaluation.Evaluate(Truths, [new(1, 1, new(0, 0, 1, 1), double.NaN)]));
        Assert.ThrowsExactly<ArgumentException>(() => CocoEvaluation.Evaluate(
            [new(1, 1, new(0, double.PositiveInfinity, 1, 1), 1)], []));
    }

    /// <summary>A second implementation, of definitions only: no sorting ahead, no envelope, no sums that go on.</summary>
    [TestMethod]
    public void Evaluate_AnyBoxes_AsByDefinition()
    {
        Gen<Rect2d> box = Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12], Gen.Int[1, 12], Gen.Int[1, 12])
            .Select((x, y, w, h) => new Rect2d(x * 10, y * 10, w * 10, h * 10));
        Gen<TruthBox> truth = Gen.Select(Gen.Long[1, 3], Gen.Int[1, 2], box, Gen.Int[0, 9])
            .Select((picture, category, at, kind) =>
                new TruthBox(picture, category, at, at.Width * at.Height * (kind % 3 + 1) / 3, IsCrowd: kind == 9));
        Gen<ScoredBox> found = Gen.Select(Gen.Long[1, 3], Gen.Int[1, 2], box, Gen.Int[0, 9])
            .Select((picture, category, at, score) => new ScoredBox(picture, category, at, score / 10.0));
        Gen.Select(truth.Array[0, 14], found.Array[0, 24]).Sample((truths, boxes) =>
        {
            CocoScores scores = CocoEvaluation.Evaluate(truths, boxes);

            Assert.AreEqual(ByDefinition.Precision(truths, boxes, [.. Enumerable.Range(0, 10)], 0, 1e10), scores.Ap, 1e-9);
            Assert.AreEqual(ByDefinition.Precision(truths, boxes, [0], 0, 1e10), scores.Ap50, 1e-9);
            Assert.AreEqual(ByDefinition.Precision(truths, boxes, [.. Enumerable.Range(0, 10)], 1024, 9216), scores.ApMedium, 1e-9);
            Assert.AreEqual(ByDefinition.Recall(truths, boxes, 1), scores.Ar1, 1e-9);
        }, iter: 200, seed: "0N0XIzNsQ0O2");
    }

    internal static class ByDefinition
    {
        public static double Precision(TruthBox[] truths, ScoredBox[] found, int[] overlaps, double least, double most) => Mean(
            from category in truths.Select(t => t.Category).Distinct()
            from overlap in overlaps
            let judged = Judge(truths, found, category, .5 + overlap * .05, least, most, 100)
            where judged.There > 0
            select Enumerable.Range(0, 101).Average(r => Best(judged.Boxes, judged.There, r / 100.0)));

        public static double Recall(TruthBox[] truths, ScoredBox[] found, int boxes) => Mean(
            from category in truths.Select(t => t.Category).Distinct()
            from overlap in Enumerable.Range(0, 10)
            let judged = Judge(truths, found, category, .5 + overlap * .05, 0, 1e10, boxes)
            where judged.There > 0
            select judged.Boxes.Count(b => b.Right) / (double)judged.There);

        private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(-1).Average();

        // The best precision of all beginnings of the list whose recall is enough.
        private static double Best(List<(double Score, bool Right)> boxes, int there, double recall) =>
            Enumerable.Range(1, boxes.Count)
                .Select(n => (Right: boxes.Take(n).Count(b => b.Right), N: n))
                .Where(b => b.Right / (double)there >= recall - 1e-9)
                .Select(b => b.Right / (double)b.N).DefaultIfEmpty(0).Max();

        public static (int There, List<(double Score, bool Right)> Boxes) Judge(
            TruthBox[] truths, ScoredBox[] found, int category, double overlap, double least, double most, int boxes)
        {
            bool IsOther(TruthBox t) => t.IsCrowd || t.Area < least || t.Area > most;
            var judged = new List<(double Score, bool Right)>();
            foreach (long picture in truths.Select(t => t.Picture).Concat(found.Select(f => f.Picture)).Distinct().Order())
            {
                var free = truths.Where(t => t.Picture == picture && t.Category == category).ToList();
                foreach (ScoredBox box in found.Where(f => f.Picture == picture && f.Category == category).OrderByDescending(f => f.Score)
                    .Take(boxes))
                {
                    TruthBox[] met = [.. free.Where(t => Overlap(box.Box, t) >= overlap - 1e-9)];
                    TruthBox? match = (met.Any(t => !IsOther(t)) ? met.Where(t => !IsOther(t)) : met).Reverse()
                        .MaxBy(t => Math.Round(Overlap(box.Box, t), 9));
                    double size = box.Box.Width * box.Box.Height;
                    if (match is not null && !match.IsCrowd)
                        free.RemoveAt(free.FindIndex(t => ReferenceEquals(t, match)));
                    if (match is null ? size >= least && size <= most : !IsOther(match))
                        judged.Add((box.Score, match is not null));
                }
            }

            return (truths.Count(t => t.Category == category && !IsOther(t)), [.. judged.OrderByDescending(j => j.Score)]);
        }

        private static double Overlap(Rect2d box, TruthBox truth)
        {
            Rect2d common = box.Intersect(truth.Box);
            double shared = common.Width * common.Height, own = box.Width * box.Height;
            return shared / (truth.IsCrowd ? own : own + truth.Box.Width * truth.Box.Height - shared);
        }
    }
}
