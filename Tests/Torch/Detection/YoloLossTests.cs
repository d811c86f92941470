using CnnOnnx.Detection;
using CnnOnnx.Torch.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Detection;

/// <summary>The loss against numbers by hand, a second implementation in loops, and differences.</summary>
[TestClass]
public sealed class YoloLossTests
{
    // One cell, one anchor that the box fits, all numbers 0: σ = ½ everywhere. Of an input of 32x32 the box is a quarter, s = 1.75.
    // Place: 2 · 1.75 · ln 2, since the cross-entropy of ½ is ln 2 for any target. Size: 1.75 / 2 · 2 · ln² 1 = 0.
    // Objectness ln 2, two classes 2 · ln 2.
    [TestMethod]
    public void Of_OneCell_IsTheNumberWorkedOutByHand()
    {
        using DisposeScope scope = NewDisposeScope();
        AnchoredHead[] heads = [new("head", 32, [(16, 16)], 1, false)];
        Tensor targets = tensor(new float[] { 0, 1, 10, 20, 16, 16 }).view(1, 6);

        YoloLosses losses = new YoloLoss(heads, YoloLoss.Paper, 0.7).Of([zeros(1, 7, 1, 1)], targets, new(32, 32));

        Assert.AreEqual(2 * 1.75 * Math.Log(2), losses.Box.ToDouble(), 1e-6);
        Assert.AreEqual(Math.Log(2), losses.Objectness.ToDouble(), 1e-6);
        Assert.AreEqual(2 * Math.Log(2), losses.Class.ToDouble(), 1e-6);
        // of twice the width and half the height: ln² 2 each, and s is the same
        targets = tensor(new float[] { 0, 1, 10, 20, 32, 8 }).view(1, 6);
        losses = new YoloLoss(heads, YoloLoss.Paper, 0.7).Of([zeros(1, 7, 1, 1)], targets, new(32, 32));
        Assert.AreEqual((2 * 1.75 * Math.Log(2)) + (1.75 * Math.Pow(Math.Log(2), 2)), losses.Box.ToDouble(), 1e-6);
    }

    // The gradient of Darknet's yolo_layer.c, with its sign turned: s · (σ − t), s · (raw − t), σ − 1, σ − right.
    [TestMethod]
    public void Of_OneCell_HasDarknetsGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        AnchoredHead[] heads = [new("head", 32, [(16, 16)], 1, false)];
        Tensor raw = tensor(new[] { 0.5, -0.25, 0.75, 0.5, -1, 2, -0.5 }).view(1, 7, 1, 1).requires_grad_();
        YoloLosses losses = new YoloLoss(heads, YoloLoss.Paper, 0.7).Of([raw], tensor(new float[] { 0, 1, 8, 24, 32, 8 }).view(1, 6),
            new(32, 32));

