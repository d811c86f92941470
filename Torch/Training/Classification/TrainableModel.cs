using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Parity;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Makes a model from a file ready to be trained: any batch, a classifier for the new classes, every tensor an output.</summary>
internal static class TrainableModel
{
    private const string Batch = "N";

    // Two sizes of batch, neither of them likely to be another axis: what changes from one to the other is the batch.
    private static readonly int[] Probes = [2, 3];

    /// <param name="model">Stays as it is.</param>
    /// <param name="spec">Size and channels of the pictures.</param>
    /// <param name="classes">Names of the data's classes.</param>
    /// <param name="options">Whether the classifier stays, which it can with as many classes as the data or with the same names; or which
    /// kind takes its place.</param>
    /// <param name="device">Device of the network.</param>
    /// <exception cref="BadInputException">
    /// The model has no classifier to replace, cannot be run by TorchSharp, or takes no batch.
    /// </exception>
    public static Classifier Of(OnnxModel model, InputSpec spec, string[] classes, TrainingOptions options, Device device)
    {
        OnnxModel inlined = model.Inlined;
        model = inlined.WithRealNumbers().WithConstantWeights();
        var input = NetworkInput.Of(model);
        Fitted made = Fit(model, input, spec, classes, options, device);
        int fixedBatch = (int)(model.Graph.Inputs[0].Shape is { } declared ? declared[0].Size ?? 1 : 1);
        OnnxModel fitted = made.Model.WithSinglePrecisionWeights();
        OnnxModel any = WithBatch(fitted, input, spec, Batch);
        string[] outputs =
            [.. fitted.Graph.Outputs.Select(o => o.Name).Union(fitted.Graph.NodeOutputs).Prepend(made.Logits).Distinct()];
        OnnxValue[]? typed = TryTypes(any, input, spec, outputs, device, out BadInputException? fault);
        List<string> remarks = [.. made.Remark.Length == 0 ? Array.Empty<string>() : [made.Remark]];
        if (inlined.HasQuantizedWeights())
            remarks.Add("weights are integers with scales in the file; they are trained and exported as float32, and nothing is rounded "
                + "between layers");
        if (model.HasHalfWeights())
            remarks.Add($"weights are float16 in the file; they are trained and exported as float32, and the input stays "
                + $"{model.Graph.Inputs[0].ElementType.DisplayName()}");
        if (typed is null)
        {
            RequireOwnSize(model, input, spec, fault!);
            remarks.Add($"the model was made for a batch of {fixedBatch}; that number is taken out of the shapes inside it, so that "
                + "any batch runs");
            any = WithFreedBatch(WithBatch(fitted, input, spec, fixedBatch), input, spec, fixedBatch, outputs, device);
            typed = TryTypes(any, input, spec, [.. outputs.Union(any.Graph.NodeOutputs)], device, out _)
                ?? throw new OnnxException(model.Source, $"runs with batches of {fixedBatch} only: "
                    + $"{fault!.Message.Replace($"{model.Source}: ", "")}; "
                    + "expected a model of any batch, export it with a batch axis that is free (dynamic_axes or dynamic_shapes in "
                    + "PyTorch)");
            if (!Agree(WithBatch(fitted, input, spec, fixedBatch), any, input, spec, fixedBatch, made.Logits, device))
                throw new OnnxException(model.Source, $"computes something else for pictures in a batch than for {fixedBatch} alone; "
                    + "expected a model of any batch, export it with a batch axis that is free (dynamic_axes or dynamic_shapes in "
                    + "PyTorch)");
        }

        return new Classifier(new OnnxModule(any.WithOutputs(typed), device), input, made.Logits)
        {
            IsBinary = IsSigmoid(fitted, made.Logits),
            Features = made.Features,
            Names = made.Names,
            Remark = remarks.Count == 0 ? null : string.Join("; ", remarks),
        };
    }

    /// <summary>A model with a classifier for the data's classes.</summary>
    /// <param name="Model">The model; new weights have no values yet.</param>
    /// <param name="Features">Name of the tensor that the classifier starts from.</param>
    /// <param name="Logits">Name of its scores.</param>
    /// <param name="Names">The classifier's own classes for the data's; null where it has those.</param>
    /// <param name="Remark">What was done, in words; may be empty.</param>
    private sealed record Fitted(OnnxModel Model, string Features, string Logits, ClassPairing? Names, string Remark);

