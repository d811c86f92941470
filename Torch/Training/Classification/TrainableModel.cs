using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Makes a model from a file ready to be trained: any batch, a classifier for the new classes, every tensor an output.</summary>
internal static class TrainableModel
{
    private const string Batch = "N";

    // Two sizes of batch, neither of them likely to be another axis: what changes from one to the other is the batch.
    private static readonly int[] Probes = [2, 3];

    /// <param name="keepHead">The classifier stays; it has to have as many classes as the data.</param>
    /// <exception cref="BadInputException">The model has no classifier to replace, cannot be run by TorchSharp, or takes no batch.</exception>
    public static Classifier Of(OnnxModel model, InputSpec input, string[] classes, bool keepHead, Device device)
    {
        PictureInput picture = InputOf(model);
        ClassifierHead head = ClassifierHead.Find(model);
        if (keepHead && head.Classes != classes.Length)
            throw new OnnxException(model.Source, $"tells {head.Classes} classes apart, the data has {classes.Length}; without --keep-head the classifier is replaced");

        OnnxModel fitted = (keepHead ? model : head.Resized(model, classes.Length))
            .WithInputShape(picture.Name, Batch, input.ChannelCount, input.Height, input.Width);
        string[] outputs = [head.Logits, .. model.Graph.Outputs.Select(o => o.Name).Union(model.Graph.NodeOutputs).Where(name => name != head.Logits)];
        OnnxValue[] typed;
        using (var untyped = new OnnxModule(fitted.WithOutputs(outputs), device))
            typed = [.. Types(untyped, picture.Name, input, outputs, device)];
        return new Classifier(new OnnxModule(fitted.WithOutputs(typed), device), picture.Name, head.Logits);
    }

    /// <summary>The one input of a model that takes pictures and nothing else.</summary>
    /// <exception cref="OnnxException">There is no such input, or there are others.</exception>
    public static PictureInput InputOf(OnnxModel model)
    {
        PictureInput picture = PictureInput.Find(model.Graph)
            ?? throw new OnnxException(model.Source, "no input takes a picture, expected one of shape [N, C, H, W]");
        return picture.Type == ElementType.Float && picture.Axes == PictureAxes.Nchw && model.Graph.Inputs.Length == 1
            ? picture
            : throw new OnnxException(model.Source, $"takes {string.Join(", ", model.Graph.Inputs)}; expected one float32 input of shape [N, C, H, W]");
    }

    /// <summary>Types and shapes of tensors, found out by running the network with two sizes of batch.</summary>
    private static IEnumerable<OnnxValue> Types(OnnxModule module, string input, InputSpec spec, string[] names, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        module.eval();
        Tensor[][] runs = [.. Probes.Select(n => module.Run([(input, zeros([n, spec.ChannelCount, spec.Height, spec.Width], device: device))], names))];
        return [.. names.Select((name, i) => new OnnxValue
        {
            Name = name,
            Kind = OnnxValueKind.Tensor,
            ElementType = TorchTensors.ToData(runs[0][i]).Type,
            Shape = [.. runs[0][i].shape.Zip(runs[1][i].shape, Axis)],
        })];
    }

    private static Dimension Axis(long first, long second) => first == second ? first
        : (first, second) == (Probes[0], Probes[1]) ? Batch
        : new Dimension(null);
}
