using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Finds the layers of a model that can be explained.</summary>
public static class AttributionLayers
{
    /// <summary>Tensors that selectors name.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapes">Shapes of a run, as <see cref="Explainer.Shapes"/> gives them.</param>
    /// <param name="selectors">
    /// "last" (the last feature map, of a detector one for each scale), "all", the label of a stage of the card, a tensor's name, or a
    /// pattern with * and ?.
    /// </param>
    /// <param name="behind">Tensors of the targets; null for the model's outputs.</param>
    /// <returns>Names of tensors, each once, in the order of the selectors.</returns>
    /// <exception cref="BadInputException">
    /// Nothing is of that name (the nearest are said), or a tensor has no rows and columns (the nearest that has is said).
    /// </exception>
    public static IReadOnlyList<string> Resolve(OnnxModel model, IReadOnlyDictionary<string, TensorShape> shapes,
        IReadOnlyList<string> selectors, IReadOnlyList<string>? behind = null) =>
        new SpatialLayers(model, shapes).Resolve(selectors, behind);

    /// <summary>Layers worth looking at, the most telling first: the last feature map, ends of stages, the last of each size.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapes">Shapes of a run.</param>
    public static IReadOnlyList<LayerCandidate> Rank(OnnxModel model, IReadOnlyDictionary<string, TensorShape> shapes)
    {
        var layers = new SpatialLayers(model, shapes);
        OnnxGraph graph = model.Inlined.Graph;
        return [.. layers.Rank().Select(layer =>
        {
            (long channels, long height, long width) = layers.Extent(layer.Name)!.Value;
            return new LayerCandidate(layer.Name, graph.Producer(layer.Name)!.OpType, (int)channels, (int)height, (int)width, layer.Reason);
        })];
    }
}

/// <summary>A layer that can be explained.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Operator">Type of the operator that makes it.</param>
/// <param name="Channels">Number of its maps.</param>
/// <param name="Height">Rows of a map.</param>
/// <param name="Width">Columns of a map.</param>
/// <param name="Reason">Why one would look at it, in words.</param>
public sealed record LayerCandidate(string Name, string Operator, int Channels, int Height, int Width, string Reason);
