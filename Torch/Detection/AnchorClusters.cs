namespace CnnOnnx.Torch.Detection;

/// <summary>Anchors that were found in a data set.</summary>
/// <param name="Anchors">Width and height of each, from the smallest area up.</param>
/// <param name="MeanOverlap">Mean over the boxes of the overlap 0..1 with the anchor that fits best.</param>
internal sealed record AnchorSet(IReadOnlyList<BoxSize> Anchors, double MeanOverlap);

/// <summary>Width and height of a box.</summary>
/// <param name="Width">Width in pixels of the network's input.</param>
/// <param name="Height">Height in pixels of the network's input.</param>
internal readonly record struct BoxSize(double Width, double Height)
{
    public double Area => Width * Height;

    /// <summary>Intersection over union of two boxes with one centre.</summary>
    public double Overlap(BoxSize other)
    {
        double common = Math.Min(Width, other.Width) * Math.Min(Height, other.Height);
        return common / (Area + other.Area - common);
    }
}

/// <summary>
/// Finds anchors by k-means, where near means much overlap: distance 1 − IoU of boxes with one centre, as YOLOv2's paper has it.
/// https://arxiv.org/abs/1612.08242
/// </summary>
internal static class AnchorClusters
{
    // A start can end in clusters that are not the best ones; of several the best is taken.
    private const int Starts = 5, MostRounds = 1000;

    // More of them say nothing new about sizes.
    private const int MostBoxes = 50_000;

    /// <summary>Finds the sizes that the boxes cluster around.</summary>
    /// <param name="boxes">Sizes of boxes, above 0; at least one.</param>
    /// <param name="count">Number of anchors. Of boxes of fewer sizes some anchors are alike.</param>
    /// <param name="seed">Seed of the starts.</param>
    public static AnchorSet Of(IReadOnlyList<BoxSize> boxes, int count, int seed)
    {
        int step = (boxes.Count + MostBoxes - 1) / MostBoxes;
        BoxSize[] some = [.. boxes.Where((_, i) => i % step == 0)];
        var random = new Random(seed);
        return Enumerable.Range(0, Starts).Select(_ => Clustered(some, Spread(some, count, random))).ToArray().MaxBy(s => s.MeanOverlap)!;
    }

    // Arthur and Vassilvitskii, k-means++: the farther a box is from those that were chosen, the likelier it is the next.
    private static BoxSize[] Spread(BoxSize[] boxes, int count, Random random)
    {
        var chosen = new List<BoxSize> { boxes[random.Next(boxes.Length)] };
        double[] distances = [.. boxes.Select(box => 1 - box.Overlap(chosen[0]))];
        while (chosen.Count < count)
        {
            double place = random.NextDouble() * distances.Sum();
            int next = 0;
            while (next < boxes.Length - 1 && (place -= distances[next]) >= 0)
                next++;
            chosen.Add(boxes[next]);
            for (int i = 0; i < boxes.Length; i++)
                distances[i] = Math.Min(distances[i], 1 - boxes[i].Overlap(boxes[next]));
        }

        return [.. chosen];
    }

    private static AnchorSet Clustered(BoxSize[] boxes, BoxSize[] anchors)
    {
        int[] nearest = new int[boxes.Length];
        Array.Fill(nearest, -1);
        for (int round = 0; round < MostRounds; round++)
        {
            bool isStill = true;
            for (int i = 0; i < boxes.Length; i++)
            {
                int best = Nearest(boxes[i], anchors);
                isStill &= best == nearest[i];
                nearest[i] = best;
            }

            if (isStill)
                break;
            Move(anchors, boxes, nearest);
        }

        BoxSize[] sorted = [.. anchors.OrderBy(a => a.Area)];
        return new AnchorSet(sorted, boxes.Average(box => sorted.Max(box.Overlap)));
    }

    // To the mean width and height of its boxes; an anchor without any stays.
    private static void Move(BoxSize[] anchors, BoxSize[] boxes, int[] nearest)
    {
        (double Width, double Height, int Count)[] sums = new (double, double, int)[anchors.Length];
        for (int i = 0; i < boxes.Length; i++)
        {
            ref (double Width, double Height, int Count) sum = ref sums[nearest[i]];
            sum = (sum.Width + boxes[i].Width, sum.Height + boxes[i].Height, sum.Count + 1);
        }

        for (int a = 0; a < anchors.Length; a++)
            if (sums[a].Count > 0)
                anchors[a] = new BoxSize(sums[a].Width / sums[a].Count, sums[a].Height / sums[a].Count);
    }

    /// <summary>Index of the anchor that a box overlaps most; of equal ones the first.</summary>
    public static int Nearest(BoxSize box, IReadOnlyList<BoxSize> anchors)
    {
        int best = 0;
        double most = -1;
        for (int a = 0; a < anchors.Count; a++)
        {
            double overlap = box.Overlap(anchors[a]);
            if (overlap > most)
                (best, most) = (a, overlap);
        }

        return best;
    }
}
