using CnnOnnx.Detection;
using CnnOnnx.Torch.Detection;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Detection;

/// <summary>YOLOv3's loss a second time: in loops over cells as yolo_layer.c has it, in float64, without a tensor.</summary>
internal static class PlainLoss
{
    private const int Columns = 5 + TwoHeads.Classes;

    /// <param name="outputs">Numbers of <see cref="TwoHeads"/>.</param>
    /// <param name="boxes">Rows of six.</param>
    public static (double Box, double Objectness, double Class) Of(Tensor[] outputs, float[] boxes, string boxLoss, double ignore)
    {
        (double box, double objectness, double classes) sums = (0, 0, 0);
        float[][] truths = [.. boxes.Chunk(6)];
        for (int h = 0; h < outputs.Length; h++)
        {
            AnchoredHead head = TwoHeads.Heads[h];
            double[] numbers = outputs[h].detach().cpu().data<double>().ToArray();
            (int width, int height) = (TwoHeads.Input.Width / head.Stride, TwoHeads.Input.Height / head.Stride);
            for (int n = 0; n < 2; n++)
                for (int a = 0; a < head.Anchors.Length; a++)
                    for (int y = 0; y < height; y++)
                        for (int x = 0; x < width; x++)
                        {
                            double At(int k) => numbers[(((((n * head.Anchors.Length) + a) * Columns) + k) * height + y) * width + x];
                            double Cell(int k) => (Sigmoid(At(k)) * head.ScaleXy) - ((head.ScaleXy - 1) / 2);
                            (double X, double Y, double W, double H) own = ((x + Cell(0)) * head.Stride, (y + Cell(1)) * head.Stride,
                                Math.Exp(At(2)) * head.Anchors[a].Width, Math.Exp(At(3)) * head.Anchors[a].Height);
                            float[][] mine = [.. truths.Where(t => t[0] == n && t[4] > 0 && t[5] > 0 && BestOf(t) == (h, a)
                                && Math.Min((int)(t[2] / head.Stride), width - 1) == x
                                && Math.Min((int)(t[3] / head.Stride), height - 1) == y)];
                            if (mine.Length == 0)
                            {
                                double best = truths.Where(t => t[0] == n).Select(t => Overlap(own, (t[2], t[3], t[4], t[5]))).Max();
                                if (!(best > ignore))
                                    sums.objectness += Softplus(At(4));
                                continue;
                            }

                            float[] truth = mine[^1];
                            sums.objectness += Softplus(-At(4));
                            for (int c = 0; c < TwoHeads.Classes; c++)
                                sums.classes += mine.Any(t => t[1] == c) ? Softplus(-At(5 + c)) : Softplus(At(5 + c));
                            double s = 2 - (truth[4] * (double)truth[5] / (TwoHeads.Input.Width * TwoHeads.Input.Height));
                            sums.box += s * (boxLoss == YoloLoss.Complete
                                ? 1 - Complete(own, (truth[2], truth[3], truth[4], truth[5]))
                                : Entropy(At(0), Wanted(truth[2], x, head)) + Entropy(At(1), Wanted(truth[3], y, head))
                                    + (Math.Pow(At(2) - Math.Log(truth[4] / head.Anchors[a].Width), 2) / 2)
                                    + (Math.Pow(At(3) - Math.Log(truth[5] / head.Anchors[a].Height), 2) / 2));
                        }
        }

        return sums;
    }

    private static double Wanted(double place, int cell, AnchoredHead head) =>
        Math.Clamp(((place / head.Stride) - cell + ((head.ScaleXy - 1) / 2)) / head.ScaleXy, 0, 1);

    private static (int Head, int Anchor) BestOf(float[] truth)
    {
        (int, int) best = default;
        double most = -1;
        for (int h = 0; h < TwoHeads.Heads.Length; h++)
            for (int a = 0; a < TwoHeads.Heads[h].Anchors.Length; a++)
            {
                (double w, double hgt) = TwoHeads.Heads[h].Anchors[a];
                double overlap = Overlap((0, 0, w, hgt), (0, 0, truth[4], truth[5]));
                if (overlap > most)
                    (best, most) = ((h, a), overlap);
            }

        return best;
    }

    private static double Overlap((double X, double Y, double W, double H) a, (double X, double Y, double W, double H) b)
    {
        double w = Math.Min(a.X + (a.W / 2), b.X + (b.W / 2)) - Math.Max(a.X - (a.W / 2), b.X - (b.W / 2));
        double h = Math.Min(a.Y + (a.H / 2), b.Y + (b.H / 2)) - Math.Max(a.Y - (a.H / 2), b.Y - (b.H / 2));
        double common = Math.Max(0, w) * Math.Max(0, h);
        return common / ((a.W * a.H) + (b.W * b.H) - common);
    }

    private static double Complete((double X, double Y, double W, double H) a, (double X, double Y, double W, double H) b)
    {
        double w = Math.Max(a.X + (a.W / 2), b.X + (b.W / 2)) - Math.Min(a.X - (a.W / 2), b.X - (b.W / 2));
        double h = Math.Max(a.Y + (a.H / 2), b.Y + (b.H / 2)) - Math.Min(a.Y - (a.H / 2), b.Y - (b.H / 2));
        double overlap = Overlap(a, b), v = 4 / (Math.PI * Math.PI) * Math.Pow(Math.Atan(b.W / b.H) - Math.Atan(a.W / a.H), 2);
        double distance = (Math.Pow(a.X - b.X, 2) + Math.Pow(a.Y - b.Y, 2)) / ((w * w) + (h * h));
        return overlap - distance - (v * v / (1 - overlap + v));
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));

    private static double Entropy(double raw, double wanted) => (wanted * Softplus(-raw)) + ((1 - wanted) * Softplus(raw));
}
