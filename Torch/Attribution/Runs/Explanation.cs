using System.Globalization;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>What a method asks the passes over a picture to keep for gradients.</summary>
[Flags]
internal enum Kept
{
    /// <summary>Nothing: the method runs passes of its own, or none.</summary>
    Nothing = 0,

    /// <summary>The layers.</summary>
    Layers = 1,

    /// <summary>The inputs that are explained.</summary>
    Inputs = 2,

    /// <summary>Rules for activations.</summary>
    Rules = 4,

    /// <summary>Results of nodes that add a bias.</summary>
    Biases = 8,
}

/// <summary>
/// One picture that is explained: its inputs, targets and layers, and the passes that its methods share. One forward pass serves all
/// methods and targets; one backward pass serves all methods and layers of a target.
/// </summary>
internal sealed class Explanation : IDisposable
{
    private readonly Kept _kept;
    private readonly Dictionary<string, Tensor> _activations = [];
    private readonly Dictionary<Backward, Dictionary<string, Tensor?>> _gradients = [];
    private readonly Dictionary<string, object> _shared = [];
    private Passes? _passes;
    private AttributionTarget? _target;

    /// <exception cref="BadInputException">An input is missing, of another type, or a batch of several.</exception>
    public Explanation(ModelParts parts, IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<AttributionTarget> targets,
        IReadOnlyList<string> layers, Kept kept)
    {
        (Parts, Inputs, Targets, Layers, _kept) = (parts, inputs, targets, layers, kept);
        Given = [.. inputs, .. inputs.Where(i => parts.Differentiated(i.Name) != i.Name)
            .Select(i => (parts.Differentiated(i.Name), i.Value.to(ScalarType.Float32)))];
        Explained = ExplainedInputs(parts.Original, inputs);
        Biases = kept.HasFlag(Kept.Biases) ? BiasedNode.Of(parts.Graph, TargetScalar.Tensors(targets)) : [];
    }

    public ModelParts Parts { get; }

    /// <summary>Inputs as they were given.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Inputs { get; }

    /// <summary>Inputs, those of half precision a second time under the name that they are differentiated by.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Given { get; }

    /// <summary>Names of the inputs that input methods explain.</summary>
    public IReadOnlyList<string> Explained { get; }

    public IReadOnlyList<AttributionTarget> Targets { get; }

    public IReadOnlyList<string> Layers { get; }

    public IReadOnlyList<BiasedNode> Biases { get; }

    public ExplainerOptions Options => Parts.Options;

    public ConventionRules Rules => Parts.Rules;

    /// <summary>Goes to a target: gradients of the one before are freed.</summary>
    public void GoTo(AttributionTarget target)
    {
        _target = target;
        foreach (Tensor? gradient in _gradients.Values.SelectMany(found => found.Values))
            gradient?.Dispose();
        _gradients.Clear();
    }

    /// <summary>The value of a target in ONNX Runtime, of the model as it is.</summary>
    public double Value(AttributionTarget target) => Once("values", () =>
    {
        using DisposeScope scope = NewDisposeScope();
        string[] names = TargetScalar.Tensors(Targets);
        Tensor[] found = Parts.Run(Parts.Original, Inputs, names);
        return Targets.Select(one => TargetScalar.Of(
            one, name => found[Array.IndexOf(names, name)].to(ScalarType.Float32), Parts.Original.Source).ToDouble()).ToArray();
    })[Targets.ToList().IndexOf(target)];

    /// <summary>An explained input's values as [1, C, H, W], float32.</summary>
    public Tensor InputPlanes(string input) =>
        AxesOf(input).ToPlanes(ValueOf(input));

    /// <summary>A layer's activations as [1, C, H, W].</summary>
    public Tensor Activation(string layer)
    {
        if (_kept.HasFlag(Kept.Layers))
            return AxesOf(layer).ToPlanes(Shared[layer]);
        if (_activations.Count == 0)
            foreach ((string name, Tensor value) in Layers.Zip(Parts.Run(Parts.Differentiable, Given, Layers)))
                _activations[name] = value.to(Parts.Device).DetachFromDisposeScope();
        return AxesOf(layer).ToPlanes(_activations[layer]);
    }

    /// <summary>The activations of any tensor in front of the targets as [1, C, H, W]; the caller's scope disposes them.</summary>
    public Tensor ActivationOf(string tensor) =>
        AxesOf(tensor).ToPlanes(Parts.Run(Parts.Differentiable, Given, [tensor])[0].to(Parts.Device));

    /// <summary>The gradient of the target at hand by a kept tensor as [1, C, H, W]; null where the target does not depend on it.</summary>
    public Tensor? Gradient(string tensor, Backward backward = Backward.Plain)
    {
        tensor = Parts.Differentiated(tensor);
        if (!_gradients.TryGetValue(backward, out Dictionary<string, Tensor?>? found))
        {
            // Rules of activations are for the input alone; what they make of layers nobody asks.
            string[] names = backward == Backward.Plain ? KeptNames() : [.. Explained.Select(Parts.Differentiated)];
            Tensor?[] gradients = Shared.Gradients(_target!, names, backward);
            foreach (Tensor? gradient in gradients)
                gradient?.DetachFromDisposeScope();
            _gradients[backward] = found = names.Zip(gradients).ToDictionary(pair => pair.First, pair => pair.Second);
        }

        return found[tensor] is { } one ? AxesOf(tensor).ToPlanes(one) : null;
    }

