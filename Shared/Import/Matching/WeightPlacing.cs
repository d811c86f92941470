using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Import;

/// <summary>Puts the tensors of modules into the initializers of layers, and tells what is left on either side.</summary>
internal sealed class WeightPlacing
{
    private const int Listed = 3;

    private static readonly Dictionary<Evidence, string> Words = new()
    {
        [Evidence.Name] = "by their names",
        [Evidence.NodeName] = "by the names of their nodes",
        [Evidence.Place] = "behind layers that are known",
        [Evidence.Values] = "by values that graph and checkpoint share",
        [Evidence.Shape] = "by shapes that occur once",
        [Evidence.Order] = "in order, as was asked for",
    };

    private readonly OnnxModel _model;
    private readonly WeightFile _weights;
    private readonly IReadOnlyList<CheckpointModule> _modules;
    private readonly NormPartners _partners;
    private readonly CheckpointOptions _options;
    private readonly Dictionary<string, WeightTensor> _byName = [];
    private readonly HashSet<WeightTensor> _used = [];
    private readonly List<double> _epsilons = [];
    private OnnxTensor[] _kept = [];
    private int _assumed;

    public WeightPlacing(OnnxModel model, WeightFile weights, CheckpointNames names, IReadOnlyList<CheckpointModule> modules,
        CheckpointOptions options)
    {
        (_model, _weights, _modules, _options, _partners) = (model, weights, modules, options, new NormPartners(modules));
        foreach (WeightTensor tensor in weights.Tensors)
            if (tensor.Name.StartsWith(names.Removed, StringComparison.Ordinal))
                _byName[names.Of(tensor.Name)] = tensor;
    }

    public WeightFillings Fillings { get; } = new();

    /// <summary>Puts a module into a layer.</summary>
    public void Place(GraphLayer layer, Found found, IReadOnlyDictionary<GraphLayer, Found> all)
    {
        CheckpointModule module = found.Module;
        if (FoldedInto(layer, found, all) is { } folded)
        {
            Fold(layer, found, folded.Norm, folded.Epsilon);
            return;
        }

        foreach ((string part, OnnxTensor target) in layer.Parts)
            if (module.Parts.TryGetValue(part, out WeightTensor? tensor)
                && GraphLayer.Fits(tensor.Shape, target, found.IsTurned && part == "weight"))
                Put(target, tensor, found.IsTurned && part == "weight");
    }

    /// <summary>Puts tensors where the graph has them under their own names, outside layers too.</summary>
    public void PlaceByName()
    {
        foreach (OnnxTensor target in _model.Graph.Initializers.Where(t => !Fillings.Has(t.Name)))
            if (_byName.TryGetValue(target.Name, out WeightTensor? tensor) && tensor.Shape == target.Shape
                && (tensor.Type == target.ElementType
                    || (target.ElementType.IsFloatingPoint() && FloatConversion.CanConvert(tensor.Type))))
                Put(target, tensor, false);
    }

    /// <exception cref="UnmatchedWeightsException">A weight of the graph has nothing to come from.</exception>
    public void RequireAll(IReadOnlyList<GraphLayer> layers)
    {
        Dictionary<string, TensorRole> roles = TensorRoles.Of(_model.Graph, _model.Graph.Nodes);
        WeightTensor[] left = Left();
        HashSet<string> inLayers = [.. layers.SelectMany(l => l.Parts.Values).Select(t => t.Name)];
        OnnxTensor[] open = [.. _model.Graph.Initializers.Where(t => !Fillings.Has(t.Name)
            && (roles.GetValueOrDefault(t.Name) is TensorRole.Weight or TensorRole.Statistic || !t.HasData))];
        // Numbers outside layers may be the graph's own, such as the prior boxes of a detector, where nothing of their size is left.
        OnnxTensor[] missing = [.. open.Where(t => inLayers.Contains(t.Name) || !t.HasData
            || left.Any(l => l.Shape.Count == t.Shape.Count))];
        _kept = [.. open.Except(missing)];
        if (missing.Length == 0)
            return;
        Dictionary<string, OnnxNode> users = layers.SelectMany(l => l.Parts.Values.Select(t => (t.Name, l.Node)))
            .GroupBy(u => u.Name).ToDictionary(g => g.Key, g => g.First().Node);
        string[] ours = [.. missing.Select(t => Line($"'{t.Name}' {t.Shape}"
            + (users.TryGetValue(t.Name, out OnnxNode? node) ? $" of {node.OpType} '{node.Name}'" : ""), t.Name,
            left.Select(l => l.Name)))];
        string[] theirs = [.. left.Select(t => Line($"'{t.Name}' {t.Shape}", t.Name, missing.Select(m => m.Name)))];
        throw new UnmatchedWeightsException($"{_weights.Path}: does not fill {missing.Length} of"
            + $" {roles.Count(r => r.Value != TensorRole.Constant)} weights of {_model.Source}: {Some(ours)}; "
            + (left.Length == 0 ? "nothing is left in the checkpoint" : $"left in the checkpoint: {Some(theirs)}")
            + "; it belongs to another network, or the graph has lost the names",
            ours, theirs);
    }

