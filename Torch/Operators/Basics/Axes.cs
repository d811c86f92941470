using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Operators;

/// <summary>Axes as ONNX numbers them: negative ones count from the end.</summary>
internal static class Axes
{
    /// <summary>From 0 to rank−1.</summary>
    public static long Normalize(OnnxNode node, long axis, long rank)
    {
        if (axis < -rank || axis >= rank)
            throw node.Error($"axis {axis} is outside a tensor of {rank} axes");
        return axis < 0 ? axis + rank : axis;
    }

    /// <summary>Ascending, each once.</summary>
    public static long[] Normalize(OnnxNode node, long[] axes, long rank)
    {
        long[] normal = [.. axes.Select(axis => Normalize(node, axis, rank)).Order()];
        for (int i = 1; i < normal.Length; i++)
            if (normal[i] == normal[i - 1])
                throw node.Error($"names axis {normal[i]} twice");
        return normal;
    }

    public static long[] All(long rank) => [.. Enumerable.Range(0, (int)rank).Select(axis => (long)axis)];
}
