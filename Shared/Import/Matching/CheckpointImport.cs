using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Import;

/// <summary>Choices of bringing a checkpoint onto a graph.</summary>
public sealed record CheckpointOptions
{
    /// <summary>
    /// Number that a BatchNormalization which is folded into a layer adds to its variance. When null, the one that the graph's own
    /// values show, or else PyTorch's 1e-5. One that is a node of the graph keeps the graph's.
    /// </summary>
    public double? BatchNormEpsilon { get; init; }

    /// <summary>
    /// Takes what neither a name nor anything else identifies in the order of graph and checkpoint, where all shapes agree.
    /// </summary>
    public bool ByOrder { get; init; }
}

/// <summary>
/// Puts the weights of a checkpoint into an ONNX graph that was exported from its network. Layers are identified by names, by the
/// module paths in names of nodes, by values that are the same, or by a shape that occurs once; BatchNormalization is folded where
/// the exporter has folded it.
/// <code>
/// using WeightFile weights = WeightFile.Open("resnet18.pth");
/// using WeightedModel model = CheckpointImport.Onto(OnnxModel.Read("resnet18.onnx"), weights);
/// model.Save("trained.onnx");
/// </code>
/// </summary>
public static class CheckpointImport
{
    /// <summary>Finds the place of every weight. The file has to stay open until the result is saved.</summary>
    /// <param name="model">The graph; it stays as it is.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="options">Choices; the usual ones when null.</param>
    /// <exception cref="BadInputException">A weight of the graph is not in the checkpoint: the message names the first.</exception>
    public static WeightedModel Onto(OnnxModel model, WeightFile weights, CheckpointOptions? options = null)
    {
        options ??= new CheckpointOptions();
        if (options.BatchNormEpsilon is { } epsilon && epsilon is not (> 0 and <= 1))
            throw new BadInputException($"the epsilon of BatchNormalization is {epsilon}, expected above 0 and at most 1");
        OnnxModel own = model.Inlined.WithConstantWeights().WithOwnInitializers();
        IReadOnlyList<GraphLayer> layers = GraphLayer.Of(own.Graph);
        WeightTensor[] tensors = [.. weights.Tensors.Where(t => FloatConversion.CanConvert(t.Type))];
        var names = CheckpointNames.Find(tensors, own.Graph, layers);
        IReadOnlyList<CheckpointModule> modules = CheckpointModule.Of(tensors, names.Of);
        IReadOnlyDictionary<GraphLayer, Found> found = CheckpointMatch.Find(layers, modules, options.BatchNormEpsilon, options.ByOrder);
        var placing = new WeightPlacing(own, weights, names, modules, options);
        foreach (GraphLayer layer in layers)
            if (found.TryGetValue(layer, out Found? module))
                placing.Place(layer, module, found);
        placing.PlaceByName();
        placing.RequireAll(layers);
        return new WeightedModel(own, placing.Fillings.Load, [.. weights.Remarks.Select(r => $"{weights.Path}: {r}"),
            .. placing.Remarks(layers, found)]);
    }
}

/// <summary>Weights of a graph that a checkpoint does not have. The message is one line; the lists have a line for each.</summary>
/// <param name="message">Names the first on either side.</param>
/// <param name="missing">Weights of the graph, with shape, node and the nearest name of those that are left.</param>
/// <param name="left">Tensors of the checkpoint that went nowhere, with shape and the nearest name.</param>
internal sealed class UnmatchedWeightsException(string message, IReadOnlyList<string> missing, IReadOnlyList<string> left)
    : BadInputException(message)
{
    public IReadOnlyList<string> Missing => missing;

    public IReadOnlyList<string> Left => left;
}
