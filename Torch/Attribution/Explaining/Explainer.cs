using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Explains what a model answers: which places of a layer, or which values of its input, a target depends on. One forward and one backward
/// pass serve all gradient methods and layers; what lies in front of the layers runs in ONNX Runtime; methods without gradients run
/// wholly there, from the layer on where that is enough, in batches.
/// </summary>
/// <remarks>Opens parts of the model as they are needed and keeps them for the next picture. For one thread at a time.</remarks>
public sealed class Explainer : IDisposable
{
    private readonly ModelParts _parts;

    /// <summary>Takes a model to explain.</summary>
    /// <param name="model">The model; of half precision, it is widened for gradients.</param>
    /// <param name="options">How to explain; the defaults when not given.</param>
    /// <exception cref="BadInputException">The device is not there.</exception>
    public Explainer(OnnxModel model, ExplainerOptions? options = null)
    {
        (Model, Options) = (model, options ?? new());
        _parts = new ModelParts(model, Options);
    }

    /// <summary>The model as it was given.</summary>
    public OnnxModel Model { get; }

    /// <summary>How it is explained.</summary>
    public ExplainerOptions Options { get; }

    /// <summary>Shapes of all floating point tensors of a run, inputs among them. The first input of a size is run once for it.</summary>
    /// <param name="inputs">The model's inputs by name, a batch of 1.</param>
    public IReadOnlyDictionary<string, TensorShape> Shapes(IReadOnlyList<(string Name, Tensor Value)> inputs) => _parts.Shapes(inputs);

    /// <summary>Tensors of one run of the model as it is, in ONNX Runtime.</summary>
    /// <param name="inputs">The model's inputs by name.</param>
    /// <param name="tensors">Names of tensors.</param>
    /// <returns>The tensors in order; the caller disposes them, or its scope does.</returns>
    public Tensor[] Values(IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<string> tensors) =>
        _parts.Run(_parts.Original, inputs, tensors);

    /// <summary>The value of a target, in ONNX Runtime.</summary>
    /// <param name="inputs">The model's inputs by name.</param>
    /// <param name="target">The target.</param>
    public double Value(IReadOnlyList<(string Name, Tensor Value)> inputs, AttributionTarget target)
    {
        using DisposeScope scope = NewDisposeScope();
        using Explanation explanation = Open(inputs, [target], [], []);
        return explanation.Value(target);
    }

    /// <summary>Explains targets of one input.</summary>
    /// <param name="inputs">The model's inputs by name, a batch of 1; they stay the caller's.</param>
    /// <param name="targets">Targets; at least one.</param>
    /// <param name="methods">Names of methods, as <see cref="AttributionMethods"/> has them.</param>
    /// <param name="layers">Names of tensors; none for the last feature map in front of each target.</param>
    /// <returns>
    /// Maps by method, then target, then layer or input. Methods of layers give one for each layer, methods of inputs one for each
    /// picture among the inputs.
    /// </returns>
    /// <exception cref="BadInputException">
    /// A method is unknown or cannot explain this model, a layer has no places, a target is not in its tensor, no gradient arrives.
    /// </exception>
    public IReadOnlyList<AttributionMap> Explain(IReadOnlyList<(string Name, Tensor Value)> inputs,
        IReadOnlyList<AttributionTarget> targets, IReadOnlyList<string> methods, IReadOnlyList<string> layers)
    {
        if (targets.Count == 0)
            throw new OnnxException(Model.Source, "is given no target to explain, expected at least one");
        MethodRow[] rows = [.. methods.Distinct().Select(AttributionMethods.Row)];
        _parts.Trim();
        using DisposeScope scope = NewDisposeScope();
        using Explanation explanation = Open(inputs, targets, rows, layers);
        foreach (MethodRow row in rows)
            if (row.Refusal(explanation) is { } refusal)
                throw refusal.StartsWith(Model.Source, StringComparison.Ordinal)
                    ? new BadInputException(refusal) : new OnnxException(Model.Source, refusal);
        var maps = new List<AttributionMap>();
        using (FewThreads.For(explanation, rows.All(row => row.OfAll is not null || row.Kept is Kept.Layers or Kept.Nothing)))
        {
            foreach (AttributionTarget target in targets)
            {
                using DisposeScope one = NewDisposeScope();
                explanation.GoTo(target);
                foreach (MethodRow row in rows.Where(row => row.OfTarget is not null))
                    maps.AddRange(row.OfTarget!(explanation, target));
            }
        }

        using (FewThreads.One())
        {
            foreach (MethodRow row in rows.Where(row => row.OfAll is not null))
            {
                using DisposeScope one = NewDisposeScope();
                maps.AddRange(row.OfAll!(explanation));
            }
        }

        // Of a detector's layers a box comes from those of its scale alone.
        if (layers.Count == 0 && targets.Count > 1 && explanation.Layers.Count > 1)
            foreach (AttributionTarget target in targets)
            {
                IReadOnlyList<string> own = Last(inputs, [target]);
                maps.RemoveAll(map => ReferenceEquals(map.Target, target) && explanation.Layers.Contains(map.Layer)
                    && !own.Contains(map.Layer));
            }

        string[] order = [.. rows.Select(row => row.Method.Name)];
        List<AttributionTarget> ordered = [.. targets];
        return [.. maps.OrderBy(map => Array.IndexOf(order, map.Method)).ThenBy(map => ordered.IndexOf(map.Target))];
    }

