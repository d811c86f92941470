using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Import;

/// <summary>What a layer of a graph and a module of a checkpoint were found to be one by.</summary>
internal enum Evidence
{
    /// <summary>The name of an initializer.</summary>
    Name,

    /// <summary>The name of a node, in which the exporter keeps the module's path.</summary>
    NodeName,

    /// <summary>A normalisation behind a layer that is known already.</summary>
    Place,

    /// <summary>The graph's own values, which are the checkpoint's, perhaps times those of a normalisation.</summary>
    Values,

    /// <summary>A shape that one layer and one module have, of all that were left.</summary>
    Shape,

    /// <summary>The order of both, where it was asked for.</summary>
    Order,
}

/// <summary>A module for a layer.</summary>
/// <param name="Module">The module.</param>
/// <param name="By">What says so.</param>
/// <param name="IsTurned">Rows of its matrix are columns in the graph.</param>
internal sealed record Found(CheckpointModule Module, Evidence By, bool IsTurned)
{
    /// <summary>The normalisation that is multiplied into the layer, and the number in its root, where values showed them.</summary>
    public (CheckpointModule Norm, double Epsilon)? Folded { get; init; }
}

/// <summary>
/// Finds the module of a checkpoint for each layer of a graph: by names first, then by what only one can be. Nothing is taken by its
/// place in the file, unless that is asked for.
/// </summary>
internal sealed class CheckpointMatch
{
    private readonly IReadOnlyList<GraphLayer> _layers;
    private readonly IReadOnlyList<CheckpointModule> _modules;
    private readonly Dictionary<string, CheckpointModule> _byPath;
    private readonly Dictionary<GraphLayer, Found> _found = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<CheckpointModule> _used = new(ReferenceEqualityComparer.Instance);
    private readonly NormPartners _partners;
    private readonly double[] _epsilons;

    private CheckpointMatch(IReadOnlyList<GraphLayer> layers, IReadOnlyList<CheckpointModule> modules, double? epsilon)
    {
        (_layers, _modules, _partners) = (layers, modules, new NormPartners(modules));
        _byPath = modules.ToDictionary(m => m.Path);
        _epsilons = [.. epsilon is { } given ? [given] : Array.Empty<double>(), .. Folding.UsualEpsilons];
    }

    /// <summary>Modules of layers, where they were found.</summary>
    /// <param name="layers">Layers of a graph, in its order.</param>
    /// <param name="modules">Modules of a checkpoint, in its order.</param>
    /// <param name="epsilon">Number that a normalisation adds in the root, to try first; null for the usual ones.</param>
    /// <param name="byOrder">What is left is taken in order, where all shapes agree.</param>
    public static IReadOnlyDictionary<GraphLayer, Found> Find(IReadOnlyList<GraphLayer> layers, IReadOnlyList<CheckpointModule> modules,
        double? epsilon, bool byOrder)
    {
        var match = new CheckpointMatch(layers, modules, epsilon);
        foreach (GraphLayer layer in layers)
            match.ByName(layer);
        match.NormsByPlace();
        foreach (GraphLayer layer in layers.Where(layer => !match._found.ContainsKey(layer)))
            match.ByValues(layer);
        match.NormsByPlace();
        match.ByShape();
        match.NormsByPlace();
        if (byOrder)
            match.ByOrder();
        match.NormsByPlace();
        return match._found;
    }

    private void ByName(GraphLayer layer)
    {
        foreach (string name in layer.Parts.Values.Select(t => ModulePaths.Split(t.Name).Path).Distinct())
            if (_byPath.TryGetValue(name, out CheckpointModule? module) && Take(layer, module, Evidence.Name))
                return;
        if (layer.Module is { } path && _byPath.TryGetValue(path, out CheckpointModule? named))
            _ = Take(layer, named, Evidence.NodeName);
    }

    private bool Take(GraphLayer layer, CheckpointModule module, Evidence by)
    {
        // A matrix that keeps its name keeps its rows, too.
        bool isAsItIs = by == Evidence.Name && layer is { IsTurned: true, Weight: { } own } && module.Weight?.Shape == own.Shape;
        if (!isAsItIs && !layer.Fits(module))
            return false;
        _found[layer] = new Found(module, by, layer.IsTurned && !isAsItIs);
        _ = _used.Add(module);
        return true;
    }

    private void NormsByPlace()
    {
        foreach (GraphLayer layer in _layers.Where(l => l.Norm is not null && _found.ContainsKey(l) && !_found.ContainsKey(l.Norm)))
            if (_partners.Of(_found[layer].Module, layer.Norm!.Parts.Values.First().Shape.Count) is { } norm && !_used.Contains(norm))
                _ = Take(layer.Norm, norm, Evidence.Place);
    }