        (losses.Box + losses.Objectness + losses.Class).backward();

        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        double[] expected =
        [
            1.75 * (Sigmoid(0.5) - 0.25), 1.75 * (Sigmoid(-0.25) - 0.75), 1.75 * (0.75 - Math.Log(2)), 1.75 * (0.5 + Math.Log(2)),
            Sigmoid(-1) - 1, Sigmoid(2), Sigmoid(-0.5) - 1,
        ];
        double[] found = raw.grad!.data<double>().ToArray();
        for (int k = 0; k < expected.Length; k++)
            Assert.AreEqual(expected[k], found[k], 1e-7, $"number {k}");
    }

    [TestMethod]
    [DataRow(YoloLoss.Paper, 0.7)]
    [DataRow(YoloLoss.Paper, 0.1)]
    [DataRow(YoloLoss.Complete, 0.3)]
    public void Of_TwoHeads_IsThatOfAPlainImplementation(string boxLoss, double ignore)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int seed = 0; seed < 5; seed++)
        {
            Tensor[] outputs = TwoHeads.Outputs(seed, ScalarType.Float64);
            YoloLosses losses =
                new YoloLoss(TwoHeads.Heads, boxLoss, ignore).Of(outputs, tensor(TwoHeads.Boxes).view(-1, 6), TwoHeads.Input);

            (double box, double objectness, double classes) = PlainLoss.Of(outputs, TwoHeads.Boxes, boxLoss, ignore);

            // targets are float32
            Assert.AreEqual(box, losses.Box.ToDouble(), 1e-5 * box);
            Assert.AreEqual(objectness, losses.Objectness.ToDouble(), 1e-9 * objectness);
            Assert.AreEqual(classes, losses.Class.ToDouble(), 1e-9 * classes);
        }
    }

    [TestMethod]
    [DataRow(YoloLoss.Paper)]
    [DataRow(YoloLoss.Complete)]
    public void Of_TwoHeads_HasTheGradientOfDifferences(string boxLoss)
    {
        const double step = 1e-6;
        using DisposeScope scope = NewDisposeScope();
        Tensor[] outputs = [.. TwoHeads.Outputs(3, ScalarType.Float64).Select(o => o.requires_grad_())];
        Total(outputs).backward();
        using IDisposable noGradients = no_grad();
        foreach (Tensor output in outputs)
        {
            double[] gradient = output.grad!.data<double>().ToArray();
            for (int k = 0; k < gradient.Length; k += 7)
            {
                Tensor element = output.view(-1)[k];
                double at = element.ToDouble();
                double Moved(double by)
                {
                    element.fill_(at + by);
                    return Total(outputs).ToDouble();
                }

                // the weight α of a complete IoU's proportion takes no part in the gradient, by its definition
                double difference = (Moved(step) - Moved(-step)) / (2 * step), tolerance = boxLoss == YoloLoss.Paper ? 1e-6 : 2e-2;
                Assert.AreEqual(difference, gradient[k], tolerance * Math.Max(1, Math.Abs(difference)), $"element {k}");
                element.fill_(at);
            }
        }

        Tensor Total(Tensor[] numbers)
        {
            YoloLosses losses = new YoloLoss(TwoHeads.Heads, boxLoss, 0.7).Of(numbers, tensor(TwoHeads.Boxes).view(-1, 6), TwoHeads.Input);
            return losses.Box + losses.Objectness + losses.Class;
        }
    }

    [TestMethod]
    public void Of_PicturesWithoutBoxes_HasOnlyObjectness()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] outputs = TwoHeads.Outputs(1, ScalarType.Float32);
        YoloLosses losses = new YoloLoss(TwoHeads.Heads, YoloLoss.Paper, 0.7).Of(outputs, zeros(0, 6), TwoHeads.Input);
        Assert.AreEqual(0, losses.Box.ToDouble());
        Assert.AreEqual(0, losses.Class.ToDouble());
        double expected = outputs.Zip(TwoHeads.Heads).Sum(o =>
            nn.functional.softplus(HeadBoxes.ByAnchor(o.First, o.Second).select(2, 4)).sum().ToDouble());
        Assert.AreEqual(expected, losses.Objectness.ToDouble(), 1e-4);
    }

    // torchvision 0.14.1: complete_box_iou_loss in float64, of the same boxes by their corners.
    [TestMethod]
    public void Complete_FourPairs_AreTorchvisions()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor(new double[] { 5, 5, 4, 4, 10, 20, 6, 3, 50, 50, 20, 40, 30, 30, 5, 5 }).view(4, 4).requires_grad_();
        Tensor b = tensor(new double[] { 6, 5, 4, 2, 11, 21, 8, 5, 52, 45, 30, 30, 60, 60, 10, 4 }).view(4, 4);
        Tensor found = BoxOverlap.Complete(a, b);
        (-found).sum().backward();
        double[] values = [0.306458911864, 0.427503973465, 0.530309051925, -0.697380319899], gradients =
        [
            -0.1909797949, 0, -0.0049046235, 0.0712452045, -0.0748269629, -0.1299594429, -0.0487886101, -0.0963239598,
            -0.0016, 0.0178639868, -0.0227548250, 0.0028345497, -0.0030837406, -0.0046856837, -0.0120568485, -0.0071664694,
        ];
        Check(values, found.data<double>().ToArray());
        Check(gradients, a.grad!.data<double>().ToArray());

        // an epsilon of 1e-7 stands at places of its own in each
        static void Check(double[] expected, double[] found)
        {
            for (int k = 0; k < expected.Length; k++)
                Assert.AreEqual(expected[k], found[k], 1e-7, $"number {k}");
        }
    }

    // Boxes of a crowd are compared a few at a time.
    [TestMethod]
    public void ExceedsAny_ManyBoxes_IsThatOfEachPair()
    {
        using DisposeScope scope = NewDisposeScope();
        _ = manual_seed(5);
        Tensor boxes = rand(2, 50, 4) * 20 + 1, truths = rand(2, 70, 4) * 20 + 1;
        bool[] found = BoxOverlap.ExceedsAny(boxes, truths, 0.6).data<bool>().ToArray();
        for (int n = 0; n < 2; n++)
            for (int r = 0; r < 50; r++)
                Assert.AreEqual(Enumerable.Range(0, 70).Any(t => BoxCorners.Overlap(Box(boxes[n, r]), Box(truths[n, t])) > 0.6),
                    found[(n * 50) + r], $"picture {n}, row {r}");
        Assert.IsTrue(found.Any(f => f) && found.Any(f => !f), "Both answers have to be among them.");

        static BoxCorners Box(Tensor box) =>
            BoxCorners.OfCentre(box[0].ToDouble(), box[1].ToDouble(), box[2].ToDouble(), box[3].ToDouble());
    }
}
