using CnnOnnx.Detection;
using CnnOnnx.Torch.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Detection;

/// <summary>Boxes of heads as tensors, against the rules that exported files are read by.</summary>
[TestClass]
public sealed class HeadBoxesTests
{
    [TestMethod]
    public void Decode_AllRows_FollowTheRuleOfTheFile()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((Tensor output, AnchoredHead head) in TwoHeads.Outputs(2, ScalarType.Float64).Zip(TwoHeads.Heads))
        {
            long columns = output.size(3), cells = output.size(2) * columns;
            Tensor byAnchor = HeadBoxes.ByAnchor(output, head), boxes = HeadBoxes.Decode(byAnchor, head, columns);
            CollectionAssert.AreEqual(new[] { 2, 2 * cells, 4 }, boxes.shape);
            for (int a = 0; a < head.Anchors.Length; a++)
            {
                BoxRule rule = BoxRules.Anchored(HeadGrid.Of(columns, output.size(2), TwoHeads.Input), head.Anchors[a], head.ScaleXy);
                for (int cell = 0; cell < cells; cell++)
                {
                    float[] numbers = [.. byAnchor[1, a, TensorIndex.Slice(0, 4), cell].data<double>().Select(v => (float)v)];
                    BoxCorners expected = rule(cell, numbers);
                    double[] found = boxes[1, (a * cells) + cell].data<double>().ToArray();
                    BoxCorners box = BoxCorners.OfCentre(found[0], found[1], found[2], found[3]);
                    Assert.AreEqual(expected.X1, box.X1, 1e-4);
                    Assert.AreEqual(expected.Y1, box.Y1, 1e-4);
                    Assert.AreEqual(expected.X2, box.X2, 1e-4);
                    Assert.AreEqual(expected.Y2, box.Y2, 1e-4);
                }
            }
        }
    }

    // All that score enough, by loops; then the suppression that detectors have.
    [TestMethod]
    public void Read_TwoPictures_FindsWhatLoopsFind()
    {
        const double threshold = 0.3, overlap = 0.45;
        using DisposeScope scope = NewDisposeScope();
        Tensor[] outputs = TwoHeads.Outputs(4, ScalarType.Float32);
        List<Candidate>[] found = HeadBoxes.Read(outputs, TwoHeads.Heads, TwoHeads.Input, threshold, overlap, 300);
        for (int picture = 0; picture < 2; picture++)
        {
            var all = new List<Candidate>();
            for (int h = 0; h < outputs.Length; h++)
            {
                AnchoredHead head = TwoHeads.Heads[h];
                Tensor byAnchor = HeadBoxes.ByAnchor(outputs[h], head), boxes = HeadBoxes.Decode(byAnchor, head, outputs[h].size(3));
                for (int a = 0; a < head.Anchors.Length; a++)
                    for (int cell = 0; cell < byAnchor.size(3); cell++)
                        for (int c = 0; c < TwoHeads.Classes; c++)
                        {
                            double score = BoxRules.Sigmoid(byAnchor[picture, a, 4, cell].ToDouble())
                                * BoxRules.Sigmoid(byAnchor[picture, a, 5 + c, cell].ToDouble());
                            double[] box = [.. boxes[picture, (a * byAnchor.size(3)) + cell].data<float>().Select(v => (double)v)];
                            if (score > threshold)
                                all.Add(new Candidate(BoxCorners.OfCentre(box[0], box[1], box[2], box[3]), score, c, h, cell, c));
                        }
            }

            List<Candidate> expected = Suppression.Keep(all, overlap, acrossClasses: false, 300);
            Assert.IsGreaterThan(2, expected.Count);
            Assert.HasCount(expected.Count, found[picture]);
            foreach ((Candidate e, Candidate f) in expected.Zip(found[picture]))
            {
                Assert.AreEqual((e.Class, e.Box.Within(TwoHeads.Input)), (f.Class, f.Box));
                Assert.AreEqual(e.Score, f.Score, 1e-6);
            }
        }
    }

    [TestMethod]
    [DataRow(160, 1.0, "160")]
    [DataRow(416, 1.4, "320 352 384 416 448 480 512 544 576")]
    [DataRow(64, 2.0, "32 64 96 128")]
    public void SidesOf_Factor_AreMultiplesOf32(int side, double factor, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', MultiScale.SidesOf(side, factor, 32)));
}
