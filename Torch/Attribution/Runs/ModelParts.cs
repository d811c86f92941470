using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>A model and the parts of it that explanations run: opened once, kept for the next picture.</summary>
internal sealed class ModelParts : IDisposable
{
    private const string Widened = "/float32";

    // Parts of other targets and layers than those of the picture at hand.
    private const int MostKept = 12, MostPlans = 200;

    private readonly Dictionary<(OnnxModel Model, string Tensors), RuntimePrefix> _prefixes = [];
    private readonly Dictionary<string, OnnxModule> _modules = [];
    private readonly Dictionary<string, Tensor> _constants = [];
    private readonly Dictionary<string, SeenTensors> _seen = [];
    private readonly Dictionary<string, string[]> _last = [];
    private readonly Dictionary<string, OnnxModel?> _batchable = [];
    private readonly Dictionary<(OnnxModel Whole, string Key), OnnxModel> _suffixes = [];
    private readonly Dictionary<(OnnxModel Whole, string Key), SuffixPlan> _plans = [];

    /// <exception cref="BadInputException">The device is not there.</exception>
    public ModelParts(OnnxModel model, ExplainerOptions options)
    {
        (Original, Options) = (BatchTrial.OfOne(model.Inlined), options);
        Differentiable = Original.WithSinglePrecisionWeights();
        Layouts = ChannelLayouts.Of(Differentiable.Graph);
        Device = TorchDevice.Choose(options.Device);
        Rules = ConventionRules.Of(options.Convention);
        if (options.Threads is { } threads)
            set_num_threads(threads);
    }

    /// <summary>The model, without local functions.</summary>
    public OnnxModel Original { get; }

    /// <summary>The same with float32 in place of half precision, whose gradients vanish.</summary>
    public OnnxModel Differentiable { get; }

    public OnnxGraph Graph => Differentiable.Graph;

    public ExplainerOptions Options { get; }

    public ConventionRules Rules { get; }

    public ChannelLayouts Layouts { get; }

    public Device Device { get; }

    /// <summary>Why the model that is differentiated is not quite the model that was given; null when it is.</summary>
    public string? Departure =>
        !ReferenceEquals(Original, Differentiable) ? "half precision was widened to float32"
        : Original.Graph.Nodes.Any(node => OperatorFacts.Of(node).Quantizes) ? "gradients go straight through its roundings"
        : null;

    /// <summary>The tensor that stands for an input when it is differentiated by: float32 also where the input is half precision.</summary>
    public string Differentiated(string input) =>
        Graph.Producer(input + Widened) is { OpType: "Cast" } ? input + Widened : input;

    /// <summary>Closes parts that earlier pictures needed, when there are many.</summary>
    public void Trim()
    {
        if (_prefixes.Count > MostKept)
            Close(_prefixes);
        if (_modules.Count > MostKept / 2)
            Close(_modules);
        // Targets of detectors are made of other tensors each time.
        if (_plans.Count > MostPlans)
            _plans.Clear();
        if (_suffixes.Count > MostPlans)
            _suffixes.Clear();
        if (_last.Count > MostPlans)
            _last.Clear();
    }

    /// <summary>Tensors of one run in ONNX Runtime, inputs among them; the caller disposes them, or its scope does.</summary>
    /// <param name="model">The original or a model made of it.</param>
    /// <param name="inputs">Its inputs by name; more than it has do no harm.</param>
    /// <param name="tensors">Names of the wanted tensors.</param>
    public Tensor[] Run(OnnxModel model, IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<string> tensors)
    {
        string[] made = [.. tensors.Where(name => model.Graph.Producer(name) is not null).Distinct()];
        Tensor[] found = made.Length == 0 ? [] : Prefix(model, made).Run(inputs);
        return [.. tensors.Select(name => Array.IndexOf(made, name) is >= 0 and int place ? found[place]
            : inputs.FirstOrDefault(given => given.Name == name).Value?.alias()
                ?? throw new OnnxException(model.Source, $"has no tensor '{name}' that depends on its input"))];
    }

    /// <summary>The network from some tensors on to others, differentiable, with weights that stay as they are.</summary>
    public OnnxModule Module(SuffixPlan plan, IReadOnlyCollection<string> targets)
    {
        string[] sources = [.. plan.Handed, .. plan.Constants];
        string key = string.Join('\0', [.. sources.Order(), "", .. targets.Order()]);
        if (_modules.TryGetValue(key, out OnnxModule? module))
            return module;
        module = new OnnxModule(Differentiable, Device, targets, sources);
        module.eval();
        foreach (TorchSharp.Modules.Parameter parameter in module.parameters())
            parameter.requires_grad_(false);
        return _modules[key] = module;
    }

