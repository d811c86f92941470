using CnnOnnx.Detection;
using OpenCvSharp;

namespace CnnOnnx.Torch.Detection;

/// <summary>
/// Boxes that are to be learned at one head: a slot (picture, anchor, cell) each, and what its numbers are to become. Arrays of one
/// length, an element a slot; the classes are pairs, since a slot may have several.
/// </summary>
internal sealed class HeadTargets
{
    public List<long> Pictures { get; } = [];

    public List<long> Anchors { get; } = [];

    /// <summary>Cells as row · columns + column.</summary>
    public List<long> Cells { get; } = [];

    /// <summary>Four numbers a slot: what σ of x and y, and raw width and height, are to become.</summary>
    public List<float> Codes { get; } = [];

    /// <summary>Four numbers a slot: centre, width and height of the box in pixels of the input.</summary>
    public List<float> Boxes { get; } = [];

    /// <summary>2 − width · height, as parts of the input: small boxes count up to twice as much.</summary>
    public List<float> Weights { get; } = [];

    /// <summary>A slot and a class that is right there.</summary>
    public List<(long Slot, long Class)> Classes { get; } = [];
}

/// <summary>
/// Gives boxes to heads as YOLOv3 does: each to the cell that its centre lies in and to the anchor, of those of all heads, that it
/// overlaps most. Of boxes of one slot the later one is learned, with the classes of all.
/// </summary>
internal static class TargetAssignment
{
    /// <summary>Numbers of a box: picture, class, centre x, centre y, width, height.</summary>
    public const int Columns = 6;

    /// <param name="rows">Boxes, <see cref="Columns"/> numbers each, in pixels of the input; one without an inside is left out.</param>
    /// <param name="heads">The heads.</param>
    /// <param name="input">Width and height of the input.</param>
    /// <returns>Targets for each head.</returns>
    public static HeadTargets[] Assign(ReadOnlySpan<float> rows, IReadOnlyList<AnchoredHead> heads, Size input)
    {
        BoxSize[] anchors = [.. heads.SelectMany(head => head.Anchors.Select(a => new BoxSize(a.Width, a.Height)))];
        (int Head, int Anchor)[] places = [.. heads.SelectMany((head, h) => Enumerable.Range(0, head.Anchors.Length).Select(a => (h, a)))];
        HeadTargets[] targets = [.. heads.Select(_ => new HeadTargets())];
        var slots = new Dictionary<(int, long, int, long), int>();
        for (int first = 0; first + Columns <= rows.Length; first += Columns)
        {
            ReadOnlySpan<float> row = rows.Slice(first, Columns);
            var size = new BoxSize(row[4], row[5]);
            if (!(size.Width > 0 && size.Height > 0))
                continue;
            (int h, int anchor) = places[AnchorClusters.Nearest(size, anchors)];
            AnchoredHead head = heads[h];
            (int columns, int lines) = (input.Width / head.Stride, input.Height / head.Stride);
            double x = row[2] / head.Stride, y = row[3] / head.Stride;
            int column = Math.Clamp((int)x, 0, columns - 1), line = Math.Clamp((int)y, 0, lines - 1);
            long picture = (long)row[0], cell = ((long)line * columns) + column;
            HeadTargets there = targets[h];
            bool isNew = slots.TryAdd((h, picture, anchor, cell), there.Cells.Count);
            int slot = slots[(h, picture, anchor, cell)];
            // σ·s − (s − 1)/2 is the place in the cell
            double Share(double place) => Math.Clamp((place + ((head.ScaleXy - 1) / 2)) / head.ScaleXy, 0, 1);
            float[] codes =
            [
                (float)Share(x - column), (float)Share(y - line),
                (float)Math.Log(size.Width / head.Anchors[anchor].Width), (float)Math.Log(size.Height / head.Anchors[anchor].Height),
            ];
            float weight = (float)(2 - (size.Area / ((double)input.Width * input.Height)));
            if (isNew)
            {
                there.Pictures.Add(picture);
                there.Anchors.Add(anchor);
                there.Cells.Add(cell);
                there.Codes.AddRange(codes);
                there.Boxes.AddRange(row[2..]);
                there.Weights.Add(weight);
            }
            else
            {
                for (int k = 0; k < codes.Length; k++)
                    (there.Codes[(4 * slot) + k], there.Boxes[(4 * slot) + k]) = (codes[k], row[2 + k]);
                there.Weights[slot] = weight;
            }

            there.Classes.Add((slot, (long)row[1]));
        }

        return targets;
    }
}
