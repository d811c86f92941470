using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// Finds, among the tensors of a dump, the last one of each resolution, by their maps alone: a dump may hold a part of a network, or one
/// whose file tells no sizes.
/// </summary>
internal static class FlowStages
{
    private const int FewestMaps = 2, FewestStages = 3, FewestOfChannels = 4;

    // Resolutions nearer to one another are one: a convolution without padding takes a few rows off. Strict ones are also a power of two
    // of the input, within a share: maps of an attention are not.
    private const double Step = 1.4, Near = 0.1, SameShape = 0.15;

    /// <param name="maps">Maps of the tensors, in the model's order; null for those that have none.</param>
    /// <param name="input">Height and width of the network's input; zeros when it is no picture.</param>
    /// <returns>Places of the stages' last tensors, in order.</returns>
    public static List<int> Of(IReadOnlyList<MapsRecord?> maps, (int Height, int Width) input)
    {
        MapsRecord? first = maps.FirstOrDefault(m => m is { Count: >= FewestMaps });
        if (first is null)
            return [];
        (int height, int width) = input.Height > 0 && input.Width > 0 ? input : (first.Height, first.Width);
        List<int> strict = Walk(maps, m => IsPowerOfTwo((double)height / m.Height) && HasShape(m, height, width));
        return strict.Count >= FewestStages ? strict : Walk(maps, m => HasShape(m, height, width));
    }

    private static List<int> Walk(IReadOnlyList<MapsRecord?> maps, Func<MapsRecord, bool> counts)
    {
        List<int> stages = [];
        (double side, int channels) = (0, 0);
        for (int i = 0; i < maps.Count; i++)
        {
            if (maps[i] is not { Count: >= FewestMaps } own || Math.Max(own.Height, own.Width) < 2 || !counts(own))
                continue;
            // Masks and positions have few channels among many.
            if (stages.Count > 0 && own.Count * FewestOfChannels < channels)
                continue;
            double now = Math.Max(own.Height, own.Width);
            channels = own.Count;
            if (stages.Count > 0 && Math.Max(now / side, side / now) < Step)
                stages[^1] = i;
            else
                (side, stages) = (now, [.. stages, i]);
        }

        return stages;
    }

    private static bool HasShape(MapsRecord maps, int height, int width) =>
        Math.Abs((double)maps.Height / maps.Width * width / height - 1) <= SameShape;

    private static bool IsPowerOfTwo(double ratio)
    {
        double power = Math.Round(Math.Log2(ratio));
        return Math.Abs(ratio / Math.Pow(2, power) - 1) <= Near;
    }
}
