using CnnOnnx.Detection;
using TorchSharp;
using static TorchSharp.torch;
using Size = OpenCvSharp.Size;

namespace CnnOnnx.Torch.Detection;

/// <summary>Numbers of a head [N, anchors·(5 + classes), H, W] as boxes.</summary>
internal static class HeadBoxes
{
    /// <summary>Numbers of a row in front of those of the classes: x, y, width, height, objectness.</summary>
    public const int Fixed = 5;

    // e^x that no box reaches, and that is still a number.
    private const double MostStretch = 20;

    // Of a picture, the best: early in a training every cell has something to say.
    private const int MostCandidates = 1000;

    /// <summary>The head's numbers by anchor: [N, anchors, 5 + classes, cells]. A view where that can be.</summary>
    public static Tensor ByAnchor(Tensor output, AnchoredHead head) =>
        output.reshape(output.size(0), head.Anchors.Length, output.size(1) / head.Anchors.Length, output.size(2) * output.size(3));

    /// <summary>All boxes of a head.</summary>
    /// <param name="byAnchor">[N, anchors, 5 + classes, cells].</param>
    /// <param name="columns">Cells in a row.</param>
    /// <returns>[N, anchors·cells, 4]: centre and size in pixels of the input; in the caller's scope.</returns>
    public static Tensor Decode(Tensor byAnchor, AnchoredHead head, long columns)
    {
        using DisposeScope scope = NewDisposeScope();
        (long anchors, long cells) = (byAnchor.size(1), byAnchor.size(3));
        Tensor cell = arange(cells, ScalarType.Int64, byAnchor.device);
        Tensor corner = stack([cell.remainder(columns), cell.div(columns, RoundingMode.floor)]).to(byAnchor.dtype);
        Tensor sizes = tensor(head.Anchors.SelectMany(a => new[] { (float)a.Width, (float)a.Height }).ToArray(), byAnchor.dtype,
            byAnchor.device).view(1, anchors, 2, 1);
        Tensor centres = InCell(byAnchor.narrow(2, 0, 2), head).add_(corner.unsqueeze(0).unsqueeze(0)).mul_(head.Stride);
        Tensor boxes = cat([centres, Stretch(byAnchor.narrow(2, 2, 2)).mul_(sizes)], 2);
        return boxes.permute(0, 1, 3, 2).reshape(byAnchor.size(0), anchors * cells, 4).MoveToOuterDisposeScope();
    }

    /// <summary>Boxes of single slots.</summary>
    /// <param name="rows">[K, 5 + classes], numbers of the slots.</param>
    /// <param name="corners">[K, 2], column and row of the cells.</param>
    /// <param name="sizes">[K, 2], width and height of the anchors.</param>
    /// <returns>[K, 4]: centre and size in pixels of the input; in the caller's scope.</returns>
    public static Tensor Decode(Tensor rows, AnchoredHead head, Tensor corners, Tensor sizes) =>
        cat([(InCell(rows.narrow(1, 0, 2), head) + corners) * head.Stride, Stretch(rows.narrow(1, 2, 2)) * sizes], 1);

    /// <summary>The boxes of each picture that score above a threshold, without those that a better one covers.</summary>
    /// <param name="outputs">The heads' numbers.</param>
    /// <param name="heads">The heads.</param>
    /// <param name="input">Width and height of the input.</param>
    /// <param name="threshold">Least score, objectness times class.</param>
    /// <param name="overlap">Overlap above which the lower score goes.</param>
    /// <param name="most">Most boxes of a picture.</param>
    public static List<Candidate>[] Read(IReadOnlyList<Tensor> outputs, IReadOnlyList<AnchoredHead> heads, Size input, double threshold,
        double overlap, int most)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor[] byAnchor = [.. outputs.Zip(heads, ByAnchor)];
        long classes = byAnchor[0].size(2) - Fixed, pictures = byAnchor[0].size(0);
        // [N, rows · classes], in the order of heads, anchors, cells, classes
        Tensor scores = cat([.. byAnchor.Select(b => (b.narrow(2, 4, 1).sigmoid() * b.narrow(2, Fixed, classes).sigmoid())
            .permute(0, 1, 3, 2).flatten(1))], 1);
        Tensor boxes = cat([.. byAnchor.Select((b, h) => Decode(b, heads[h], outputs[h].size(3)))], 1);
        (Tensor values, Tensor places) = scores.topk((int)Math.Min(MostCandidates, scores.size(1)), 1);
        Tensor rows = places.div(classes, RoundingMode.floor);
        float[] sides = boxes.gather(1, rows.unsqueeze(2).expand(-1, -1, 4)).cpu().contiguous().data<float>().ToArray();
        float[] best = values.cpu().contiguous().data<float>().ToArray();
        long[] where = places.cpu().contiguous().data<long>().ToArray();
        int each = best.Length / (int)pictures;
        return [.. Enumerable.Range(0, (int)pictures).Select(picture =>
        {
            var found = new List<Candidate>();
            for (int i = picture * each; i < (picture + 1) * each && best[i] > threshold; i++)
                if (BoxCorners.OfCentre(sides[4 * i], sides[(4 * i) + 1], sides[(4 * i) + 2], sides[(4 * i) + 3])
                    is { HasArea: true } box)
                    found.Add(new Candidate(box, best[i], (int)(where[i] % classes), 0, (int)(where[i] / classes),
                        (int)(where[i] % classes)));
            return Suppression.Keep(found, overlap, acrossClasses: false, most)
                .Select(kept => kept with { Box = kept.Box.Within(input) }).Where(kept => kept.Box.HasArea).ToList();
        })];
    }

    // σ·s − (s − 1)/2, Darknet's scale_x_y
    private static Tensor InCell(Tensor numbers, AnchoredHead head) =>
        head.ScaleXy == 1 ? numbers.sigmoid() : (numbers.sigmoid() * head.ScaleXy) - ((head.ScaleXy - 1) / 2);

    private static Tensor Stretch(Tensor numbers) => numbers.clamp(max: MostStretch).exp();
}