    /// <summary>An explained input as the model takes it, float32; it stays this object's.</summary>
    public Tensor ValueOf(string input) => Given.First(g => g.Name == Parts.Differentiated(input)).Value;

    /// <summary>A forward pass of its own, with other values of explained inputs.</summary>
    /// <param name="changed">Names of explained inputs and values of the shape that the model takes, float32.</param>
    /// <param name="kept">Tensors to differentiate by, under the names that they are differentiated by.</param>
    public Passes With(IReadOnlyList<(string Input, Tensor Value)> changed, IReadOnlyCollection<string> kept)
    {
        (string Name, Tensor Value)[] others = [.. changed.Select(c => (Parts.Differentiated(c.Input), c.Value))];
        return new Passes(Parts, [.. Given.Where(g => others.All(o => o.Name != g.Name)), .. others], Parts.Shapes(Inputs), kept,
            Targets);
    }

    /// <summary>What several methods share, computed once.</summary>
    public T Once<T>(string key, Func<T> compute) where T : notnull =>
        (T)(_shared.TryGetValue(key, out object? known) ? known : _shared[key] = compute());

    public MapAxes AxesOf(string tensor) => MapAxes.Of(Parts.Layouts, tensor, Rank(tensor));

    /// <summary>A map as it is returned.</summary>
    /// <param name="method">The method.</param>
    /// <param name="layer">Layer or input that the map belongs to.</param>
    /// <param name="target">The target.</param>
    /// <param name="planes">Raw values, [C, H, W] or [H, W].</param>
    /// <param name="remarks">What the reader should know; null for nothing.</param>
    public AttributionMap Map(AttributionMethod method, string layer, AttributionTarget target, Tensor planes, params string?[] remarks)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor dense = planes.detach().to(ScalarType.Float32).cpu().contiguous();
        long[] shape = dense.shape;
        string? conventional = Options.Convention == Convention.Paper ? null : $"numbers of the convention {Options.Convention}";
        return new AttributionMap(method.Name, layer, target, (int)shape[^2], (int)shape[^1],
            shape.Length == 3 ? (int)shape[0] : 1, dense.data<float>().ToArray())
        {
            ShownPositive = method.Kind == AttributionKind.Layer ? Rules.IsShownPositive ?? method.ShownPositive : method.ShownPositive,
            Notes = [.. remarks.Append(conventional).OfType<string>(), .. Departure(method, target)],
        };
    }

    /// <summary>The map of a layer that the target does not depend on.</summary>
    public AttributionMap Blank(AttributionMethod method, string layer, AttributionTarget target, Tensor like) =>
        Map(method, layer, target, zeros_like(like), $"blank: '{target.Name}' does not depend on '{layer}' in a way that has a gradient");

    /// <inheritdoc/>
    public void Dispose()
    {
        _passes?.Dispose();
        foreach (IDisposable shared in _shared.Values.OfType<IDisposable>())
            shared.Dispose();
        foreach (Tensor tensor in _activations.Values.Concat(_gradients.Values.SelectMany(found => found.Values).OfType<Tensor>()))
            tensor.Dispose();
    }

    /// <summary>Which activations the rules leave as they are; null for none.</summary>
    public string? RulesRemark => ActivationRules.Remark;

    /// <summary>Rules for the model's activations.</summary>
    public ActivationRules ActivationRules => Once("rules", () => new ActivationRules(Parts.Graph, Rules));

    private Passes Shared => _passes ??= new Passes(Parts, Given, Parts.Shapes(Inputs), KeptNames(), Targets,
        _kept.HasFlag(Kept.Rules) ? ActivationRules : null);

    private string[] KeptNames() =>
    [
        .. (_kept.HasFlag(Kept.Layers) ? Layers.Select(Parts.Differentiated) : [])
            .Concat(_kept.HasFlag(Kept.Inputs) ? Explained.Select(Parts.Differentiated) : [])
            .Concat(Biases.Select(bias => bias.Tensor)).Distinct(),
    ];

    private IEnumerable<string> Departure(AttributionMethod method, AttributionTarget target)
    {
        if (Parts.Departure is not { } departure || method.Needs != AttributionNeeds.Gradient || _passes is null)
            return [];
        return [string.Create(CultureInfo.InvariantCulture,
            $"{departure}: the target is {_passes.Value(target):G6}, {Value(target):G6} in the model as it is")];
    }

    private int Rank(string tensor) => Parts.Shapes(Inputs).TryGetValue(tensor, out TensorShape shape)
        ? shape.Rank
        : throw new OnnxException(Parts.Original.Source, $"has no floating point tensor '{tensor}' that depends on its input");

    // Pictures where there are any; else all inputs of numbers.
    private static string[] ExplainedInputs(OnnxModel model, IReadOnlyList<(string Name, Tensor Value)> inputs)
    {
        if (inputs.FirstOrDefault(input => input.Value.Dimensions is 2 or 4 && input.Value.shape[0] != 1) is { Name: not null } many)
            throw new OnnxException(model.Source,
                $"input '{many.Name}' is given as {new TensorShape(many.Value.shape)}, expected one picture: a batch of 1");
        string[] numbers = [.. inputs.Where(i => i.Value.is_floating_point()).Select(i => i.Name)];
        string[] pictures = [.. inputs.Where(i => numbers.Contains(i.Name) && i.Value.Dimensions is 3 or 4).Select(i => i.Name)];
        return pictures.Length > 0 ? pictures : numbers;
    }
}
