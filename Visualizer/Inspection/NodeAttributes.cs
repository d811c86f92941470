using CnnOnnx.Onnx;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>Settings of a node that say what kind of layer it is: kernel, stride, pads, groups, axes.</summary>
internal static class NodeAttributes
{
    // Name in the specification, and with us; the value that says nothing.
    private static readonly (string Attribute, string Name, long Usual)[] OfWindows =
        [("strides", "stride", 1), ("pads", "pad", 0), ("dilations", "dilation", 1)];

    private static readonly string[] Others = ["axis", "axes", "perm", "blocksize"];

    /// <summary>Finds the settings that are not the usual ones.</summary>
    /// <param name="node">A node.</param>
    /// <param name="kernel">Axes of the kernel of a convolution, as far as they are known; used where no attribute names it.</param>
    /// <returns>Name → numbers, such as kernel → 3, 3; empty for a node without any.</returns>
    public static IReadOnlyDictionary<string, long[]> Of(OnnxNode node, long[]? kernel)
    {
        var found = new Dictionary<string, long[]>();
        if (node.Domain.Length > 0)
            return found;
        if ((node.HasAttribute("kernel_shape") ? node.Ints("kernel_shape") : kernel) is { Length: > 0 } window)
        {
            found["kernel"] = window;
            foreach ((string attribute, string name, long usual) in OfWindows)
                if (node.HasAttribute(attribute) && node.Ints(attribute) is { } values && values.Any(value => value != usual))
                    found[name] = values;
            if (node.HasAttribute("group") && node.Int("group", 1) is > 1 and var groups)
                found["groups"] = [groups];
            return found;
        }

        foreach (string name in Others.Where(node.HasAttribute))
            found[name] = name is "axis" or "blocksize" ? [node.Int(name, 0)] : node.Ints(name) ?? [];
        return found;
    }

    /// <summary>The settings in a few words: "3x3 stride 2 pad 1 groups 32".</summary>
    public static string Describe(IReadOnlyDictionary<string, long[]> attributes) => string.Join(' ', attributes.Select(attribute =>
        attribute.Key == "kernel" ? string.Join('x', attribute.Value)
        : $"{attribute.Key} {(attribute.Key is "perm" or "axes" ? string.Join(',', attribute.Value) : Once(attribute.Value))}"));

    private static string Once(long[] values) => values.Distinct().Count() == 1 ? $"{values[0]}" : string.Join(',', values);
}
