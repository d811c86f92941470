using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Tensors of a graph that carry no features: constants, arithmetic on shapes, single numbers. They are in every export and tell
/// nothing about what a network sees.
/// </summary>
internal static class Plumbing
{
    /// <summary>Kinds of plumbing, as they are counted.</summary>
    public const string Constant = "constants", Shapes = "shape arithmetic", Scalar = "single numbers";

    /// <summary>Finds the plumbing among the tensors that the graph's nodes make.</summary>
    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="typeOf">Type and shape of a tensor, as far as they are known; the file's declarations when null.</param>
    /// <returns>Name of a tensor → <see cref="Constant"/>, <see cref="Shapes"/> or <see cref="Scalar"/>.</returns>
    public static IReadOnlyDictionary<string, string> Of(OnnxGraph graph, Func<string, OnnxValue?>? typeOf = null)
    {
        HashSet<string> varying = TensorSelection.Varying(graph), ofShapes = [], outputs = [.. graph.Outputs.Select(o => o.Name)];
        var plumbing = new Dictionary<string, string>();
        foreach (OnnxNode node in graph.Nodes)
        {
            bool isShape = IsShape(node, varying, ofShapes);
            foreach (string output in node.Outputs.Where(o => o.Length > 0))
            {
                if (isShape)
                    ofShapes.Add(output);
                string? reason = !varying.Contains(output) ? Constant
                    : isShape ? Shapes
                    : !outputs.Contains(output) && IsScalar(typeOf is null ? graph.Declared(output) : typeOf(output)) ? Scalar
                    : null;
                if (reason is not null)
                    plumbing.Add(output, reason);
            }
        }

        return plumbing;
    }

    /// <summary>Counts plumbing in words: "120 constants, 31 shape arithmetic"; empty without any.</summary>
    /// <param name="kinds">Kinds of the tensors that are counted.</param>
    public static string Describe(IEnumerable<string> kinds) => string.Join(", ", kinds.GroupBy(kind => kind)
        .OrderByDescending(kind => kind.Count()).Select(kind => $"{kind.Count()} {kind.Key}"));

    /// <summary>Tells whether a tensor of this shape is a single number.</summary>
    public static bool IsScalar(TensorShape shape) => shape.Rank == 0 || (shape.Rank == 1 && shape[0] == 1);

    // Follows from the sizes of what the network is given, whatever the values are.
    private static bool IsShape(OnnxNode node, HashSet<string> varying, HashSet<string> ofShapes)
    {
        if (node.OpType is "Shape" or "Size")
            return true;
        string[] used = [.. NodeOrder.UsedNames(node).Where(name => name.Length > 0 && varying.Contains(name))];
        return used.Length > 0 && used.All(ofShapes.Contains) && OperatorFacts.Of(node).Nondeterministic.Length == 0;
    }

    // No axes, or one of length 1: the ratio of a Dropout, the condition of a Loop, a scale that follows the values.
    private static bool IsScalar(OnnxValue? value) => value?.Shape is { } dims && (dims.IsEmpty || (dims.Length == 1 && dims[0].Size == 1));
}
