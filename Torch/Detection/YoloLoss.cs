using CnnOnnx.Detection;
using TorchSharp;
using static TorchSharp.torch;
using Size = OpenCvSharp.Size;

namespace CnnOnnx.Torch.Detection;

/// <summary>Parts of the loss of a batch, sums over its pictures: scalars.</summary>
/// <param name="Box">Places and sizes of the boxes.</param>
/// <param name="Objectness">Whether something is there, at every cell and anchor.</param>
/// <param name="Class">Classes of the boxes.</param>
internal readonly record struct YoloLosses(Tensor Box, Tensor Objectness, Tensor Class);

/// <summary>
/// YOLOv3's loss, as Darknet's gradients say it: at the slots that have a box, s · cross-entropy of σ(x) and σ(y), s / 2 · squared
/// differences of raw width and height, and the cross-entropy of each class; everywhere the cross-entropy of the objectness, but not
/// at slots without a box whose own box overlaps one by more than a limit. s = 2 − width · height. Sums, not means, over slots.
/// Redmon and Farhadi: https://arxiv.org/abs/1804.02767
/// </summary>
/// <param name="heads">The network's heads.</param>
/// <param name="boxLoss">A name of <see cref="BoxLosses"/>.</param>
/// <param name="ignoreOverlap">Overlap 0..1 above which a box that nothing was given to is not told to be nothing.</param>
internal sealed class YoloLoss(IReadOnlyList<AnchoredHead> heads, string boxLoss, double ignoreOverlap)
{
    public const string Paper = "paper", Complete = "ciou";

    /// <summary>Names of the losses of boxes: the paper's; or s · (1 − complete IoU).</summary>
    public static string[] BoxLosses { get; } = [Complete, Paper];

    /// <summary>Losses of a batch.</summary>
    /// <param name="outputs">Raw numbers of each head, [N, anchors·(5 + classes), H, W].</param>
    /// <param name="targets">[M, 6] float32: picture, class, centre x, centre y, width, height in pixels of the input.</param>
    /// <param name="input">Width and height of the input.</param>
    /// <returns>The caller disposes the tensors, or its scope does.</returns>
    public YoloLosses Of(IReadOnlyList<Tensor> outputs, Tensor targets, Size input)
    {
        using DisposeScope scope = NewDisposeScope();
        // on the CPU, where they mostly are; what depends on how many there are is decided there
        float[] rows = RowsOf(targets);
        HeadTargets[] assigned = TargetAssignment.Assign(rows, heads, input);
        Tensor? truths = ByPicture(rows, (int)outputs[0].size(0), outputs[0]);
        YoloLosses[] parts = [.. outputs.Select((output, h) => Of(output, heads[h], assigned[h], truths))];
        return new YoloLosses(Sum(parts.Select(p => p.Box)).MoveToOuterDisposeScope(),
            Sum(parts.Select(p => p.Objectness)).MoveToOuterDisposeScope(), Sum(parts.Select(p => p.Class)).MoveToOuterDisposeScope());
    }

    /// <summary>Targets as numbers.</summary>
    /// <param name="targets">[M, 6] float32.</param>
    public static float[] RowsOf(Tensor targets)
    {
        using DisposeScope scope = NewDisposeScope();
        return targets.numel() == 0 ? [] : targets.cpu().contiguous().data<float>().ToArray();
    }

