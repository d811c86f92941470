using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Compare;

/// <summary>
/// Runs two models on the same inputs and compares every pair of tensors: what they hold in the two runs, and what each layer of the
/// second adds on the first's values. Memory is that of one input, however many are given.
/// </summary>
/// <remarks>Not for several threads at once. Dispose it when the result is taken.</remarks>
public sealed class ModelComparer : IDisposable
{
    private readonly CompareOptions _options;
    private readonly ActivationSession _a, _b;
    private readonly PairedValues _values;
    private readonly Quantization _steps;
    private readonly bool _isQuantized;
    private readonly List<string> _notes = [];
    private ModelPairing? _pairing;
    private PairState[] _states = [];
    private LocalErrors? _local;
    private InputComparison? _input;
    private Reproduction? _reproduction;
    private Representations? _representations;
    private readonly KeptMaps _maps;
    private readonly BoxState _boxes;
    private readonly OnnxModel? _alone;
    private OptimizerFinding? _optimizer;
    private readonly PredictionState _predictions = new();
    private string _name = "";
    private int _inputs;

    private ModelComparer(OnnxModel a, OnnxModel b, CompareOptions options)
    {
        _options = options;
        _boxes = new BoxState(a, b);
        (PreprocessingGuess? ofA, PreprocessingGuess? ofB) = _boxes.Conventions;
        _a = ActivationSession.Open(a, options.A with { Convention = ofA });
        try
        {
            // What A knows about its input holds for B, too, unless B's own card says otherwise.
            ActivationOptions forB = (options.B ?? options.A) with { Convention = ofB };
            _b = ActivationSession.Open(b, forB.Preprocessing is null && b.Card.Input is null && a.Card.Input is { } spec
                ? forB with { Preprocessing = own => spec with { Size = own.Size } } : forB);
        }
        catch
        {
            _a.Dispose();
            throw;
        }

        _alone = ReferenceEquals(a, b) && options.B is { } other && other.Optimization != options.A.Optimization ? a : null;
        _values = new PairedValues(_a.Model.Graph, _b.Model.Graph);
        _maps = new KeptMaps(options.KeepsMaps, _values, ChannelLayouts.Of(_a.Model.Graph));
        _steps = new Quantization(_b.Model.Graph);
        _isQuantized = _steps.Any || new Quantization(_a.Model.Graph).Any;
    }

    /// <summary>Opens two models.</summary>
    /// <param name="a">The first model: the reference.</param>
    /// <param name="b">The second model.</param>
    /// <param name="options">Options; the usual ones when null.</param>
    /// <exception cref="BadInputException">A model does not run, or CUDA is asked for and does not work.</exception>
    public static ModelComparer Open(OnnxModel a, OnnxModel b, CompareOptions? options = null) =>
        new(a, b, options ?? new CompareOptions());

    /// <summary>Runs both on a picture and takes the difference in.</summary>
    /// <param name="picture">BGR as OpenCV reads it, of any size; stays the caller's.</param>
    /// <param name="cancel">Stops a run between two nodes.</param>
    /// <exception cref="BadInputException">The picture does not fit, or no tensor has a partner.</exception>
    public void Add(Mat picture, CancellationToken cancel = default)
    {
        using Activations runA = _a.Run(picture, cancel), runB = _b.Run(picture, cancel);
        using Activations a = OfOne(runA), b = OfOne(runB);
        Take(a, b, picture, cancel);
        _boxes.Add(a, b, picture, _name);
    }

    // A model with a larger fixed batch has the picture repeated behind.
    private static Activations OfOne(Activations run) =>
        run.Inputs is [{ Shape: { Rank: > 0 } shape }, ..] && shape[0] > 1 ? run.OfSample(0) : run;

    /// <summary>Runs both on a tensor for the input that takes pictures, or the first.</summary>
    /// <inheritdoc cref="Add(Mat, CancellationToken)"/>
    public void Add(TensorData tensor, CancellationToken cancel = default)
    {
        using Activations a = _a.Run(tensor, cancel);
        using Activations b = _b.Run(tensor, cancel);
        Take(a, b, null, cancel);
    }

    /// <summary>Runs both on what a file holds: a picture, a tensor or tensors by name.</summary>
    /// <inheritdoc cref="Add(Mat, CancellationToken)"/>
    public void Add(ModelInput input, CancellationToken cancel = default)
    {
        _name = input.Path;
        if (input.Picture is { } picture)
            Add(picture, cancel);
        else if (input.Tensor is { } tensor)
            Add(tensor, cancel);
        else if (input.Tensors is { } tensors)
            Add(tensors, cancel);
        _name = "";
    }

