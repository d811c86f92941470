using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// CAM: Σₖ W[c, k]·Aₖ with the weights W of the one linear layer behind a global average pool, without bias. Zhou et al. 2016,
/// https://arxiv.org/abs/1512.04150. Of such networks it is Grad-CAM times the number of places.
/// </summary>
internal static class ClassActivationMap
{
    // Between pool and layer: what neither mixes channels nor weighs them.
    private static readonly HashSet<string> Keeps = ["Flatten", "Reshape", "Squeeze", "Identity", "Dropout", "Cast"];

    public static AttributionMethod Method { get; } = new("cam", AttributionKind.Layer, AttributionNeeds.Activation,
        "Σₖ W[c, k]·Aₖ", "Zhou et al. 2016, https://arxiv.org/abs/1512.04150")
    { ShownPositive = true };

    public static IEnumerable<AttributionMap> Run(Explanation explanation)
    {
        (string layer, ClassifierHead head) = Find(explanation.Parts.Original, explanation.Targets);
        float[] weights = head.Weight.Values.Load();
        (long classes, long channels) = (head.Classes, weights.Length / head.Classes);
        Tensor activation = explanation.ActivationOf(layer)[0].reshape(channels, -1);
        long[] size = explanation.ActivationOf(layer).shape[^2..];
        foreach (AttributionTarget target in explanation.Targets)
        {
            float[] sum = new float[channels];
            foreach (TargetTerm term in target.Terms)
                for (long k = 0; k < channels; k++)
                    sum[k] += term.Weight * weights[head.ClassAxis == 0 ? term.Index[1] * channels + k : k * classes + term.Index[1]];
            Tensor map = tensor(sum, device: activation.device).unsqueeze(0).mm(activation).reshape(size);
            yield return explanation.Map(Method, layer, target, map);
        }
    }

    /// <summary>The layer in front of the pool and the linear layer behind it.</summary>
    /// <exception cref="OnnxException">The model is not of this form, or a target is not a class score.</exception>
    public static (string Layer, ClassifierHead Head) Find(OnnxModel model, IReadOnlyList<AttributionTarget> targets)
    {
        OnnxException Refusal(string found) => new(model.Source,
            $"cam needs a global average pool with one linear layer behind it, {found}; grad-cam is the same for such networks and has no "
            + "such condition");
        ClassifierHead head = ClassifierHead.Find(model);
        if (targets.SelectMany(target => target.Terms).FirstOrDefault(term => term.Tensor != head.Logits) is { Tensor: not null } other)
            throw Refusal($"and targets are scores of its '{head.Logits}', not '{other.Tensor}'");
        string tensor = head.Node.Inputs[0];
        OnnxNode? node = model.Graph.Producer(tensor);
        while (node is not null && Keeps.Contains(node.OpType))
            node = model.Graph.Producer(node.Inputs[0]);
        return node?.OpType is "GlobalAveragePool" || (node is not null && IsMeanOverPlaces(model.Graph, node))
            ? (node.Inputs[0], head)
            : throw Refusal($"found {(node is null ? "the input" : node.OpType)} in front of {head.Node.OpType} '{head.Node.Name}'");
    }

    /// <summary>True for a mean over rows and columns.</summary>
    public static bool IsMeanOverPlaces(OnnxGraph graph, OnnxNode mean)
    {
        if (mean.OpType != "ReduceMean")
            return false;
        long[]? axes = mean.Ints("axes") ?? (mean.HasInput(1) && ConstantExpression.Of(graph, mean.Inputs[1]) is { HasData: true } given
            ? [.. given.Load().Select(axis => (long)axis)] : null);
        return axes is { Length: 2 } && (axes.Order().SequenceEqual([2, 3]) || axes.Order().SequenceEqual([-2, -1])
            || axes.Order().SequenceEqual([1, 2]));
    }
}