    private YoloLosses Of(Tensor output, AnchoredHead head, HeadTargets there, Tensor? truths)
    {
        Tensor byAnchor = HeadBoxes.ByAnchor(output, head);
        Tensor raw = byAnchor.select(2, HeadBoxes.Fixed - 1), wanted, counted;
        TensorIndex[]? slots = there.Cells.Count == 0 ? null : [.. new[] { there.Pictures, there.Anchors, there.Cells }
            .Select(numbers => TensorIndex.Tensor(tensor(numbers.ToArray(), device: output.device)))];
        using (no_grad())
        {
            wanted = zeros_like(raw);
            counted = truths is null ? ones_like(raw)
                : BoxOverlap.ExceedsAny(HeadBoxes.Decode(byAnchor.detach(), head, output.size(3)), truths, ignoreOverlap)
                    .logical_not().to(raw.dtype).view(raw.shape);
            if (slots is not null)
            {
                Tensor one = ones([], raw.dtype, raw.device);
                wanted.index_put_(one, slots);
                counted.index_put_(one, slots);
            }
        }

        Tensor objectness = nn.functional.binary_cross_entropy_with_logits(raw, wanted, counted, nn.Reduction.Sum);
        if (slots is null)
            return new YoloLosses(zeros([], raw.dtype, raw.device), objectness, zeros([], raw.dtype, raw.device));
        Tensor rows = byAnchor.index(slots[0], slots[1], TensorIndex.Colon, slots[2]);
        return new YoloLosses(BoxLoss(rows, head, there, output.size(3)), objectness, ClassLoss(rows, there));
    }

    private Tensor BoxLoss(Tensor rows, AnchoredHead head, HeadTargets there, long columns)
    {
        Tensor weights = Numbers(there.Weights, rows, 1);
        if (boxLoss == Complete)
        {
            Tensor corners = Numbers(there.Cells.SelectMany(cell => new float[] { cell % columns, cell / columns }), rows, 2);
            Tensor sizes = Numbers(there.Anchors.SelectMany(a =>
                new[] { (float)head.Anchors[(int)a].Width, (float)head.Anchors[(int)a].Height }), rows, 2);
            Tensor overlap = BoxOverlap.Complete(HeadBoxes.Decode(rows, head, corners, sizes), Numbers(there.Boxes, rows, 4));
            return ((1 - overlap) * weights.squeeze(1)).sum();
        }

        Tensor codes = Numbers(there.Codes, rows, 4);
        Tensor places = nn.functional.binary_cross_entropy_with_logits(rows.narrow(1, 0, 2), codes.narrow(1, 0, 2),
            weights.expand(-1, 2), nn.Reduction.Sum);
        Tensor sizesOff = rows.narrow(1, 2, 2) - codes.narrow(1, 2, 2);
        return places + ((sizesOff.square() * weights).sum() / 2);
    }

    private static Tensor ClassLoss(Tensor rows, HeadTargets there)
    {
        Tensor scores = rows.narrow(1, HeadBoxes.Fixed, rows.size(1) - HeadBoxes.Fixed), wanted = zeros_like(scores);
        using (no_grad())
            wanted.index_put_(ones([], rows.dtype, rows.device),
                TensorIndex.Tensor(tensor(there.Classes.Select(c => c.Slot).ToArray(), device: rows.device)),
                TensorIndex.Tensor(tensor(there.Classes.Select(c => c.Class).ToArray(), device: rows.device)));
        return nn.functional.binary_cross_entropy_with_logits(scores, wanted, reduction: nn.Reduction.Sum);
    }

    /// <summary>The boxes of each picture in rows of one length, filled up with empty ones: [N, T, 4]; null without any.</summary>
    private static Tensor? ByPicture(float[] rows, int pictures, Tensor like)
    {
        ILookup<int, float[]> of = rows.Chunk(TargetAssignment.Columns).ToLookup(row => (int)row[0], row => row[2..]);
        int most = of.Select(group => group.Count()).DefaultIfEmpty(0).Max();
        if (most == 0)
            return null;
        float[] filled = new float[pictures * most * 4];
        for (int picture = 0; picture < pictures; picture++)
            of[picture].SelectMany(box => box).ToArray().CopyTo(filled, picture * most * 4);
        return tensor(filled, like.dtype, like.device).view(pictures, most, 4);
    }

    private static Tensor Numbers(IEnumerable<float> numbers, Tensor like, int columns) =>
        tensor(numbers.ToArray(), like.dtype, like.device).view(-1, columns);

    private static Tensor Sum(IEnumerable<Tensor> parts) => parts.Aggregate((sum, part) => sum + part);
}
