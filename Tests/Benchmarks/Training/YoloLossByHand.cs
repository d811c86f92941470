using CnnOnnx.Detection;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>YOLOv3's loss in the shortest form that one would write in TorchSharp: dense masks, and IoU by whole tables.</summary>
internal static class YoloLossByHand
{
    private const double Ignore = 0.7;

    public static Tensor Of(Tensor[] outputs, Tensor targets, IReadOnlyList<AnchoredHead> heads, int side)
    {
        (double Width, double Height)[] anchors = [.. heads.SelectMany(head => head.Anchors)];
        float[] rows = targets.data<float>().ToArray();
        Tensor loss = zeros(1);
        for (int h = 0; h < heads.Count; h++)
        {
            Tensor raw = outputs[h];
            (long n, long height, long width) = (raw.size(0), raw.size(2), raw.size(3));
            Tensor p = raw.view([n, 3, -1, height, width]).permute(0, 1, 3, 4, 2).contiguous();
            Tensor mask = zeros([n, 3, height, width]), wanted = zeros_like(p).detach(), scale = zeros([n, 3, height, width, 1]);
            for (int r = 0; r < rows.Length; r += 6)
            {
                (float w, float hgt) = (rows[r + 4], rows[r + 5]);
                int best = Enumerable.Range(0, anchors.Length).MaxBy(a =>
                {
                    double common = Math.Min(w, anchors[a].Width) * Math.Min(hgt, anchors[a].Height);
                    return common / ((w * hgt) + (anchors[a].Width * anchors[a].Height) - common);
                });
                if (best / 3 != h)
                    continue;
                float x = rows[r + 2] / heads[h].Stride, y = rows[r + 3] / heads[h].Stride;
                (long i, long a, long gy, long gx) = ((long)rows[r], best % 3, (long)y, (long)x);
                mask[i, a, gy, gx] = 1;
                scale[i, a, gy, gx, 0] = 2 - (w * hgt / side / side);
                Tensor slot = wanted[i, a, gy, gx];
                slot[0] = x - gx;
                slot[1] = y - gy;
                slot[2] = (float)Math.Log(w / anchors[best].Width);
                slot[3] = (float)Math.Log(hgt / anchors[best].Height);
                slot[4] = 1;
                slot[5 + (long)rows[r + 1]] = 1;
            }

            Tensor ignored;
            using (no_grad())
            {
                Tensor column = arange(width).view(1, 1, 1, width), line = arange(height).view(1, 1, height, 1);
                float[] sides = [.. heads[h].Anchors.SelectMany(a => new[] { (float)a.Width, (float)a.Height })];
                Tensor sizes = tensor(sides).view(1, 3, 1, 1, 2);
                Tensor wh = p[TensorIndex.Ellipsis, TensorIndex.Slice(2, 4)].exp() * sizes;
                Tensor x = (p[TensorIndex.Ellipsis, 0].sigmoid() + column) * heads[h].Stride;
                Tensor y = (p[TensorIndex.Ellipsis, 1].sigmoid() + line) * heads[h].Stride;
                Tensor boxes = stack([x, y, wh.select(4, 0), wh.select(4, 1)], 4).view(n, -1, 1, 4);
                Tensor truths = targets.narrow(1, 2, 4).view(n, 1, -1, 4);
                Tensor low = maximum(Low(boxes), Low(truths)), high = minimum(High(boxes), High(truths));
                Tensor common = (high - low).clamp(min: 0).prod(3);
                Tensor areas = Wh(boxes).prod(3) + Wh(truths).prod(3);
                ignored = (common / (areas - common)).amax([2]).gt(Ignore).view(n, 3, height, width);
            }

            Tensor counted = mask.maximum(ignored.logical_not().to(ScalarType.Float32));
            Tensor places = nn.functional.binary_cross_entropy_with_logits(p[TensorIndex.Ellipsis, TensorIndex.Slice(0, 2)],
                wanted[TensorIndex.Ellipsis, TensorIndex.Slice(0, 2)], scale.expand(-1, -1, -1, -1, 2), nn.Reduction.Sum);
            Tensor sizesOff = ((p[TensorIndex.Ellipsis, TensorIndex.Slice(2, 4)] - wanted[TensorIndex.Ellipsis, TensorIndex.Slice(2, 4)])
                .square() * scale).sum() / 2;
            Tensor objectness = nn.functional.binary_cross_entropy_with_logits(p[TensorIndex.Ellipsis, 4], wanted[TensorIndex.Ellipsis, 4],
                counted, nn.Reduction.Sum);
            Tensor classes = nn.functional.binary_cross_entropy_with_logits(p[TensorIndex.Ellipsis, TensorIndex.Slice(5)],
                wanted[TensorIndex.Ellipsis, TensorIndex.Slice(5)], mask.unsqueeze(4).expand(-1, -1, -1, -1, p.size(4) - 5),
                nn.Reduction.Sum);
            loss = loss + places + sizesOff + objectness + classes;
        }

        return loss;
    }

    private static Tensor Wh(Tensor boxes) => boxes.narrow(3, 2, 2);

    private static Tensor Low(Tensor boxes) => boxes.narrow(3, 0, 2) - (Wh(boxes) / 2);

    private static Tensor High(Tensor boxes) => boxes.narrow(3, 0, 2) + (Wh(boxes) / 2);
}