    /// <exception cref="OnnxException">The model has no classifier to keep or to replace, and no features for a new one.</exception>
    private static Fitted Fit(OnnxModel model, NetworkInput input, InputSpec spec, string[] classes, TrainingOptions options, Device device)
    {
        Fitted? WithNew(ClassifierHead? own) => Backbone.WithClassifier(
            model, own, options.Features, input, spec, options.Head ?? "linear", classes.Length, device) is { } made
            ? new Fitted(made.Model, made.Features, made.Scores, null, made.Remark)
            : null;
        if (options.Features is { } named)
            return WithNew(null) ?? throw new OnnxException(model.Source, $"'{named}' is no tensor of features that a classifier can start "
                + "from, expected one of shape [N, features] or [N, features, height, width] with 8 features or more");
        ClassifierHead head;
        try
        {
            head = ClassifierHead.Find(model);
        }
        catch (OnnxException) when (!options.KeepHead)
        {
            if (WithNew(null) is not { } made)
                throw;
            return made;
        }

        bool isBackbone = !options.KeepHead && Backbone.IsFeatures(model, head);
        if ((isBackbone || options.Head is not null) && WithNew(isBackbone ? null : head) is { } replaced)
            return replaced;
        bool isSigmoid = IsSigmoid(model, head.Logits);
        if (options.KeepHead && model.Card.Labels is { } labels && !isSigmoid && classes.Length != head.Classes
            && classes.All(labels.Contains))
        {
            var names = ClassPairing.Match(model, OutputNames.Of(model, null)?.Labels, (int)head.Classes, classes);
            return new Fitted(model, head.Node.Inputs[0], head.Logits, names,
                $"the classifier is kept: of its {head.Classes} classes the data has {classes.Length}, by name");
        }

        long scores = ScoresFor(head, isSigmoid, classes.Length, model.Source);
        if (options.KeepHead && head.Classes != scores)
            throw new OnnxException(model.Source, $"tells {head.Classes} classes apart, the data has {classes.Length}, "
                + "so the classifier cannot be kept")
            {
                Remedy = Remedy.ReplaceClassifier,
            };
        if (!options.KeepHead || isSigmoid)
            return new Fitted(
                options.KeepHead ? model : head.Resized(model, (int)scores), head.Node.Inputs[0], head.Logits, null, "");
        var matched = ClassPairing.Match(model, OutputNames.Of(model, null)?.Labels, classes.Length, classes);
        return new Fitted(model, head.Node.Inputs[0], head.Logits, matched, $"the classifier is kept{matched.Remark}");
    }

    /// <summary>True when a sigmoid makes each score a probability of its own, as for labels of which a picture may have several.</summary>
    /// <param name="model">A model without calls of local functions.</param>
    /// <param name="logits">Name of its scores before any softmax or sigmoid.</param>
    public static bool IsSigmoid(OnnxModel model, string logits) =>
        model.Graph.Outputs[0].Name != logits && model.Graph.Nodes.Any(n => n.OpType == "Sigmoid" && n.Inputs[0] == logits);

    /// <summary>Number of scores that a head needs for the data's classes.</summary>
    /// <exception cref="OnnxException">The head ends in sigmoids that do not tell single classes apart.</exception>
    private static int ScoresFor(ClassifierHead head, bool isSigmoid, int classes, string source)
    {
        if (!isSigmoid)
            return classes;
        if (head.Classes > 1)
            throw new OnnxException(source, $"ends in a sigmoid for each of {head.Classes} labels, of which a picture may have "
                + "several; the data gives "
                + "each picture one class. Expected a softmax, plain scores, or one sigmoid for two classes");
        return classes == 2
            ? 1
            : throw new OnnxException(source, $"ends in a sigmoid over one score, which tells two classes apart; the data has {classes}");
    }

    private static OnnxModel WithBatch(OnnxModel model, NetworkInput input, InputSpec spec, Dimension batch) =>
        model.WithInputShape(input.Name, [batch, .. input.SizesBehindBatch(spec).Select(size => new Dimension(size))]);

    /// <summary>Types and shapes of tensors, found out by running the network with two sizes of batch.</summary>
    /// <returns>Null when it does not run so, or its first tensor does not have a row for each picture.</returns>
    private static OnnxValue[]? TryTypes(OnnxModel model, NetworkInput input, InputSpec spec, string[] names, Device device,
        out BadInputException? fault)
    {
        fault = null;
        try
        {
            using var module = new OnnxModule(model.WithOutputs(names), device);
            OnnxValue[] typed = [.. Types(module, input, spec, names, device)];
            if (typed[0].Shape is [{ Symbol: Batch }, ..])
                return typed;
            fault = new OnnxException(model.Source, $"the scores '{names[0]}' have no axis for the batch");
        }
        catch (BadInputException what) when (what is not OnnxException { InnerException: OutOfMemoryException })
        {
            fault = what;
        }

        return null;
    }

