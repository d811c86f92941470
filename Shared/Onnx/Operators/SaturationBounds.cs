using System.Numerics;
using System.Runtime.InteropServices;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Where an operation stops answering: values at or beyond a bound carry no more than that it was reached. A lower bound of 0
/// is none: that is what a rectifier is for, and zeros are counted anyway.
/// </summary>
internal readonly record struct SaturationBounds(float Low, float High)
{
    public static SaturationBounds None { get; } = new(float.NegativeInfinity, float.PositiveInfinity);

    public bool Any => this != None;

    /// <summary>How many values are at a bound or beyond.</summary>
    public int Count(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var low = new Vector<float>(Low);
        var high = new Vector<float>(High);
        int count = 0;
        foreach (Vector<float> x in vectors)
            count -= Vector.Sum(Vector.LessThanOrEqual(x, low) | Vector.GreaterThanOrEqual(x, high));
        foreach (float x in values[(vectors.Length * Vector<float>.Count)..])
            count += x <= Low || x >= High ? 1 : 0;
        return count;
    }

    /// <summary>The bounds of the operation that makes a tensor; none for inputs and weights.</summary>
    public static SaturationBounds Of(OnnxGraph graph, string tensor) =>
        graph.Producer(tensor) is { } node ? OperatorFacts.Of(node).Saturation(graph, node) : None;

    /// <summary>Its own bounds: attributes before opset 11, inputs since then.</summary>
    public static SaturationBounds OfClip(OnnxGraph graph, OnnxNode clip)
    {
        float low = Scalar(graph, clip, 1) ?? clip.Float("min", float.NegativeInfinity);
        float high = Scalar(graph, clip, 2) ?? clip.Float("max", float.PositiveInfinity);
        return new SaturationBounds(low == 0 ? float.NegativeInfinity : low, high);
    }

    private static float? Scalar(OnnxGraph graph, OnnxNode node, int input)
    {
        if (!node.HasInput(input))
            return null;
        string name = node.Inputs[input];
        OnnxTensor? constant = graph.Initializer.GetValueOrDefault(name)
            ?? (graph.Producer(name) is { OpType: "Constant" } made ? made.Tensor("value") : null);
        return constant is { HasData: true, Shape.Count: 1 } && FloatConversion.CanConvert(constant.ElementType)
            ? constant.Load().ToFloats()[0]
            : null;
    }
}
