using System.IO.Enumeration;

namespace CnnOnnx.Onnx;

/// <summary>
/// Which tensors of a graph are wanted. Conditions combine: a tensor has to meet all that are given; First and Last then
/// count among those that do.
/// </summary>
public sealed record TensorSelection
{
    /// <summary>Tensor names with * and ?; empty for every name.</summary>
    public IReadOnlyList<string> Globs { get; init; } = [];

    /// <summary>Operator types such as Conv and Relu, without regard to case; empty for all.</summary>
    public IReadOnlyList<string> Ops { get; init; } = [];

    /// <summary>Number of tensors taken from the start of those chosen; null for no limit.</summary>
    public int? First { get; init; }

    /// <summary>
    /// Number of tensors taken from the end of those chosen; null for no limit. With <see cref="First"/>: both ends.
    /// </summary>
    public int? Last { get; init; }

    /// <summary>
    /// Keeps only the ends of stages: those that the model card names, else the last tensor of each size of maps.
    /// </summary>
    public bool StagesOnly { get; init; }

    /// <summary>Also tensors that are the same whatever the input is, such as Constant nodes and dequantised weights.</summary>
    public bool Constants { get; init; }

    /// <summary>Number of channels that are drawn of each chosen tensor; null for all.</summary>
    public int? MaxChannels { get; init; }

    internal bool IsEverything => Globs.Count + Ops.Count == 0 && First is null && Last is null && !StagesOnly;

    /// <summary>Applies the selection to the tensors that the graph's nodes make.</summary>
    /// <param name="model">The model, whose card names the stages.</param>
    /// <exception cref="BadInputException">Nothing is left, or an operator, a name or the stages are not in the model.</exception>
    public SelectionResult Choose(OnnxModel model) => Choose(model, null);

    /// <inheritdoc cref="Choose(OnnxModel)"/>
    /// <param name="model">The model.</param>
    /// <param name="typeOf">Types and shapes, by which stages are found; the file's declarations when null.</param>
    internal SelectionResult Choose(OnnxModel model, Func<string, OnnxValue?>? typeOf)
    {
        HashSet<string> stages = StagesOnly ? [.. Stages.Of(model, typeOf).Select(s => s.Value)] : [];
        CheckWords(model, stages);
        HashSet<string> varying = Varying(model.Graph);
        (string Reason, Func<string, OnnxNode, bool> Keeps)[] filters =
        [
            ("constants", (name, _) => Constants || varying.Contains(name)),
            ("of other names", (name, _) => Globs.Count == 0 || Globs.Any(glob => Matches(glob, name))),
            ("made by other operators", (_, node) => Ops.Count == 0 || Ops.Contains(node.OpType, StringComparer.OrdinalIgnoreCase)),
            ("not the end of a stage", (name, _) => !StagesOnly || stages.Contains(name)),
        ];

        var chosen = new List<string>();
        var leftOut = filters.ToDictionary(f => f.Reason, _ => 0);
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            foreach (string name in node.Outputs.Where(o => o.Length > 0))
            {
                string? reason = filters.FirstOrDefault(f => !f.Keeps(name, node)).Reason;
                if (reason is null)
                    chosen.Add(name);
                else
                    leftOut[reason]++;
            }
        }

        int matching = chosen.Count;
        if (First is not null || Last is not null)
            chosen = [.. chosen.Where((_, i) => i < (First ?? 0) || i >= matching - (Last ?? 0))];
        leftOut["beyond the first and last"] = matching - chosen.Count;
        if (chosen.Count == 0)
            throw new BadInputException($"{model.Source}: no tensor is left of {leftOut.Values.Sum()} ({Describe(leftOut)})");
        return new SelectionResult(chosen, [.. leftOut.Where(l => l.Value > 0).Select(l => new KeyValuePair<string, int>(l.Key, l.Value))]);
    }

    /// <summary>The tensors that depend on what the model is given.</summary>
    internal static HashSet<string> Varying(OnnxGraph graph)
    {
        HashSet<string> varying = [.. graph.Inputs.Select(i => i.Name)];
        foreach (OnnxNode node in graph.Nodes)
            if (graph.Inputs.IsEmpty || NodeOrder.UsedNames(node).Any(varying.Contains))
                varying.UnionWith(node.Outputs);
        return varying;
    }

    internal static bool Matches(string glob, string name) =>
        glob == name
        || FileSystemName.MatchesSimpleExpression(glob.Replace(@"\", @"\\", StringComparison.Ordinal), name, ignoreCase: false);

    private void CheckWords(OnnxModel model, HashSet<string> stages)
    {
        string[] names = [.. model.Graph.NodeOutputs];
        foreach (string glob in Globs)
            if (!names.Any(name => Matches(glob, name)))
                throw new BadInputException(
                    $"{model.Source}: no tensor is named '{glob}'{NearestName.Hint(glob, names)}; its {names.Length} tensors are"
                        + $" {Some(names)}");
        string[] ops = [.. model.Graph.Nodes.Select(n => n.OpType).Distinct()];
        foreach (string op in Ops)
            if (!ops.Contains(op, StringComparer.OrdinalIgnoreCase))
                throw new BadInputException($"{model.Source}: no node is of type '{op}'; its operators are {Some(ops)}");
        if (StagesOnly && stages.Count == 0)
            throw new BadInputException($"{model.Source}: its stages are wanted, but no model card names them and it makes no maps");
    }

    private static string Some(string[] words) => string.Join(", ", words.Take(8)) + (words.Length > 8 ? ", …" : "");

    private static string Describe(Dictionary<string, int> leftOut) =>
        string.Join(", ", leftOut.Where(l => l.Value > 0).Select(l => $"{l.Value} {l.Key}"));
}

/// <summary>The tensors that a selection chose, in graph order, and why others were left out.</summary>
/// <param name="Chosen">Tensor names.</param>
/// <param name="LeftOut">Reason → how many tensors it took; only reasons that took some.</param>
public sealed record SelectionResult(IReadOnlyList<string> Chosen, IReadOnlyList<KeyValuePair<string, int>> LeftOut)
{
    /// <summary>One line: "65 of 96 tensors (31 constants)".</summary>
    public override string ToString()
    {
        int all = Chosen.Count + LeftOut.Sum(l => l.Value);
        string reasons = string.Join(", ", LeftOut.Select(l => $"{l.Value} {l.Key}"));
        return reasons.Length == 0 ? $"{all} tensors" : $"{Chosen.Count} of {all} tensors (left out: {reasons})";
    }
}
