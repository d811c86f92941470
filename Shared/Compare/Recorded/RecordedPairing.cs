using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>
/// Pairs recorded tensors with those of a model: by the name of the tensor, by the module that its node belongs to, and what is left by
/// values in order. Of a convolution and the BatchNormalization that an exporter folded into it, the one whose values fit is taken.
/// </summary>
internal sealed class RecordedPairing
{
    // Layers that follow one another in shape and size are about 1 apart; what was rounded in another way is below a thousandth.
    private const double SameValuesWithin = 0.1;

    private readonly OnnxModel _model;
    private readonly Activations _run;
    private readonly PairedValues _values;
    private readonly IReadOnlyList<RecordedTensor> _recorded;
    private readonly Dictionary<string, Activation> _made;
    private readonly Dictionary<string, string> _resultOf;
    private readonly Dictionary<string, TensorPair> _byKey = [], _byTensor = [];
    private readonly Dictionary<string, string> _reasons = [];
    private readonly HashSet<string> _explained = [];

    private RecordedPairing(OnnxModel model, Activations run, IReadOnlyList<RecordedTensor> recorded, PairedValues values)
    {
        (_model, _run, _recorded, _values) = (model, run, recorded, values);
        _made = run.ToDictionary(t => t.Name);
        _resultOf = Results(model, _made.Keys.ToHashSet());
    }

    /// <summary>Pairs them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="run">A run of it on the recorded input.</param>
    /// <param name="recorded">Recorded tensors, in the order in which they were made.</param>
    /// <param name="given">Pairs that the user named: key, tensor of the model.</param>
    /// <param name="values">Reads pairs.</param>
    /// <exception cref="BadInputException">A key or tensor that was named does not exist.</exception>
    public static ModelPairing Of(OnnxModel model, Activations run, IReadOnlyList<RecordedTensor> recorded,
        IReadOnlyList<(string A, string B)> given, PairedValues values)
    {
        var pairing = new RecordedPairing(model, run, recorded, values);
        foreach ((string key, string tensor) in given)
            pairing.Give(key, tensor);
        for (int i = 0; i < recorded.Count; i++)
            if (!pairing._byKey.ContainsKey(recorded[i].Key))
                pairing.ByName(i);
        pairing.ByValues();
        return pairing.Result();
    }

    /// <summary>The key that holds what the model was given; null where none does.</summary>
    public static RecordedTensor? InputOf(OnnxModel model, string mainInput, IReadOnlyList<RecordedTensor> recorded) =>
        recorded.FirstOrDefault(t => t.Key == mainInput)
        ?? (model.Graph.Inputs.Length == 1 ? recorded.FirstOrDefault(t => t.Key == "input") : null);

