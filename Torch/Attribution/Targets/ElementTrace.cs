using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Follows one number of a run back through nodes that only move numbers (Gather, TopK, Reshape, Concat …) to the tensor in which it was
/// computed. What these nodes chose, their indices, are constants of that run. A sigmoid or softmax on the way is passed too: in
/// front of it the gradient does not vanish where the score is sure.
/// </summary>
/// <param name="scene">The run, with the tensors of <see cref="Needed"/>.</param>
internal sealed class ElementTrace(TargetScene scene)
{
    // No exporter writes so long a tail; what goes on for longer goes in a circle.
    private const int MostSteps = 200;

    /// <summary>Tensors whose shapes or values it takes to follow elements of some tensors back: those up to the last layers.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="tensors">Names of the tensors to start from.</param>
    public static IReadOnlySet<string> Needed(OnnxGraph graph, IEnumerable<string> tensors)
    {
        var needed = new HashSet<string>();
        var open = new Stack<string>(tensors);
        while (open.TryPop(out string? tensor))
        {
            if (!needed.Add(tensor) || graph.Producer(tensor) is not { } node || !ElementMoves.Knows(node))
                continue;
            foreach (string input in node.Inputs.Where(name => name.Length > 0))
                if (ElementMoves.IsData(node, input))
                    open.Push(input);
                else
                    needed.Add(input);
            needed.UnionWith(node.Outputs.Where(name => name.Length > 0));
        }

        return needed;
    }

    /// <summary>Follows an element back as far as it is only moved.</summary>
    /// <param name="start">The element; its weight is kept.</param>
    /// <param name="throughScores">True to go on in front of a sigmoid or softmax.</param>
    public TracedElement Back(TargetTerm start, bool throughScores)
    {
        (string tensor, long[] index) = (start.Tensor, [.. start.Index]);
        List<string> path = [];
        string? passed = null;
        for (int step = 0; step < MostSteps; step++)
        {
            if (scene.Graph.Producer(tensor) is not { } node || !ElementMoves.Knows(node))
                break;
            bool isScore = ElementMoves.IsScore(node);
            if ((isScore && (!throughScores || passed is not null))
                || ElementMoves.Before(node, tensor, index, scene) is not { } before)
                break;
            if (isScore)
                passed = $"{node.OpType} '{node.Name}'";
            path.Add(node.OpType);
            (tensor, index) = before;
        }

        return new TracedElement(new TargetTerm(tensor, index, start.Weight), path, passed);
    }
}

/// <summary>The place where a number was computed.</summary>
/// <param name="Term">The element there.</param>
/// <param name="Path">Types of the nodes that were passed, from the end of the graph on.</param>
/// <param name="Passed">The sigmoid or softmax that was passed, in words; null for none.</param>
internal sealed record TracedElement(TargetTerm Term, IReadOnlyList<string> Path, string? Passed)
{
    /// <summary>Element as "output[0,4,7]".</summary>
    public string Place => $"{Term.Tensor}[{string.Join(',', Term.Index)}]";

    /// <summary>Words for a description; empty where nothing was passed.</summary>
    public string Words => Path.Count == 0 ? ""
        : $", found back through {string.Join(", ", Path.Distinct())}{(Passed is null ? "" : $" and so before {Passed}")}";

    /// <summary>True when something was passed.</summary>
    public bool HasMoved => Path.Count > 0;

    /// <summary>Checks an index against a shape.</summary>
    internal static bool Fits(IReadOnlyList<long> index, TensorShape shape) =>
        index.Count == shape.Rank && index.Select((place, axis) => place >= 0 && place < shape[axis]).All(inside => inside);
}