    /// <summary>What each channel of a layer adds to each target; of targets that do not depend on it, nothing.</summary>
    internal IReadOnlyList<ChannelShares> Channels(IReadOnlyList<(string Name, Tensor Value)> inputs,
        IReadOnlyList<AttributionTarget> targets, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using Explanation explanation = Open(inputs, targets, [AttributionMethods.Row(GradCam.Method.Name)], [layer]);
        return [.. targets.Select(target => ChannelShares.Of(explanation, target, layer)).OfType<ChannelShares>()];
    }

    /// <summary>Predicts what methods cost, in forward passes of the whole model, each alone.</summary>
    /// <inheritdoc cref="Explain"/>
    /// <returns>A cost for each method. Of integrated gradients it is the usual one: steps are added until completeness holds.</returns>
    public IReadOnlyList<MethodCost> Cost(IReadOnlyList<(string Name, Tensor Value)> inputs,
        IReadOnlyList<AttributionTarget> targets, IReadOnlyList<string> methods, IReadOnlyList<string> layers)
    {
        MethodRow[] rows = [.. methods.Distinct().Select(AttributionMethods.Row)];
        using DisposeScope scope = NewDisposeScope();
        using Explanation explanation = Open(inputs, targets, rows, layers);
        var costs = new PassCosts(explanation);
        return [.. rows.Select(row => new MethodCost(row.Method.Name, row.Cost(costs)))];
    }

    /// <summary>All methods, and why one cannot explain these targets.</summary>
    /// <inheritdoc cref="Explain"/>
    /// <returns>Every method; the reason is null where it can be used.</returns>
    public IReadOnlyList<(AttributionMethod Method, string? LeftOut)> Available(IReadOnlyList<(string Name, Tensor Value)> inputs,
        IReadOnlyList<AttributionTarget> targets, IReadOnlyList<string> layers)
    {
        using DisposeScope scope = NewDisposeScope();
        using Explanation explanation = Open(inputs, targets, [], layers);
        string? without = layers.Count > 0 ? null : WithoutLayers(inputs, targets);
        return [.. AttributionMethods.Rows.Select(row =>
            (row.Method, (row.Method.Kind == AttributionKind.Input ? null : without) ?? row.Refusal(explanation)))];
    }

    /// <inheritdoc/>
    public void Dispose() => _parts.Dispose();

    private Explanation Open(IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<AttributionTarget> targets, MethodRow[] rows,
        IReadOnlyList<string> layers)
    {
        foreach (OnnxValue input in Model.Graph.Inputs)
            if (inputs.All(given => given.Name != input.Name))
                throw new OnnxException(Model.Source, $"input '{input}' is not given");
        bool needsLayers = rows.Any(row => row.Method.Kind != AttributionKind.Input);
        IReadOnlyList<string> chosen = !needsLayers ? [] : layers.Count > 0 ? layers : Last(inputs, targets);
        foreach (string layer in chosen)
            _parts.Seen(inputs).Layers.RequirePlaces(layer);
        return new Explanation(_parts, inputs, targets, chosen, rows.Aggregate(Kept.Nothing, (all, row) => all | row.Kept));
    }

    // A single convolution has an input and an answer, and nothing between; methods of pixels explain it all the same.
    private string? WithoutLayers(IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<AttributionTarget> targets)
    {
        try
        {
            Last(inputs, targets);
            return null;
        }
        catch (BadInputException refusal)
        {
            return refusal.Message;
        }
    }

    private IReadOnlyList<string> Last(IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<AttributionTarget> targets) =>
        _parts.Last(inputs, TargetScalar.Tensors(targets));
}

/// <summary>What a method is going to cost.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="ForwardPasses">Forward passes of the whole model that take as long.</param>
public sealed record MethodCost(string Method, double ForwardPasses);