    /// <summary>Runs both on tensors by input name; of each model those are taken that it has.</summary>
    /// <inheritdoc cref="Add(Mat, CancellationToken)"/>
    public void Add(IReadOnlyDictionary<string, TensorData> tensors, CancellationToken cancel = default)
    {
        using Activations a = _a.Run(tensors, cancel);
        using Activations b = _b.Run(tensors, cancel);
        Take(a, b, null, cancel);
    }

    /// <summary>The result over all inputs so far.</summary>
    /// <exception cref="InvalidOperationException">Nothing was added.</exception>
    public ComparisonResult Finish()
    {
        if (_pairing is null || _input is null)
            throw new InvalidOperationException("Nothing was compared: add an input first.");
        PairComparison[] pairs = [.. _states.Where(s => s.Runs > 0).Select(s => s.Result(_maps.Of(s.Pair)))];
        return new ComparisonResult
        {
            ModelA = _a.Model.Source,
            ModelB = _b.Model.Source,
            Inputs = _inputs,
            Input = _input,
            Pairs = pairs,
            Unpaired = _pairing.Unpaired,
            Verdict = VerdictWriter.Of(pairs, _input, _pairing.Unpaired).With(_optimizer),
            Optimizer = _optimizer,
            Notes = _notes,
            Reproduction = _reproduction,
            Representation = _representations?.Result(),
            Maps = _maps.Named,
            Boxes = _boxes.Result(),
            Scores = _predictions.Scores,
            Predictions = _predictions.Result(),
        };
    }

