namespace CnnOnnx.Onnx;

/// <summary>
/// Stages of a network that no model card names: parts in which maps keep their size. Each ends with the last tensor of that size,
/// as VGG's pools, ResNet's layers and Swin's blocks do.
/// </summary>
internal static class Stages
{
    private const int FewestAxes = 4;

    // Convolutions without pads take a row at each edge; that is no other size.
    private const double Step = 1.25;

    // Rows and columns a value of a map stands for, where the sizes themselves are open.
    private static readonly Dictionary<string, Func<ConstantOperands, OnnxNode, double>> Steps = new()
    {
        ["Conv"] = (_, node) => Stride(node),
        ["FusedConv"] = (_, node) => Stride(node),
        ["ConvInteger"] = (_, node) => Stride(node),
        ["QLinearConv"] = (_, node) => Stride(node),
        ["MaxPool"] = (_, node) => Stride(node),
        ["AveragePool"] = (_, node) => Stride(node),
        ["LpPool"] = (_, node) => Stride(node),
        ["ConvTranspose"] = (_, node) => 1 / Stride(node),
        ["SpaceToDepth"] = (_, node) => node.Int("blocksize", 1),
        ["DepthToSpace"] = (_, node) => 1.0 / Math.Max(1, node.Int("blocksize", 1)),
        ["Resize"] = (constants, node) => 1 / Factor(constants, node, node.Inputs.Length > 2 ? 2 : 1),
        ["Upsample"] = (constants, node) => 1 / Factor(constants, node, 1),
    };

    // Behind these there is no map any more, or another one.
    private static readonly HashSet<string> Ends =
        ["GlobalAveragePool", "GlobalMaxPool", "Flatten", "Reshape", "Gemm", "ReduceMean", "ReduceMax", "ReduceSum", "Squeeze"];

    // A size counts that one of these makes: no picture that is only shifted and scaled.
    private static readonly OperatorFamily[] Makers = [OperatorFamily.Convolution, OperatorFamily.Dense, OperatorFamily.Pooling];

    /// <summary>The stages that the card names, else those that are found: label → name of the tensor that ends the stage.</summary>
    /// <param name="model">A model without calls of local functions.</param>
    /// <param name="typeOf">Type and shape of a tensor, as far as they are known; the file's declarations when null.</param>
    /// <returns>From input to output; found ones are labelled stage1, stage2 and so on. Empty for a model without maps.</returns>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(OnnxModel model, Func<string, OnnxValue?>? typeOf = null) =>
        model.Card.Stages ?? Find(model.Graph, typeOf ?? model.Graph.Declared);

    /// <summary>Finds the last tensor of each size of maps.</summary>
    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="typeOf">Type and shape of a tensor, as far as they are known.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Find(OnnxGraph graph, Func<string, OnnxValue?> typeOf)
    {
        IReadOnlyDictionary<string, string> plumbing = Plumbing.Of(graph, typeOf);
        ChannelLayouts layouts = ChannelLayouts.Of(graph);
        Dictionary<string, double> steps = StepsOf(graph);
        (string Name, OnnxValue? Value)[] tensors = [.. graph.NodeOutputs
            .Where(name => !plumbing.ContainsKey(name) && steps.ContainsKey(name)).Select(name => (name, typeOf(name)))];
        bool areSizesKnown = tensors.Any(t => HasMaps(t.Value)) && tensors.Where(t => HasMaps(t.Value)).All(t => SideOf(t) is not null);

        var stages = new List<Stage>();
        foreach ((string Name, OnnxValue? Value) tensor in tensors)
        {
            OnnxNode node = graph.Producer(tensor.Name)!;
            double side = (areSizesKnown ? SideOf(tensor) : 1 / steps[tensor.Name]) ?? 0;
            // What an operator pads in front of a layer is no size of its own.
            if (side == 0 || double.IsNaN(side) || node.OpType == "Pad" || tensor.Value?.ElementType == Tensors.ElementType.Bool)
                continue;
            bool isMade = Makers.Contains(OperatorFacts.Of(node).Family);
            int at = stages.FindIndex(stage => Math.Max(stage.Side, side) / Math.Min(stage.Side, side) < Step);
            if (at < 0)
                stages.Add(new Stage(side, tensor.Name, isMade));
            else
                stages[at] = stages[at] with { Last = tensor.Name, IsMade = stages[at].IsMade || isMade };
        }

        int[] order = [.. tensors.Select(tensor => stages.FindIndex(stage => stage.IsMade && stage.Last == tensor.Name))
            .Where(i => i >= 0)];
        return [.. order.Select((at, i) => KeyValuePair.Create($"stage{i + 1}", stages[at].Last))];

        // Null where it is not known, 0 for a map of one value.
        double? SideOf((string Name, OnnxValue? Value) tensor)
        {
            if (!HasMaps(tensor.Value))
                return null;
            var dims = tensor.Value!.Shape!.Value;
            var places = layouts.Of(tensor.Name, dims.Length).Layout == Tensors.ChannelLayout.Last ? dims[1..^1] : dims[2..];
            double area = places.Aggregate(1.0, (product, dim) => product * (dim.Size ?? double.NaN));
            return double.IsNaN(area) ? null : area == 1 ? 0 : Math.Pow(area, 1.0 / places.Length);
        }
    }

    // Maps of about one size.
    private sealed record Stage(double Side, string Last, bool IsMade);

    private static bool HasMaps(OnnxValue? value) => value?.Shape is { Length: >= FewestAxes };

    private static Dictionary<string, double> StepsOf(OnnxGraph graph)
    {
        HashSet<string> varying = TensorSelection.Varying(graph);
        var constants = new ConstantOperands(graph.Proto, "");
        var steps = graph.Inputs.Where(input => input.Shape is null or { Length: >= FewestAxes })
            .ToDictionary(input => input.Name, _ => 1.0);
        foreach (OnnxNode node in graph.Nodes)
        {
            double[] before = [.. node.Inputs.Where(steps.ContainsKey).Select(name => steps[name])];
            // A product of two that vary, as in attention, has other axes; a layer's with its weight keeps the places.
            // A layer behind a change of shape, as ShuffleNet's, makes maps again; of what size no step tells.
            if (before.Length == 0 && Makers[..1].Contains(OperatorFacts.Of(node).Family) && node.Inputs.Any(varying.Contains))
                before = [double.NaN];
            if (before.Length == 0 || Ends.Contains(node.OpType) || (node.OpType == "MatMul" && node.Inputs.All(varying.Contains)))
                continue;
            double own = Steps.TryGetValue(node.OpType, out var step) ? step(constants, node) : 1;
            foreach (string output in node.Outputs.Where(o => o.Length > 0))
                steps[output] = before.Min() * own;
        }

        return steps;
    }

    private static double Stride(OnnxNode node) => Math.Max(1, node.Ints("strides")?.LastOrDefault() ?? 1);

    // The factor of the last axis; 1 where a run alone knows it.
    private static double Factor(ConstantOperands constants, OnnxNode node, int operand) =>
        constants.Of(node, operand) is [.., > 0 and var factor] ? factor
        : node.Floats("scales") is [.., > 0 and var attribute] ? attribute : 1;
}
