using CnnOnnx.Files;
using CnnOnnx.Inference;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Which tensors are made together, so that they fit into a budget.</summary>
/// <param name="Groups">Names of tensors, in the model's order. One that is larger than the budget is alone.</param>
/// <param name="Total">Bytes of all of them.</param>
/// <param name="Largest">Bytes of the largest group.</param>
internal sealed record MemoryPlan(IReadOnlyList<IReadOnlyList<string>> Groups, long Total, long Largest)
{
    /// <param name="tensors">Names and bytes of tensors, in the model's order.</param>
    /// <param name="budget">Bytes that a run may take.</param>
    public static MemoryPlan For(IReadOnlyList<(string Name, long Bytes)> tensors, long budget)
    {
        var groups = new List<List<string>>();
        (long total, long largest, long size) = (0, 0, 0);
        foreach ((string name, long bytes) in tensors)
        {
            if (groups.Count == 0 || size + bytes > budget)
            {
                groups.Add([]);
                size = 0;
            }

            groups[^1].Add(name);
            size += bytes;
            total += bytes;
            largest = Math.Max(largest, size);
        }

        return new MemoryPlan(groups, total, largest);
    }

    /// <summary>A tensor of which the runtime does not tell the size counts as much as the largest one.</summary>
    public static MemoryPlan For(IReadOnlyDictionary<string, TensorCost> costs, IReadOnlyList<string> tensors, long budget)
    {
        long largest = costs.Values.Max(c => c.Bytes) ?? 0;
        return For([.. tensors.Select(name => (name, costs[name].Bytes ?? largest))], budget);
    }

    /// <summary>True when the tensors of two runs fit: while one is drawn, the next is made.</summary>
    public bool LeavesRoomFor(long budget) => Groups.Count == 1 && 2 * Total <= budget;

    public string Describe(long budget) =>
        $"memory: the tensors of a run take {ByteSize.Text(Total)}, the budget is {ByteSize.Text(budget)}: "
        + (Groups.Count == 1 ? "one run" : $"{Groups.Count} runs of up to {ByteSize.Text(Largest)}");
}