    private void Give(string key, string tensor)
    {
        if (_recorded.All(t => t.Key != key))
            throw new BadInputException($"there is no recorded tensor '{key}' to pair; there are {string.Join(", ",
                _recorded.Take(4).Select(t => t.Key))}{(_recorded.Count > 4 ? ", …" : "")}");
        if (!_made.ContainsKey(tensor))
            throw new BadInputException($"{_model.Source} has no tensor '{tensor}' to pair");
        Pair(key, tensor, PairingEvidence.Given);
    }

    private void Pair(string key, string tensor, PairingEvidence evidence) => _byKey[key] = _byTensor[tensor] =
        new TensorPair(key, tensor, _model.Graph.Producer(tensor)?.OpType ?? "", _model.Graph.Producer(tensor)?.Name ?? "", evidence, null);

    private void ByName(int place)
    {
        RecordedTensor recorded = _recorded[place];
        string key = recorded.Key;
        if (_model.Graph.Inputs.Any(i => i.Name == key) || (key == "input" && _model.Graph.Inputs.Length == 1))
        {
            _reasons[key] = "is the input";
            return;
        }

        string? tensor = _made.ContainsKey(key) ? key
            : _resultOf.TryGetValue(key, out string? result) ? result
            : key == "output" && _model.Graph.Outputs is [{ } only] && _made.ContainsKey(only.Name) ? only.Name : null;
        if (tensor is null)
            WithoutName(place);
        else if (LayoutMatch.Between(recorded.Data.Shape, _made[tensor].Shape) is null)
            _reasons[key] = $"is {recorded.Data.Shape}, and '{tensor}' is {_made[tensor].Shape}";
        else if (_byTensor.TryGetValue(tensor, out TensorPair? taken))
            _reasons[key] = _recorded.First(t => t.Key == taken.A).HoldsTheSameAs(recorded) ? Explained(key,
                $"is the same place as '{taken.A}', which is compared")
                : $"belongs to '{tensor}' by its name, as '{taken.A}' does, and holds other values";
        else
            Pair(key, tensor, PairingEvidence.Name);
    }

    // A module that left no node: folded into the one before, or without effect.
    private void WithoutName(int place)
    {
        RecordedTensor recorded = _recorded[place];
        if (place > 0 && _byKey.TryGetValue(_recorded[place - 1].Key, out TensorPair? before)
            && before.Evidence == PairingEvidence.Name && before.Operator is "Conv" or "ConvTranspose" or "Gemm" or "MatMul"
            && _recorded[place - 1].Data.Shape == recorded.Data.Shape
            && ErrorOf(recorded, before.B) < ErrorOf(_recorded[place - 1], before.B))
        {
            _byKey.Remove(before.A);
            _reasons[before.A] = Explained(before.A,
                $"comes before '{recorded.Key}', which is folded into the weights that make '{before.B}'");
            Pair(recorded.Key, before.B, PairingEvidence.Name | PairingEvidence.Values);
        }
        else if (_recorded.Take(place).FirstOrDefault(t => t.HoldsTheSameAs(recorded)) is { } same)
            _reasons[recorded.Key] = Explained(recorded.Key, $"holds the same values as '{same.Key}'");
    }

    private string Explained(string key, string reason)
    {
        _explained.Add(key);
        return reason;
    }

    private double ErrorOf(RecordedTensor recorded, string tensor)
    {
        if (!_values.TryRead(recorded.Values, _made[tensor], out ReadOnlySpan<float> a, out ReadOnlySpan<float> b))
            return double.PositiveInfinity;
        var meter = new PairMeter();
        meter.Add(a, b, default);
        return meter.Result().RelativeError;
    }

    // Names that the model does not have: the order of both, where the values themselves say that it is the place.
    private void ByValues()
    {
        RecordedTensor[] left = [.. _recorded.Where(t => !_byKey.ContainsKey(t.Key) && !_reasons.ContainsKey(t.Key))];
        if (left.Length == 0)
            return;
        Activation[] right = [.. _run.Where(t => !_byTensor.ContainsKey(t.Name) && FloatConversion.CanConvert(t.ElementType))];
        HashSet<long> counts = [.. left.Select(t => t.Data.Shape.Count)];
        WeightFingerprint?[] seen = [.. right.Select(t => counts.Contains(t.Shape.Count) ? WeightFingerprint.Of(t.Values) : null)];
        foreach ((int i, int j) in SequenceAlignment.Align(left.Length, right.Length, Score))
            Pair(left[i].Key, right[j].Name, PairingEvidence.Values | PairingEvidence.Alignment);

        double Score(int i, int j) => seen[j] is { } print && LayoutMatch.Between(left[i].Data.Shape, right[j].Shape) == ValueOrder.Same
            ? Math.Max(0, SameValuesWithin - left[i].Fingerprint.DistanceTo(print)) : 0;
    }

    private ModelPairing Result()
    {
        TensorPair[] pairs = [.. _run.Where(t => _byTensor.ContainsKey(t.Name)).Select(t => _byTensor[t.Name])];
        IEnumerable<UnpairedTensor> recorded = _recorded.Where(t => !_byKey.ContainsKey(t.Key)).Select(t => new UnpairedTensor(t.Key, true,
            _reasons.GetValueOrDefault(t.Key, "has neither the name nor the values of a tensor of the model"))
        { IsExplained = _explained.Contains(t.Key) });
        LayerUnits units = LayerUnits.Of(_model);
        IEnumerable<UnpairedTensor> made = _run.Where(t => !_byTensor.ContainsKey(t.Name) && units.Behind(t.Name) is not null
                && _model.Graph.Producer(t.Name) is { } node && !LayerUnits.IsView(node, _model.Graph))
            .Select(t => new UnpairedTensor(t.Name, false, $"is made by {t.Op}, and nothing was recorded there"));
        return new ModelPairing(pairs, [.. recorded.Where(u => u.Reason != "is the input"), .. made]);
    }

    // What a module hands on: the last of its tensors that others read.
    private static Dictionary<string, string> Results(OnnxModel model, IReadOnlySet<string> made)
    {
        var modules = new Dictionary<string, string>();
        foreach (OnnxNode node in model.Graph.Nodes)
            if (ModuleNames.Of(node) is { } module)
                modules[node.Name] = module;
        ILookup<string, OnnxNode> users = model.Graph.Nodes.SelectMany(n => NodeOrder.UsedNames(n).Select(name => (name, n)))
            .ToLookup(u => u.name, u => u.n);
        HashSet<string> outputs = [.. model.Graph.Outputs.Select(o => o.Name)];
        HashSet<string> known = [.. modules.Values];
        var results = new Dictionary<string, string>();
        foreach (OnnxNode node in model.Graph.Nodes.Where(n => modules.ContainsKey(n.Name) && made.Contains(n.Outputs[0])))
            foreach (string module in ModuleNames.WithOuter(modules[node.Name]))
                if (outputs.Contains(node.Outputs[0]) || users[node.Outputs[0]].Any(user =>
                    !modules.TryGetValue(user.Name, out string? other) || !ModuleNames.WithOuter(other).Contains(module)))
                {
                    results[module] = node.Outputs[0];
                    if (ModuleNames.AsHook(module, known) is { } hook)
                        results.TryAdd(hook, node.Outputs[0]);
                }

        return results;
    }
}
