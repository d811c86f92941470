using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>Compares shapes: equal, equal but for axes of size 1, or with the channels moved from the second axis to the last.</summary>
internal static class LayoutMatch
{
    /// <summary>Says whether two tensors can hold the same values; true where a shape is not known.</summary>
    public static bool Of(IReadOnlyDictionary<string, TensorShape> shapesA, string a, IReadOnlyDictionary<string, TensorShape> shapesB,
        string b) => !shapesA.TryGetValue(a, out TensorShape left) || !shapesB.TryGetValue(b, out TensorShape right)
        || Between(left, right) is not null;

    /// <summary>Says how the second is read to be compared with the first; null where they do not fit.</summary>
    public static ValueOrder? Between(TensorShape a, TensorShape b) => a == b ? ValueOrder.Same
        : a.Count != b.Count ? null
        : a.Rank == 4 && b.Rank == 4 && Moved(a, b) ? ValueOrder.ChannelsLastInB
        : a.Rank == 4 && b.Rank == 4 && Moved(b, a) ? ValueOrder.ChannelsLastInA
        : a.Dims.Where(d => d != 1).SequenceEqual(b.Dims.Where(d => d != 1)) ? ValueOrder.Same
        : a.Rank != b.Rank && a.Dims.FirstOrDefault() == b.Dims.FirstOrDefault() && (a.Rank == 2 || b.Rank == 2) ? ValueOrder.Same
        : null;

    private static bool Moved(TensorShape first, TensorShape last) =>
        first[0] == last[0] && first[1] == last[3] && first[2] == last[1] && first[3] == last[2];
}

/// <summary>Orders in which the values of two tensors are read side by side.</summary>
internal enum ValueOrder
{
    /// <summary>One after the other in both.</summary>
    Same,

    /// <summary>[N, C, H, W] in the first, [N, H, W, C] in the second.</summary>
    ChannelsLastInB,

    /// <summary>[N, H, W, C] in the first, [N, C, H, W] in the second.</summary>
    ChannelsLastInA,
}
