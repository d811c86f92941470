using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Training;

/// <summary>Small classifiers for grey 8x8 pictures with five classes, with weights, in the forms that exporters write.</summary>
internal static class HeadGraphs
{
    public const int Classes = 5;

    /// <summary>By name: how the scores come from a map [N, 4, 6, 6].</summary>
    public static OnnxModel Build(string form)
    {
        var graph = new GraphBuilder(form);
        string x = graph.Input("x", ElementType.Float, "batch", 1, 8, 8);
        string map = graph.Node(
            "Relu", "map", [graph.Node("Conv", "conv", [x, Random(graph, "conv.weight", 4, 1, 3, 3), Random(graph, "conv.bias", 4)])]);
        string output = Forms[form](graph, map);
        graph.Output(output, ElementType.Float, "batch", Classes);
        return graph.Build(new ModelCard { Labels = ["v", "w", "x", "y", "z"], Stages = [KeyValuePair.Create("features", "map")] });
    }

    public static Dictionary<string, Func<GraphBuilder, string, string>> Forms { get; } = new()
    {
        ["gemm"] = (graph, map) => graph.Node("Gemm", "scores",
            [Flat(graph, map), Random(graph, "fc.weight", Classes, 144), Random(graph, "fc.bias", Classes)], ("transB", 1)),
        ["gemm not transposed"] = (graph, map) =>
            graph.Node("Gemm", "scores", [Flat(graph, map), Random(graph, "fc.weight", 144, Classes)]),
        ["gemm and softmax"] = (graph, map) => graph.Node("Softmax", "probabilities",
            [graph.Node("Gemm", "scores", [Flat(graph, map), Random(graph, "fc.weight", 144, Classes), Random(graph, "fc.bias", Classes)])],
                ("axis", 1)),
        ["normalization and gemm"] = (graph, map) => graph.Node("Gemm", "scores",
            [Flat(graph, graph.Node("BatchNormalization", "normal",
                [map, .. new[] { "norm.weight", "norm.bias", "norm.mean" }.Select(name => Random(graph, name, 4)),
                    graph.Initializer("norm.variance", TensorData.FromArray([1f, 2, 3, 4], new TensorShape(4)))])),
                Random(graph, "fc.weight", 144, Classes)]),
        ["matmul and add"] = (graph, map) => graph.Node("Add", "scores",
            [graph.Node("MatMul", "product", [Flat(graph, map), Random(graph, "fc.weight", 144, Classes)]),
                Random(graph, "fc.bias", Classes)]),
        ["conv and pool"] = (graph, map) => graph.Node("Flatten", "scores",
            [graph.Node("GlobalAveragePool", "pooled",
                [graph.Node("Conv", "head", [map, Random(graph, "fc.weight", Classes, 4, 1, 1), Random(graph, "fc.bias", Classes)])])]),
        ["conv, pool and reshape"] = (graph, map) => graph.Node("Softmax", "probabilities",
            [graph.Node("Reshape", "scores",
                [graph.Node("GlobalAveragePool", "pooled",
                    [graph.Node("Conv", "head", [map, Random(graph, "fc.weight", Classes, 4, 1, 1)])]),
                graph.Initializer("shape", TensorData.FromArray([-1L, Classes], new TensorShape(2)))])]),
    };

    /// <summary>An initializer that is the same each time.</summary>
    public static string Random(GraphBuilder graph, string name, params long[] dims)
    {
        var random = new Random(dims.Length + (int)dims[0]);
        var shape = new TensorShape(dims);
        return graph.Initializer(
            name, TensorData.FromArray([.. Enumerable.Range(0, (int)shape.Count).Select(_ => (float)(random.NextDouble() - 0.5))], shape));
    }

    private static string Flat(GraphBuilder graph, string map) => graph.Node("Flatten", "flat", [map]);
}