    /// <summary>Tensors that are the same for every input; they stay this object's.</summary>
    public IEnumerable<(string Name, Tensor Value)> Constants(string[] names)
    {
        string[] missing = [.. names.Where(name => !_constants.ContainsKey(name))];
        if (missing.Length > 0)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable off = no_grad();
            using var module = new OnnxModule(Differentiable, Device, missing);
            foreach ((string name, Tensor value) in missing.Zip(module.Run([], missing)))
                _constants[name] = value.detach().clone().DetachFromDisposeScope();
        }

        return names.Select(name => (name, _constants[name]));
    }

    /// <summary>Shapes of the floating point tensors of a run, inputs among them.</summary>
    public IReadOnlyDictionary<string, TensorShape> Shapes(IReadOnlyList<(string Name, Tensor Value)> inputs) => Seen(inputs).Shapes;

    /// <summary>Shapes and types of the floating point tensors of a run; the first picture of a size is run once for them.</summary>
    public SeenTensors Seen(IReadOnlyList<(string Name, Tensor Value)> inputs)
    {
        string size = SizeOf(inputs);
        if (_seen.TryGetValue(size, out SeenTensors? known))
            return known;
        using var session = ActivationSession.Open(Original, new() { Device = ComputeDevice.Cpu, Threads = Options.Threads });
        using Activations seen = session.Run(inputs.ToDictionary(i => i.Name, i => TorchTensors.ToData(i.Value)));
        Activation[] numbers = [.. seen.Where(tensor => tensor.ElementType.IsFloatingPoint())];
        var shapes = numbers.ToDictionary(t => t.Name, t => t.Shape);
        var types = numbers.ToDictionary(t => t.Name, t => t.ElementType);
        foreach ((string name, Tensor value) in inputs)
            shapes[name] = shapes[Differentiated(name)] = new TensorShape(value.shape);
        return _seen[size] = new SeenTensors(shapes, types, new SpatialLayers(Original, shapes));
    }

    /// <summary>The last feature maps in front of some tensors, found once for a size of the inputs.</summary>
    public string[] Last(IReadOnlyList<(string Name, Tensor Value)> inputs, string[] targets)
    {
        string key = SizeOf(inputs) + string.Join('\0', targets);
        return _last.TryGetValue(key, out string[]? known) ? known : _last[key] = Seen(inputs).Layers.Resolve(["last"], targets);
    }

    /// <summary>Where to cut a model, found once for the same tensors.</summary>
    public SuffixPlan Plan(OnnxModel model, IReadOnlyCollection<string> cut, IReadOnlyCollection<string> targets)
    {
        var key = (model, string.Join('\0', [.. cut, "", .. targets]));
        return _plans.TryGetValue(key, out SuffixPlan? plan) ? plan : _plans[key] = SuffixPlan.Behind(model.Graph, cut, targets);
    }

    /// <summary>A part of a model, made once.</summary>
    public OnnxModel Suffix(OnnxModel whole, string key, Func<OnnxModel> make) =>
        _suffixes.TryGetValue((whole, key), out OnnxModel? part) ? part : _suffixes[(whole, key)] = make();

    /// <summary>The model with any number of samples in a batch; null where it takes one only.</summary>
    public OnnxModel? Batchable(IReadOnlyList<(string Name, Tensor Value)> inputs, string[] targets)
    {
        string key = SizeOf(inputs) + string.Join('\0', targets);
        if (!_batchable.TryGetValue(key, out OnnxModel? model))
            _batchable[key] = model = BatchTrial.Find(this, inputs, targets);
        return model;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close(_prefixes);
        Close(_modules);
        Close(_constants);
    }

    private static string SizeOf(IReadOnlyList<(string Name, Tensor Value)> inputs) =>
        string.Join(';', inputs.Select(i => $"{i.Name}{new TensorShape(i.Value.shape)}"));

    private static void Close<TKey, T>(Dictionary<TKey, T> parts) where TKey : notnull where T : IDisposable
    {
        foreach (T part in parts.Values)
            part.Dispose();
        parts.Clear();
    }

    private RuntimePrefix Prefix(OnnxModel model, string[] tensors)
    {
        var key = (model, string.Join('\0', tensors));
        return _prefixes.TryGetValue(key, out RuntimePrefix? prefix)
            ? prefix
            : _prefixes[key] = new RuntimePrefix(model, tensors, Options.Threads, OptimizationLevel.All);
    }
}

/// <summary>Floating point tensors of a run.</summary>
/// <param name="Shapes">Shapes by name.</param>
/// <param name="Types">Element types by name.</param>
/// <param name="Layers">Those among them that are feature maps.</param>
internal sealed record SeenTensors(
    IReadOnlyDictionary<string, TensorShape> Shapes, IReadOnlyDictionary<string, ElementType> Types, SpatialLayers Layers);
