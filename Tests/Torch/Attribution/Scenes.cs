using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Tests.Attribution;

/// <summary>Runs of small networks, and what targets see of them.</summary>
internal static class Scenes
{
    /// <summary>Runs a model in ONNX Runtime on noise and keeps what the targets need.</summary>
    public static TargetScene Of(OnnxModel model, TargetResolver resolver, params string[] targets)
    {
        IReadOnlyList<string> tensors = resolver.Tensors(targets);
        using var session = ActivationSession.Open(model, new ActivationOptions { Tensors = tensors, WithOutputs = true });
        OnnxValue input = model.Graph.Inputs[0];
        var shape = new TensorShape([.. input.Shape!.Value.Select(dim => dim.Size ?? 1)]);
        using Activations seen = session.Run(TensorData.FromArray(Noise(shape.Count), shape));
        return TargetScene.Of(session.Model.Graph, seen, tensors);
    }

    /// <summary>A detector as exporters write it end to end: 16 cells → class scores → best class → TopK → boxes [1, 5, 6].</summary>
    public static OnnxModel EndToEndDetector()
    {
        var graph = new GraphBuilder("detector");
        string x = graph.Input("images", ElementType.Float, 1, 3, 16, 16);
        string weight = graph.Initializer("head.weight", TensorData.FromArray(Noise(7 * 3 * 4 * 4), new TensorShape(7, 3, 4, 4)));
        string head = graph.Node("Conv", "head", [x, weight], ("strides", new[] { 4, 4 }));
        string flat = graph.Node("Reshape", "flat", [head, Integers(graph, "s1", 1, 7, 16)]);
        string rows = graph.Node("Transpose", "rows", [flat], ("perm", new[] { 0, 2, 1 }));
        string boxes = graph.Node("Slice", "boxes",
            [rows, Integers(graph, "b0", 0), Integers(graph, "b1", 4), Integers(graph, "b2", 2)]);
        string logits = graph.Node("Slice", "logits",
            [rows, Integers(graph, "c0", 4), Integers(graph, "c1", 7), Integers(graph, "c2", -1)]);
        string scores = graph.Node("Sigmoid", "scores", [logits]);
        string best = graph.Node("ReduceMax", "best", [scores], ("axes", new[] { -1 }), ("keepdims", 0));
        graph.Node("TopK", "", "topk", [best, Integers(graph, "k", 5)], ["top", "order"]);
        string order = graph.Node("Unsqueeze", "order3", ["order", Integers(graph, "u", -1)]);
        string wide = graph.Node("Expand", "order4", [order, Integers(graph, "e", 1, 5, 4)]);
        string chosen = graph.Node("GatherElements", "chosen", [boxes, wide], ("axis", 1));
        string top = graph.Node("Unsqueeze", "top3", ["top", Integers(graph, "u2", 2)]);
        string classes = graph.Node("ArgMax", "class", [scores], ("axis", 2), ("keepdims", 0));
        string picked = graph.Node("GatherElements", "class5", [classes, "order"], ("axis", 1));
        string number = graph.Node("Unsqueeze", "class6",
            [graph.Node("Cast", "classf", [picked], ("to", (int)ElementType.Float)), Integers(graph, "u3", 2)]);
        graph.Output(graph.Node("Concat", "output", [chosen, top, number], ("axis", 2)), ElementType.Float, 1, 5, 6);
        return graph.Build();
    }

    /// <summary>A segmenter: 3 classes on a map of 8×8 for pictures of 16×16.</summary>
    public static OnnxModel Segmenter()
    {
        var graph = new GraphBuilder("segmenter");
        string x = graph.Input("x", ElementType.Float, 1, 3, 16, 16);
        string weight = graph.Initializer("w", TensorData.FromArray(Noise(3 * 3 * 2 * 2), new TensorShape(3, 3, 2, 2)));
        string map = graph.Node("Conv", "map", [x, weight], ("strides", new[] { 2, 2 }));
        graph.Output(graph.Node("Softmax", "seg", [map], ("axis", 1)), ElementType.Float, 1, 3, 8, 8);
        return graph.Build(new ModelCard { Labels = ["sky", "sea", "sand"] });
    }

    /// <summary>Scores of some classes behind a softmax, of a vector.</summary>
    public static OnnxModel Classifier(string behind, params string[] labels)
    {
        var graph = new GraphBuilder("classifier");
        string x = graph.Input("x", ElementType.Float, 1, 4);
        int classes = Math.Max(1, labels.Length == 2 && behind == "Sigmoid" ? 1 : labels.Length);
        string weight = graph.Initializer("w", TensorData.FromArray(Noise(4 * classes), new TensorShape(4, classes)));
        string logits = graph.Node("MatMul", "fc", [x, weight]);
        graph.Output(graph.Node(behind, "prob", [logits]), ElementType.Float, 1, classes);
        return graph.Build(new ModelCard { Labels = labels.Length > 1 ? labels : null });
    }

    public static float[] Noise(long count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, (int)count).Select(_ => (float)(2 * random.NextDouble() - 1))];
    }

    private static string Integers(GraphBuilder graph, string name, params long[] values) =>
        graph.Initializer(name, TensorData.FromArray(values, new TensorShape(values.Length)));
}