    // A file that was exported from this very checkpoint holds its numbers.
    private void ByValues(GraphLayer layer)
    {
        if (layer.Parts.Values.Any(t => !t.HasData) || !(layer.IsNorm || layer.Weight is not null))
            return;
        foreach (CheckpointModule module in _modules.Where(m => !_used.Contains(m) && layer.Fits(m)))
        {
            (CheckpointModule? Norm, double Epsilon)? seen = layer.IsLayer ? OfLayer(layer, module)
                : layer.Parts.All(part => Same(module, part.Key, part.Value)) ? (null, 0) : null;
            if (seen is null || !Take(layer, module, Evidence.Values))
                continue;
            if (seen.Value.Norm is { } norm)
            {
                _found[layer] = _found[layer] with { Folded = (norm, seen.Value.Epsilon) };
                _ = _used.Add(norm);
            }

            return;
        }
    }

    private (CheckpointModule? Norm, double Epsilon)? OfLayer(GraphLayer layer, CheckpointModule module)
    {
        if (Ratio(layer, module) is not { } ratio)
            return null;
        return IsPlain(layer, module, ratio) ? (null, 0) : Explained(module, ratio, layer.Bias?.Load().ToFloats());
    }

    /// <summary>True where the graph holds the module's own numbers: nothing has been multiplied in.</summary>
    public static bool IsPlain(GraphLayer layer, CheckpointModule module) =>
        layer.Parts.Values.All(t => t.HasData) && Ratio(layer, module) is { } ratio && IsPlain(layer, module, ratio);

    private static bool IsPlain(GraphLayer layer, CheckpointModule module, float[] ratio) =>
        ratio.All(r => Math.Abs(r - 1) < 1e-4f) && (layer.Bias is null || Same(module, "bias", layer.Bias));

    /// <summary>The normalisation whose factors and bias the graph's own values are; null where it holds other weights.</summary>
    public static (CheckpointModule Norm, double Epsilon)? Explained(GraphLayer layer, CheckpointModule module,
        IEnumerable<CheckpointModule> norms, IReadOnlyList<double> epsilons)
    {
        if (!layer.Parts.Values.All(t => t.HasData) || Ratio(layer, module) is not { } ratio)
            return null;
        float[]? bias = layer.Bias?.Load().ToFloats();
        foreach (CheckpointModule norm in norms.Where(n => n.IsNorm))
            if (Folding.Epsilon(norm, module, ratio, bias, epsilons) is { } epsilon)
                return (norm, epsilon);
        return null;
    }

    private (CheckpointModule? Norm, double Epsilon)? Explained(CheckpointModule module, float[] ratio, float[]? bias)
    {
        foreach (CheckpointModule norm in _modules.Where(m => m.IsNorm && !_used.Contains(m)))
            if (Folding.Epsilon(norm, module, ratio, bias, _epsilons) is { } epsilon)
                return (norm, epsilon);
        return null;
    }

    private static float[]? Ratio(GraphLayer layer, CheckpointModule module)
    {
        float[] own = layer.Weight!.Load().ToFloats();
        return Folding.Ratio(layer, module, layer.IsTurned && layer.Weight.Shape.Rank == 2
            ? WeightFillings.Turned(own, layer.Weight.Shape) : own);
    }

    private static bool Same(CheckpointModule module, string part, OnnxTensor own)
    {
        if (!module.Parts.ContainsKey(part))
            return false;
        float[] theirs = module.Load(part, 0, 0), ours = own.Load().ToFloats();
        float slack = 1e-5f * ours.Select(Math.Abs).DefaultIfEmpty().Max();
        return theirs.Length == ours.Length && theirs.Zip(ours).All(pair => Math.Abs(pair.First - pair.Second) <= slack);
    }

    private void ByShape()
    {
        GraphLayer[] layers = [.. Open()];
        CheckpointModule[] modules = [.. _modules.Where(m => !_used.Contains(m))];
        foreach (GraphLayer layer in layers)
            if (modules.Where(layer.Fits).Take(2).ToArray() is [var only] && layers.Count(other => other.Fits(only)) == 1)
                _ = Take(layer, only, Evidence.Shape);
    }

    private void ByOrder()
    {
        foreach (bool areNorms in new[] { false, true })
        {
            GraphLayer[] layers = [.. Open().Where(l => l.IsNorm == areNorms && (areNorms || l.IsLayer))];
            CheckpointModule[] modules = [.. _modules.Where(m => !_used.Contains(m) && (areNorms ? m.IsNorm : m.IsLayer))];
            if (layers.Length == modules.Length && layers.Zip(modules).All(pair => pair.First.Fits(pair.Second)))
                foreach ((GraphLayer layer, CheckpointModule module) in layers.Zip(modules))
                    _ = Take(layer, module, Evidence.Order);
            NormsByPlace();
        }
    }

    private IEnumerable<GraphLayer> Open() => _layers.Where(layer => !_found.ContainsKey(layer));
}
