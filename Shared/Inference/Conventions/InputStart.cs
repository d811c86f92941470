using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>
/// The first nodes behind a picture: the shifts and scales by which the graph itself normalises it, the range that a quantised model
/// gives it, and the first convolution.
/// </summary>
internal sealed record InputStart
{
    // Longer than any exporter's preprocessing.
    private const int MostSteps = 32;

    // Nodes that leave the values as they are, or in another order.
    private static readonly HashSet<string> Passing =
        ["Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Pad", "Dropout", "DequantizeLinear", "Resize", "Upsample"];

    // What shapes are read with.
    private static readonly HashSet<string> Asking = ["Shape", "Size"];

    /// <summary>Values that the graph subtracts, one a channel or one for all; null where it does not.</summary>
    public double[]? Mean { get; private init; }

    /// <summary>Values that it divides by; null where it does not.</summary>
    public double[]? Std { get; private init; }

    /// <summary>The node that does so, in words.</summary>
    public string By { get; private init; } = "";

    /// <summary>The channels come in another order before that.</summary>
    public bool IsReordered { get; private init; }

    /// <summary>Smallest and largest value that the quantised input can hold, in the picture's units.</summary>
    public (double Low, double High)? Quantized { get; private init; }

    /// <summary>The first convolution; null where something else comes first.</summary>
    public OnnxNode? Convolution { get; private init; }

    /// <summary>Walks from an input to the first node that computes with it.</summary>
    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="input">Name of the input.</param>
    /// <param name="channels">Number of its channels.</param>
    public static InputStart Of(OnnxGraph graph, string input, int channels)
    {
        var start = new InputStart();
        // x = factor · picture + shift, so far.
        (double[] factor, double[] shift) = ([1], [0]);
        string name = input;
        for (int step = 0; step < MostSteps && Next(graph, name) is { } node; step++)
        {
            if (node.OpType == "Conv")
                return start with { Convolution = node };
            if (node.OpType is "Split" or "Concat" or "Gather")
                start = start with { IsReordered = true };
            else if (node.OpType == "QuantizeLinear")
                start = start with { Quantized = RangeOf(graph, node, factor, shift) };
            else if (node.OpType == "BatchNormalization" && Statistics(graph, node, channels) is var (mean, deviation))
                return start with
                {
                    Mean = [.. mean.Select((m, c) => (m - At(shift, c)) / At(factor, c))],
                    Std = [.. deviation.Select((d, c) => d / At(factor, c))],
                    By = $"BatchNormalization '{node.Name}'",
                    Convolution = Next(graph, node.Outputs[0]) is { OpType: "Conv" } first ? first : null,
                };
            else if (Affine(graph, node, name, channels) is var (times, plus))
            {
                int count = Math.Max(Math.Max(factor.Length, shift.Length), Math.Max(times.Length, plus.Length));
                double[] old = shift, before = factor;
                shift = [.. Enumerable.Range(0, count).Select(c => At(old, c) * At(times, c) + At(plus, c))];
                factor = [.. Enumerable.Range(0, count).Select(c => At(before, c) * At(times, c))];
                double[] by = factor, off = shift;
                if (by.Any(f => f == 0))
                    return start;
                start = start with
                {
                    Mean = [.. off.Select((s, c) => -s / At(by, c))],
                    Std = [.. by.Select(f => 1 / f)],
                    By = start.By.Length > 0 ? start.By : $"{node.OpType} '{node.Name}'",
                };
            }
            else if (!Passing.Contains(node.OpType))
                return start;
            name = node.Outputs[0];
        }

        return start;
    }

    private static OnnxNode? Next(OnnxGraph graph, string name)
    {
        OnnxNode[] readers = [.. graph.Nodes.Where(n => n.Inputs.Contains(name) && !Asking.Contains(n.OpType))];
        return readers.FirstOrDefault(n => n.OpType == "Conv") ?? readers.FirstOrDefault();
    }

    private static double At(double[] values, int channel) => values.Length == 1 ? values[0] : values[channel];

    // Times and plus of a node that shifts or scales by constants; null for any other.
    private static (double[] Times, double[] Plus)? Affine(OnnxGraph graph, OnnxNode node, string name, int channels)
    {
        if (node.OpType == "ImageScaler")
            return node.Floats("bias") is not { Length: > 0 } bias ? ([node.Float("scale", 1)], [0])
                : bias.Length == channels ? ([node.Float("scale", 1)], Array.ConvertAll(bias, b => (double)b))
                : null;
        if (node.OpType is not ("Add" or "Sub" or "Mul" or "Div") || node.Inputs.Length != 2)
            return null;
        bool isFirst = node.Inputs[0] == name;
        if (PerChannel(graph, node.Inputs[isFirst ? 1 : 0], channels) is not { } other)
            return null;
        return (node.OpType, isFirst) switch
        {
            ("Add", _) => ([1], other),
            ("Sub", true) => ([1], [.. other.Select(value => -value)]),
            ("Sub", false) => ([-1], other),
            ("Mul", _) => (other, [0]),
            ("Div", true) => ([.. other.Select(value => 1 / value)], [0]),
            _ => null,
        };
    }

    private static (double[] Mean, double[] Deviation)? Statistics(OnnxGraph graph, OnnxNode node, int channels) =>
        node.Inputs.Length >= 5 && PerChannel(graph, node.Inputs[3], channels) is { } mean
            && PerChannel(graph, node.Inputs[4], channels) is { } variance && variance.All(v => v > 0)
            ? (mean, [.. variance.Select(Math.Sqrt)])
            : null;

    // One number a channel or one for all; of a whole mean picture its mean by channel.
    private static double[]? PerChannel(OnnxGraph graph, string name, int channels)
    {
        if (ConstantExpression.Of(graph, name) is not { HasData: true } constant)
            return null;
        double[] values = Array.ConvertAll(constant.Load(), value => (double)value);
        long[] dims = [.. constant.Shape.Dims];
        int axis = Array.FindIndex(dims, size => size == channels);
        if (values.Length == 1)
            return values;
        if (axis < 0 || values.Length == 0)
            return null;
        long behind = dims[(axis + 1)..].Aggregate(1L, (product, size) => product * size);
        return [.. Enumerable.Range(0, channels).Select(c => values.Where((_, i) => i / behind % channels == c).Average())];
    }

    private static (double, double)? RangeOf(OnnxGraph graph, OnnxNode node, double[] factor, double[] shift)
    {
        if (factor is not [var times] || shift is not [var plus] || node.Inputs.Length < 2
            || ConstantExpression.Of(graph, node.Inputs[1]) is not { HasData: true, Shape.Count: 1 } scale)
            return null;
        OnnxTensor? zero = node.HasInput(2) ? graph.Initializer.GetValueOrDefault(node.Inputs[2]) : null;
        double offset = zero is { HasData: true, Shape.Count: 1 } ? zero.Load().ToFloats()[0] : 0;
        (double low, double high) = zero?.ElementType == ElementType.Int8 ? (-128, 127) : (0, 255);
        double step = scale.Load()[0];
        return (((low - offset) * step - plus) / times, ((high - offset) * step - plus) / times);
    }
}
