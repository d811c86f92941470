namespace CnnOnnx.Rendering;

/// <summary>How weights become indices: by kernel or by layer, from the smallest to the largest or around 0.</summary>
internal sealed record KernelScale(MapFacts Layer, KernelScaling Scaling, bool Symmetric)
{
    public static KernelScale Of(KernelSet kernels, KernelScaling scaling, bool symmetric) =>
        new(MapFacts.Of(kernels.Weights), scaling, symmetric);

    /// <param name="kernel">All weights of one output; not looked at when the layer has one range.</param>
    public ValueScale For(ReadOnlySpan<float> kernel)
    {
        ValueRange range = Scaling == KernelScaling.Kernel ? MapFacts.Of(kernel).Range : Layer.Range;
        return Symmetric ? ValueScale.Symmetric(range.MaxAbsolute) : ValueScale.FromRange(range);
    }

    public Legend Describe(string title, IEnumerable<string> remarks)
    {
        string odd = Layer.DescribeNonFinite();
        if (!Layer.HasFinite)
            return new Legend(title, [.. remarks, odd], null);
        string how = (Scaling == KernelScaling.Kernel ? "each kernel by its own range" : "one range for the layer") + (Symmetric ? ", around 0" : "");
        ScaleRule rule = ScaleRule.Of(Symmetric ? ScaleMode.Symmetric : ScaleMode.Layer);
        (string, string, string) labels = Scaling == KernelScaling.Layer ? rule.Labels(Layer.Range)
            : Symmetric ? ("-max", "0", "max")
            : ("min", "", "max");
        return new Legend(title, [.. remarks, how, $"layer {Numbers.Short(Layer.Range)}", odd], labels);
    }
}
