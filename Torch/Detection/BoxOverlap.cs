using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Detection;

/// <summary>Overlaps of boxes as tensors, for losses.</summary>
internal static class BoxOverlap
{
    private const double Epsilon = 1e-7;

    /// <summary>
    /// Complete IoU, box by box: IoU less the distance of the centres and the difference of the proportions, each as a share.
    /// Zheng et al.: https://arxiv.org/abs/1911.08287
    /// </summary>
    /// <param name="a">[K, 4], centre x, centre y, width, height.</param>
    /// <param name="b">[K, 4], alike.</param>
    /// <returns>[K], from −1.5 to 1; the caller disposes it, or its scope does.</returns>
    public static Tensor Complete(Tensor a, Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor low, Tensor high, Tensor size) = Corners(a);
        (Tensor otherLow, Tensor otherHigh, Tensor otherSize) = Corners(b);
        Tensor common = (minimum(high, otherHigh) - maximum(low, otherLow)).clamp(min: 0).prod(1);
        Tensor union = size.prod(1) + otherSize.prod(1) - common + Epsilon;
        Tensor overlap = common / union;
        Tensor diagonal = (maximum(high, otherHigh) - minimum(low, otherLow)).square().sum(1) + Epsilon;
        Tensor distance = (a.narrow(1, 0, 2) - b.narrow(1, 0, 2)).square().sum(1) / diagonal;
        Tensor angle = (otherSize.select(1, 0) / otherSize.select(1, 1)).atan() - (size.select(1, 0) / size.select(1, 1)).atan();
        Tensor proportion = angle.square() * (4 / (Math.PI * Math.PI));
        Tensor share;
        using (no_grad())
            share = proportion / (proportion - overlap + 1 + Epsilon);
        return (overlap - distance - (share * proportion)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Tells which of the boxes overlap any box of their picture by more than a limit.
    /// </summary>
    /// <param name="boxes">[N, R, 4], centre x, centre y, width, height.</param>
    /// <param name="truths">[N, T, 4], alike; boxes of size 0 overlap nothing.</param>
    /// <param name="limit">Intersection over union, 0..1.</param>
    /// <returns>Booleans [N, R]; the caller disposes them, or its scope does.</returns>
    public static Tensor ExceedsAny(Tensor boxes, Tensor truths, double limit)
    {
        // Crowded pictures would need a table of all rows by all boxes.
        const long atOnce = 32;
        using DisposeScope scope = NewDisposeScope();
        Tensor any = zeros([boxes.size(0), boxes.size(1)], ScalarType.Bool, boxes.device);
        for (long first = 0; first < truths.size(1); first += atOnce)
            any.logical_or_(Exceeds(boxes, truths.narrow(1, first, Math.Min(atOnce, truths.size(1) - first)), limit));
        return any.MoveToOuterDisposeScope();
    }

    private static Tensor Exceeds(Tensor boxes, Tensor truths, double limit)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor common = Common(0).mul_(Common(1));
        Tensor areas = Area(boxes).unsqueeze(2) + Area(truths).unsqueeze(1);
        // common / (areas − common) > limit, without the division
        return common.mul_(1 + limit).gt(areas.mul_(limit)).any(2).MoveToOuterDisposeScope();

        Tensor Common(int axis)
        {
            (Tensor low, Tensor high) = Sides(boxes, axis);
            (Tensor otherLow, Tensor otherHigh) = Sides(truths, axis);
            return minimum(high.unsqueeze(2), otherHigh.unsqueeze(1)).sub_(maximum(low.unsqueeze(2), otherLow.unsqueeze(1))).clamp_(min: 0);
        }

        static Tensor Area(Tensor boxes) => boxes.select(2, 2) * boxes.select(2, 3);
    }

    private static (Tensor Low, Tensor High) Sides(Tensor boxes, int axis)
    {
        Tensor centre = boxes.select(2, axis), half = boxes.select(2, axis + 2) / 2;
        return (centre - half, centre + half);
    }

    private static (Tensor Low, Tensor High, Tensor Size) Corners(Tensor boxes)
    {
        Tensor centre = boxes.narrow(1, 0, 2), size = boxes.narrow(1, 2, 2), half = size / 2;
        return (centre - half, centre + half, size);
    }
}