    /// <summary>Frees both sessions.</summary>
    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _local?.Dispose();
    }

    private void Take(Activations a, Activations b, Mat? picture, CancellationToken cancel)
    {
        if (_pairing is null)
            Prepare(a, b);
        InputComparison input = InputComparer.Between(a, b, _pairing!.Pairs, _values);
        if (_input is null || (_input.Differences.Count == 0 && input.Differences.Count > 0))
            _input = input;
        foreach (PairState state in _states)
            state.Add(state.IsInput ? Input(a, state.Pair.A) : a[state.Pair.A], state.IsInput ? Input(b, state.Pair.B) : b[state.Pair.B],
                _values);
        _predictions.Add(a, b, _pairing.Pairs, _a.Model.Card.Labels ?? _b.Model.Card.Labels, _name, picture);
        if (VerdictWriter.HasOtherWeights(_pairing.Pairs))
            (_representations ??= new Representations(_a.Model.Graph, _b.Model.Graph, Layers(_pairing.Pairs.Select(p => p.A), a),
                Layers(_pairing.Pairs.Select(p => p.B), b), _states.Where(s => !s.IsInput && s.Pair.WeightDistance is not null)
                    .Select(s => s.Pair))).Add(a, b);
        if (_inputs++ < _options.LocalInputs && _local is not null)
            TryLocal(a, b, cancel);
        _maps.Add(_states, a, b);
        if (_alone is not null && _optimizer is null)
            _optimizer = SuspectOptimizer(_alone, a, cancel);
    }

    private OptimizerFinding SuspectOptimizer(OnnxModel model, Activations run, CancellationToken cancel) => OptimizerSuspects.Of(model,
        run.Inputs.ToDictionary(i => i.Name, i => new TensorData(i.ElementType, i.Shape, i.Raw.ToArray())), _options.A, _options.B!,
        type => _options.For(type, _isQuantized), cancel);

    private static IEnumerable<string> Layers(IEnumerable<string> names, Activations run) =>
        names.Where(name => run.Any(t => t.Name == name && t.Shape.Count > 1));

    private void Prepare(Activations a, Activations b)
    {
        Dictionary<string, TensorShape> shapesA = Shapes(a), shapesB = Shapes(b);
        _pairing = ModelPairing.Of((_a.Model, shapesA), (_b.Model, shapesB), _options.Pairs);
        _states = [.. _pairing.Pairs.Where(p => shapesA.ContainsKey(p.A) && shapesB.ContainsKey(p.B) && IsWanted(p))
            .Select(p => new PairState(p, _a.Model.Graph.Producer(p.A) is null, _options, _isQuantized, _steps.StepOf(p.B)))];
        if (_states.All(s => s.IsInput))
            throw new BadInputException(_pairing.Pairs.All(p => p.Operator.Length == 0)
                ? $"{_a.Model.Source} and {_b.Model.Source} have no tensor in common: no name, no weight and no way of computing; "
                    + "pairs can be given by name"
                : $"no pair has one of the names {string.Join(", ", _options.Tensors)}; there are {_pairing.Pairs.Count} pairs, such as "
                    + $"'{_pairing.Pairs[^1].A}'");
        foreach (string output in _a.Model.Graph.Outputs.Select(o => o.Name).Intersect(_b.Model.Graph.Outputs.Select(o => o.Name)))
            if (_pairing.Pairs.FirstOrDefault(p => p.B == output && p.A != output) is { } renamed)
                _notes.Add($"output '{output}' is not the same in both: B's is what A calls '{renamed.A}'");
            else if (_pairing.Unpaired.FirstOrDefault(u => u.Name == output) is { } alone)
                _notes.Add($"output '{output}' is not compared: {(alone.InA ? "A" : "B")}'s {alone.Reason}");
        if (_options.LocalInputs == 0)
            return;
        try
        {
            _local = new LocalErrors(_b.Model,
                [.. _pairing.Pairs.Where(p => shapesB.ContainsKey(p.B)).Select(p => LocalErrors.Declared(Find(b, p.B)))],
                _options.B ?? _options.A);
        }
        catch (BadInputException fault)
        {
            _notes.Add($"layers are not run alone: {fault.Message}");
        }
    }

    private void TryLocal(Activations a, Activations b, CancellationToken cancel)
    {
        try
        {
            RunLocal(a, b, cancel);
        }
        catch (BadInputException fault)
        {
            _local?.Dispose();
            _local = null;
            _notes.Add($"layers are not run alone: {fault.Message}");
        }
    }

    private void RunLocal(Activations a, Activations b, CancellationToken cancel)
    {
        Dictionary<string, TensorData> given = _pairing!.Pairs
            .Where(p => a.Concat(a.Inputs).Any(t => t.Name == p.A) && b.Concat(b.Inputs).Any(t => t.Name == p.B))
            .ToDictionary(p => p.B, p =>
        {
            Activation like = Find(b, p.B);
            return _values.AsInB(Find(a, p.A), p.B, like.Shape, like.ElementType);
        });
        using Activations results = _local!.Run(given, cancel);
        foreach (PairState state in _states.Where(s => _local.Makes(s.Pair.B)))
            state.AddLocal(a[state.Pair.A], LocalErrors.Find(results, state.Pair.B), _values);
        if (_reproduction is null && _states.FirstOrDefault(s => s.IsIntroduced && _local.Makes(s.Pair.B)) is { } first)
            _reproduction = _local.Reproduce(first.Pair.B, given, results,
                (shape, type) => _values.AsInB(a[first.Pair.A], first.Pair.B, shape, type));
        if (_inputs == 1)
            MeasureEffects(a, results);
    }

    private void MeasureEffects(Activations a, Activations results)
    {
        foreach (PairState state in _states.Where(s => s.IsIntroduced).OrderByDescending(s => s.LocalError).Take(_options.Effects))
            try
            {
                Activation before = a[state.Pair.A];
                TensorData value = _values.AsInA(LocalErrors.Find(results, state.Pair.B), state.Pair, before.Shape, before.ElementType);
                state.Effect = OutputEffects.Of(_a.Model, state.Pair.A, value, a, _options.A);
            }
            catch (BadInputException fault)
            {
                _notes.Add($"what '{state.Pair.B}' changes in the output was not measured: {fault.Message}");
            }
    }

    private bool IsWanted(TensorPair pair) => _options.Tensors.Count == 0 || pair.Operator.Length == 0
        || _options.Tensors.Any(glob => TensorSelection.Matches(glob, pair.A) || TensorSelection.Matches(glob, pair.B));

    private static Dictionary<string, TensorShape> Shapes(Activations run) =>
        run.Concat(run.Inputs).DistinctBy(t => t.Name).ToDictionary(t => t.Name, t => t.Shape);

    private static Activation Find(Activations run, string tensor) => run.Inputs.FirstOrDefault(i => i.Name == tensor) ?? run[tensor];

    private static Activation Input(Activations run, string tensor) => run.Inputs.First(i => i.Name == tensor);
}
