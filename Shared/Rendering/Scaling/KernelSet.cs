using System.Text.Json.Serialization;
using CnnOnnx.Files;
using CnnOnnx.Tensors;

namespace CnnOnnx.Rendering;

/// <summary>Weights in the order outputs, inputs, kernel, of which the first ones of either kind may have been kept.</summary>
/// <param name="Weights">Outputs · Inputs · Height · Width values.</param>
internal sealed record KernelSet(float[] Weights, int Outputs, int Inputs, int Height, int Width)
{
    public int Area => Height * Width;

    /// <summary>Weights of one output.</summary>
    public int KernelLength => Inputs * Area;

    /// <summary>Outputs and inputs change places where the tensor has the inputs first.</summary>
    /// <param name="shape">[O, I], [O, I, k], [O, I, h, w] or [O, I, d, h, w]; a depth counts as further inputs.</param>
    public static KernelSet Of(ReadOnlySpan<float> weights, TensorShape shape, bool inputsFirst)
    {
        if (shape.Rank is < 2 or > 5 || weights.Length != shape.Count || weights.IsEmpty)
            throw new ArgumentException(
                $"Weights of a layer have 2 to 5 axes and at least one value; got {shape} and {weights.Length} values.");
        (int first, int second) = ((int)shape[0], (int)shape[1]);
        int depth = shape.Rank == 5 ? (int)shape[2] : 1;
        int height = shape.Rank >= 4 ? (int)shape[^2] : 1;
        int width = shape.Rank >= 3 ? (int)shape[^1] : 1;
        float[] ordered = weights.ToArray();
        if (inputsFirst)
        {
            int length = depth * height * width;
            for (int i = 0; i < first; i++)
                for (int o = 0; o < second; o++)
                    weights.Slice((i * second + o) * length, length).CopyTo(ordered.AsSpan((o * first + i) * length));
            (first, second) = (second, first);
        }

        return new KernelSet(ordered, first, second * depth, height, width);
    }

    public ReadOnlySpan<float> Kernel(int output) => Weights.AsSpan(output * KernelLength, KernelLength);

    public ReadOnlySpan<float> Plane(int output, int input) => Weights.AsSpan(output * KernelLength + input * Area, Area);

    /// <summary>The first outputs and the first inputs.</summary>
    public KernelSet First(int outputs, int inputs)
    {
        if (outputs >= Outputs && inputs >= Inputs)
            return this;
        (outputs, inputs) = (Math.Min(outputs, Outputs), Math.Min(inputs, Inputs));
        float[] kept = new float[outputs * inputs * Area];
        for (int o = 0; o < outputs; o++)
            Kernel(o)[..(inputs * Area)].CopyTo(kept.AsSpan(o * inputs * Area));
        return new KernelSet(kept, outputs, inputs, Height, Width);
    }

    /// <summary>Describes in words what was left out of a larger set.</summary>
    /// <param name="whole">Set of all kernels.</param>
    public string DescribeWithin(KernelSet whole) => string.Join(", ", new[]
    {
        Outputs < whole.Outputs ? $"first {Outputs} of {whole.Outputs} outputs" : "",
        Inputs < whole.Inputs ? $"first {Inputs} of {whole.Inputs} inputs" : "",
    }.Where(part => part != ""));
}

/// <summary>Scale of weights: by kernel or by layer, from the smallest to the largest or around 0.</summary>
/// <param name="Layer">Facts of all weights.</param>
/// <param name="Scaling">Which weights share a range.</param>
/// <param name="Symmetric">True for 0 in the middle of the colormap.</param>
internal sealed record KernelScale(MapFacts Layer, KernelScaling Scaling, bool Symmetric)
{
    public static KernelScale Of(KernelSet kernels, KernelScaling scaling, bool symmetric) =>
        new(MapFacts.Of(kernels.Weights), scaling, symmetric);

    /// <summary>Makes the scale of a kernel.</summary>
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
        string how = (Scaling == KernelScaling.Kernel ? "each kernel by its own range" : "one range for the layer")
            + (Symmetric ? ", around 0" : "");
        ScaleRule rule = ScaleRule.Of(Symmetric ? ScaleMode.Symmetric : ScaleMode.Layer);
        (string, string, string) labels = Scaling == KernelScaling.Layer ? rule.Labels(Layer.Range)
            : Symmetric ? ("-max", "0", "max")
            : ("min", "", "max");
        return new Legend(title, [.. remarks, how, $"layer {Layer.Range.Short}", odd], labels);
    }
}

/// <summary>Which weights share a range when kernels are drawn.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<KernelScaling>))]
public enum KernelScaling
{
    /// <summary>The weights that make one output channel.</summary>
    Kernel,

    /// <summary>All weights of the layer.</summary>
    Layer,
}