    /// <summary>How layers were found, what was folded, what was left.</summary>
    public IEnumerable<string> Remarks(IReadOnlyList<GraphLayer> layers, IReadOnlyDictionary<GraphLayer, Found> found)
    {
        yield return $"{_used.Count} of {_weights.Tensors.Count} tensors of the {_weights.Format} fill {Fillings.Names.Count()}"
            + $" initializers; "
            + string.Join(", ", found.Values.GroupBy(f => f.By).OrderBy(g => g.Key).Select(g => $"{g.Count()} layers {Words[g.Key]}"));
        int nodes = layers.Count(l => l.IsNorm);
        if (_epsilons.Count > 0)
            yield return $"BatchNormalization is folded into {_epsilons.Count} layers, with {string.Join(" and ",
                _epsilons.Distinct().Select(e => $"{e:0e+0}"))} added to the variance, "
                + (_assumed == 0 ? "as the graph's own values show" : _options.BatchNormEpsilon is null ? "PyTorch's usual number"
                : "as asked for");
        if (nodes > 0)
            yield return $"BatchNormalization is not folded: {nodes} nodes of it keep the graph's epsilon";
        if (_kept.Length > 0)
            yield return $"{_kept.Length} tensors outside layers keep the graph's numbers:"
                + $" {Some([.. _kept.Select(t => $"'{t.Name}' {t.Shape}")])}";
        if (Left() is { Length: > 0 } left)
            yield return $"{left.Length} tensors of the checkpoint have no place in the graph:"
                + $" {Some([.. left.Select(t => $"'{t.Name}' {t.Shape}")])}";
    }

    private void Put(OnnxTensor target, WeightTensor tensor, bool isTurned)
    {
        Fillings.Put(target, tensor, isTurned);
        _ = _used.Add(tensor);
    }

    private void Fold(GraphLayer layer, Found found, CheckpointModule norm, double epsilon)
    {
        CheckpointModule module = found.Module;
        _epsilons.Add(epsilon);
        _used.UnionWith([.. norm.Parts.Values.Where(t => !CheckpointModule.IsCounter(t.Name)), module.Weight!]);
        if (module.Bias is { } bias)
            _ = _used.Add(bias);
        string from = $"{module.Path} and {norm.Path}";
        Fillings.Put(layer.Weight!, from, module.Weight!.Shape,
            () => Folding.Weight(layer, module, Folding.Factors(norm, epsilon).Scale), found.IsTurned);
        Fillings.Put(layer.Bias!, from, layer.Bias!.Shape, () =>
        {
            (float[] scale, float[] shift) = Folding.Factors(norm, epsilon);
            return Folding.Bias(module, scale, shift);
        });
    }

    // The graph has a bias and no normalisation behind the layer, the checkpoint has a normalisation that no node of the graph is.
    private (CheckpointModule Norm, double Epsilon)? FoldedInto(GraphLayer layer, Found found, IReadOnlyDictionary<GraphLayer, Found> all)
    {
        if (found.Folded is { } shown)
            return shown;
        if (!layer.IsLayer || layer.Bias is not { } bias || layer.Norm is not null || found.By == Evidence.Values)
            return null;
        HashSet<CheckpointModule> inGraph = [.. all.Where(f => f.Key.IsNorm).Select(f => f.Value.Module)];
        CheckpointModule[] open = [.. _modules.Where(m => m.IsNorm && m.Channels == bias.Shape.Count && !inGraph.Contains(m))];
        if (open.Length == 0)
            return null;
        double[] tried = _options.BatchNormEpsilon is { } given ? [given] : Folding.UsualEpsilons;
        if (CheckpointMatch.Explained(layer, found.Module, open, tried) is { } values)
            return values;
        // A normalisation that the network has and does not use.
        if (found.Module.Bias is not null && CheckpointMatch.IsPlain(layer, found.Module))
            return null;
        if (_partners.Of(found.Module, bias.Shape.Count) is not { } partner || inGraph.Contains(partner))
            return null;
        _assumed++;
        return (partner, _options.BatchNormEpsilon ?? _epsilons.Cast<double?>().LastOrDefault() ?? Folding.UsualEpsilons[0]);
    }

    private WeightTensor[] Left() =>
        [.. _weights.Tensors.Where(t => !_used.Contains(t) && !CheckpointModule.IsCounter(t.Name))];

    private static string Line(string what, string name, IEnumerable<string> others) => what + NearestName.Hint(name, others);

    private static string Some(string[] lines) =>
        string.Join(", ", lines.Take(Listed)) + (lines.Length > Listed ? $" and {lines.Length - Listed} more" : "");
}
