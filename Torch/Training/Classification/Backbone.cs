using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Features of a model, and a new classifier behind them.</summary>
internal static class Backbone
{
    private static readonly string[] Activations = ["Relu", "Clip", "LeakyRelu", "PRelu", "Elu", "HardSwish", "Mul"];

    // Fewer channels are a picture, boxes or scores, and nothing to tell classes apart by.
    private const int FewestFeatures = 8;

    /// <summary>
    /// True when what looks like a classifier is a model's last convolution: its maps go through an activation and leave the model as
    /// maps, neither as a row of scores nor as probabilities, and no names of classes are known.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="head">What looks like its classifier.</param>
    public static bool IsFeatures(OnnxModel model, ClassifierHead head) => head.Node.OpType == "Conv" && model.Card.Labels is null
        && model.Graph.Outputs[0] is { Shape.Length: 4 } output && output.Name == head.Logits
        && head.Behind.Any(node => Activations.Contains(node.OpType));

    /// <summary>
    /// The model with a new classifier: in place of its own, or behind its output where that is features, [N, features] or
    /// [N, features, height, width].
    /// </summary>
    /// <param name="model">Stays as it is; without calls of local functions.</param>
    /// <param name="own">The model's own classifier; null for none.</param>
    /// <param name="named">Name of the features; null for what the classifier has started from, or the model's output.</param>
    /// <param name="kind">A name of <see cref="ClassifierAppending.Kinds"/>.</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>The model, its features and its scores by name, and a remark in words; null where its output is no features.</returns>
    public static (OnnxModel Model, string Features, string Scores, string Remark)? WithClassifier(
        OnnxModel model, ClassifierHead? own, string? named, NetworkInput input, InputSpec spec, string kind, int classes, Device device)
    {
        string features = named ?? (own is null ? model.Graph.Outputs[0].Name : BeforeDropout(model.Graph, own.Node.Inputs[0]));
        long[] shape = ShapeOf(model, features, input, spec, device);
        if (shape.Length is not (2 or 4) || shape[1] < FewestFeatures)
            return null;
        bool isMap = shape.Length == 4 && shape[2] * shape[3] > 1;
        (OnnxModel made, string scores) = ClassifierAppending.Apply(model, features, shape, kind, classes);
        string pooled = isMap ? $", means over {shape[2]}x{shape[3]}," : "";
        return (made, features, scores, named is not null ? $"the {shape[1]} features '{features}'{pooled} get a new classifier ({kind})"
            : own is null
            ? $"the model has no classifier; its {shape[1]} features '{features}'{pooled} get a new one ({kind})"
            : $"the classifier '{own.Node.Name}' gives way to a new one ({kind}) for its {shape[1]} features '{features}'{pooled}"
                .TrimEnd(','));
    }

    /// <summary>Names of the weights that the features need; those of the classifier are not among them.</summary>
    /// <param name="model">A model.</param>
    /// <param name="features">Name of the tensor that the classifier starts from.</param>
    public static HashSet<string> WeightsOf(OnnxModel model, string features) =>
        [.. model.Graph.NodesFor([features]).SelectMany(NodeOrder.UsedNames).Where(model.Graph.Initializer.ContainsKey)];

    // A dropout belongs to the classifier behind it, and the new one has its own.
    private static string BeforeDropout(OnnxGraph graph, string tensor)
    {
        while (graph.Producer(tensor) is { OpType: "Dropout" or "Identity" } node)
            tensor = node.Inputs[0];
        return tensor;
    }

    private static long[] ShapeOf(OnnxModel model, string tensor, NetworkInput input, InputSpec spec, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using var module = new OnnxModule(model, device, [tensor]);
        module.eval();
        int pictures = (int)(model.Graph.Inputs[0].Shape is { } declared ? declared[0].Size ?? 1 : 1);
        Tensor empty = zeros([pictures, .. input.SizesBehindBatch(spec)], input.Type, device);
        Tensor value = module.Run([(input.Name, empty)], [tensor])[0];
        return value.is_floating_point() ? value.shape : [];
    }
}