    private static IEnumerable<OnnxValue> Types(OnnxModule module, NetworkInput input, InputSpec spec, string[] names, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        module.eval();
        Tensor[][] runs = [.. Probes.Select(n => module.Run([(input.Name, Empty(input, spec, n, device))], names))];
        return [.. names.Select((name, i) => new OnnxValue
        {
            Name = name,
            Kind = OnnxValueKind.Tensor,
            ElementType = TorchTensors.ToData(runs[0][i]).Type,
            Shape = [.. runs[0][i].shape.Zip(runs[1][i].shape, Axis)],
        })];
    }

    // A Flatten in front of a classifier makes it fit one size of picture.
    private static void RequireOwnSize(OnnxModel model, NetworkInput input, InputSpec spec, BadInputException fault)
    {
        long[] given = input.SizesBehindBatch(spec);
        long?[] own = [.. (model.Graph.Inputs.First(i => i.Name == input.Name).Shape ?? []).Skip(1).Select(d => d.Size)];
        int channels = input.Axes.ChannelsLast ? given.Length - 1 : 0;
        if (own.Length != 3 || given.Length != 3 || own.Contains(null) || own[channels] != given[channels]
            || own.Zip(given).All(pair => pair.First == pair.Second))
            return;
        long?[] side = [.. own.Where((_, axis) => axis != channels)];
        throw new OnnxException(model.Source, $"is made for pictures of {side[0]}x{side[1]}, and those of {spec.Height}x{spec.Width} do "
            + $"not fit its layers ({fault.Message.Replace($"{model.Source}: ", "")}); expected its own size, or a new classifier that "
            + "starts from maps in front of its Flatten")
        {
            Remedy = Remedy.ChangePictureSize,
        };
    }

    /// <summary>The model with the size of its batch taken out of the shapes inside it.</summary>
    /// <param name="model">A model with its own, fixed batch.</param>
    private static OnnxModel WithFreedBatch(OnnxModel model, NetworkInput input, InputSpec spec, int batch, string[] names, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using var module = new OnnxModule(model.WithOutputs(names), device);
        module.eval();
        Tensor[] values = module.Run([(input.Name, Empty(input, spec, batch, device))], names);
        Dictionary<string, TensorShape> shapes = names.Zip(values, (name, value) => (name, new TensorShape(value.shape))).ToDictionary();
        shapes[input.Name] = new TensorShape([batch, .. input.SizesBehindBatch(spec)]);
        return WithBatch(model.WithFreeBatch(input.Name, batch, shapes), input, spec, Batch);
    }

    /// <summary>True when pictures get the same scores one batch of the model's own size at a time and all at once.</summary>
    private static bool Agree(OnnxModel own, OnnxModel any, NetworkInput input, InputSpec spec, int batch, string logits, Device device)
    {
        const int batches = 3;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using var first = new OnnxModule(own.WithOutputs([logits]), device);
        using var second = new OnnxModule(any.WithOutputs([logits]), device);
        first.eval();
        second.eval();
        // seeded, and not from torch's random numbers, which first weights are drawn from
        var random = new Random(0);
        long[] shape = [batches * batch, spec.ChannelCount, spec.Height, spec.Width];
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(spec.Range * random.NextDouble());
        Tensor pictures = input.Fit(tensor(values, shape, device: device));
        Tensor single = cat([.. pictures.chunk(batches).Select(part => first.Run([(input.Name, part)], [logits])[0])]);
        Tensor together = second.Run([(input.Name, pictures)], [logits])[0];
        if (!single.shape.SequenceEqual(together.shape))
            return false;
        Difference difference = TensorComparison.Between(together, single);
        return difference.Largest <= Tolerance.Of(ElementType.Float, isQuantized: false).Allowed(difference.Magnitude);
    }

    private static Tensor Empty(NetworkInput input, InputSpec spec, int pictures, Device device) =>
        zeros([pictures, .. input.SizesBehindBatch(spec)], input.Type, device);

    private static Dimension Axis(long first, long second) => first == second ? first
        : (first, second) == (Probes[0], Probes[1]) ? Batch
        : new Dimension(null);
}
