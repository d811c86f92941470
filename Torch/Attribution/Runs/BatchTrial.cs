using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Finds the form of a model that takes several samples at once, by trying it.</summary>
internal static class BatchTrial
{
    // Other sizes of a batch may be summed in another order.
    private const double Tolerance = 1e-3;

    // An input of [300, …] may be something else than a batch.
    private const long MostSamples = 64;

    /// <summary>
    /// A model whose inputs are batches of several, with a free first axis; the model itself when they are not. An explanation is of one.
    /// </summary>
    public static OnnxModel OfOne(OnnxModel model)
    {
        if (model.Graph.Inputs is not [{ Shape: [{ Size: > 1 and <= MostSamples }, ..] sizes } input] || sizes.Length != 4
            || sizes.Any(axis => axis.Size is null))
            return model;
        using DisposeScope scope = NewDisposeScope();
        Tensor several = zeros([.. sizes.Select(axis => axis.Size!.Value)], dtype: TorchTensors.TypeOf(input.ElementType, input.Name));
        using var session = ActivationSession.Open(model, new() { Device = ComputeDevice.Cpu });
        using Activations seen = session.Run(TorchTensors.ToData(several));
        Dictionary<string, TensorShape> shapes = seen.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        shapes[input.Name] = new TensorShape(several.shape);
        return Freed(model.WithFreeBatch(input.Name, (int)several.shape[0], shapes), [(input.Name, several)]);
    }

    /// <summary>
    /// The model itself, or with a free first axis, or with the batch taken out of the shapes inside it; null if none works.
    /// </summary>
    public static OnnxModel? Find(ModelParts parts, IReadOnlyList<(string Name, Tensor Value)> inputs, string[] targets)
    {
        if (inputs.Any(input => input.Value.Dimensions < 2))
            return null;
        OnnxModel own = parts.Original;
        using DisposeScope scope = NewDisposeScope();
        Tensor[] single = parts.Run(own, inputs, targets);
        if (single.Any(tensor => tensor.Dimensions == 0 || tensor.shape[0] != 1))
            return null;
        (string, Tensor)[] twice = [.. inputs.Select(i => (i.Name, cat([i.Value, i.Value])))];
        foreach (Func<OnnxModel> form in Forms(parts, inputs))
            if (Agrees(form, twice, single, targets) is { } model)
                return model;
        return null;
    }

    private static IEnumerable<Func<OnnxModel>> Forms(ModelParts parts, IReadOnlyList<(string Name, Tensor Value)> inputs)
    {
        OnnxModel own = parts.Original;
        yield return () => own;
        yield return () => Freed(own, inputs);
        yield return () => Freed(own.WithFreeBatch(inputs[0].Name, 1, parts.Shapes(inputs)), inputs);
    }

    private static OnnxModel Freed(OnnxModel model, IReadOnlyList<(string Name, Tensor Value)> inputs)
    {
        foreach ((string name, Tensor value) in inputs)
            model = model.WithInputShape(name, ["N", .. value.shape.Skip(1).Select(size => new Dimension(size))]);
        // What the file says of an output's shape followed from the old one.
        return model.WithOutputs(model.Graph.Outputs.Select(output => output with { Shape = null }));
    }

    private static OnnxModel? Agrees(Func<OnnxModel> form, (string, Tensor)[] twice, Tensor[] single, string[] targets)
    {
        try
        {
            OnnxModel model = form();
            using var trial = new RuntimePrefix(model, targets);
            Tensor[] both = trial.Run(twice);
            bool agrees = both.Zip(single).All(pair => pair.First.shape.SequenceEqual([2, .. pair.Second.shape.Skip(1)])
                && (pair.First - pair.Second).abs().max().ToDouble() <= Tolerance * Math.Max(1, pair.Second.abs().max().ToDouble()));
            return agrees ? model : null;
        }
        catch (BadInputException)
        {
            // It does not run so; the next form may.
            return null;
        }
    }
}
