using System.Runtime.InteropServices;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Training;

/// <summary>
/// A small classifier as quantisers write them: integers with scales for weights, QuantizeLinear and DequantizeLinear around each layer,
/// and no ReLU, since the smallest integer behind the convolution stands for 0.
/// </summary>
internal static class QuantizedGraph
{
    public const int Side = 8, Maps = 8, Classes = 3;

    public const float InputStep = 0.02f, MapStep = 0.01f, MeanStep = 0.01f, ScoreStep = 0.02f, MatrixStep = 0.005f;

    /// <summary>Scales of the convolution's maps.</summary>
    public static float[] KernelSteps { get; } = [.. Enumerable.Range(0, Maps).Select(map => 0.002f + (0.0003f * map))];

    public static sbyte[] Kernels { get; } = Integers(Maps * 9, 5);

    public static sbyte[] Matrix { get; } = Integers(Maps * Classes, 6);

    /// <summary>The graph, of any batch, for grey pictures of 8x8.</summary>
    public static OnnxModel Build()
    {
        var graph = new GraphBuilder("quantized");
        string x = graph.Input("x", ElementType.Float, "batch", 1, Side, Side);
        string given = Around(graph, x, "x", InputStep, 128);
        string kernels = graph.Node("DequantizeLinear", "conv.weight_dequantized",
        [
            graph.Initializer("conv.weight_quantized", new TensorData(
                ElementType.Int8, new TensorShape(Maps, 1, 3, 3), MemoryMarshal.AsBytes(Kernels.AsSpan()).ToArray())),
            graph.Initializer("conv.weight_scale", TensorData.FromArray(KernelSteps, new TensorShape(Maps))),
            graph.Initializer("conv.weight_zero_point", new TensorData(ElementType.Int8, new TensorShape(Maps), new byte[Maps])),
        ], ("axis", 0));
        int[] bias = [.. Enumerable.Range(0, Maps).Select(map => (map * 100) - 300)];
        string biases = graph.Node("DequantizeLinear", "conv.bias_dequantized",
        [
            graph.Initializer("conv.bias_quantized", new TensorData(
                ElementType.Int32, new TensorShape(Maps), MemoryMarshal.AsBytes(bias.AsSpan()).ToArray())),
            graph.Initializer("conv.bias_scale",
                TensorData.FromArray([.. KernelSteps.Select(step => step * InputStep)], new TensorShape(Maps))),
        ], ("axis", 0));
        string map = graph.Node("Conv", "map_QuantizeInput", [given, kernels, biases]);
        // The pool chooses among integers.
        string integers = Quantized(graph, map, "map", MapStep, 0);
        string pooled = graph.Node("MaxPool", "pooled_quantized", [integers], ("kernel_shape", new long[] { 2, 2 }),
            ("strides", new long[] { 2, 2 }));
        string mean = graph.Node("GlobalAveragePool", "mean_QuantizeInput",
            [graph.Node("DequantizeLinear", "pooled_dequantized", [pooled, "map_scale", "map_zero_point"])]);
        string flat = graph.Node("Flatten", "flat", [Around(graph, mean, "mean", MeanStep, 0)]);
        string matrix = graph.Node("DequantizeLinear", "fc.weight_dequantized",
        [
            graph.Initializer("fc.weight_quantized", new TensorData(
                ElementType.Int8, new TensorShape(Maps, Classes), MemoryMarshal.AsBytes(Matrix.AsSpan()).ToArray())),
            graph.Initializer("fc.weight_scale", TensorData.FromArray([MatrixStep], new TensorShape())),
        ]);
        string product = Around(graph, graph.Node("MatMul", "product_QuantizeInput", [flat, matrix]), "product", ScoreStep, 128);
        _ = graph.Node("Add", "scores",
            [product, graph.Initializer("fc.bias", TensorData.FromArray([0.1f, -0.1f, 0.05f], new TensorShape(Classes)))]);
        graph.Output("scores", ElementType.Float, "batch", Classes);
        return graph.Build(new ModelCard { Labels = ["a", "b", "c"] });
    }

    private static string Around(GraphBuilder graph, string tensor, string name, float step, byte zero) =>
        graph.Node("DequantizeLinear", name + "_dequantized",
            [Quantized(graph, tensor, name, step, zero), name + "_scale", name + "_zero_point"]);

    private static string Quantized(GraphBuilder graph, string tensor, string name, float step, byte zero) =>
        graph.Node("QuantizeLinear", name + "_quantized",
        [
            tensor, graph.Initializer(name + "_scale", TensorData.FromArray([step], new TensorShape())),
            graph.Initializer(name + "_zero_point", new TensorData(ElementType.UInt8, new TensorShape(), new[] { zero })),
        ]);

    private static sbyte[] Integers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];
    }
}
