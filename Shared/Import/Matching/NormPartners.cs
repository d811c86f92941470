namespace CnnOnnx.Import;

/// <summary>Finds the BatchNormalization that follows a layer, in the names of a checkpoint.</summary>
/// <param name="modules">Modules of a checkpoint, in its order.</param>
internal sealed class NormPartners(IReadOnlyList<CheckpointModule> modules)
{
    // What modules are called, and what the BatchNormalization behind them.
    private static readonly (string Layer, string Norm)[] Pairs =
        [("conv", "bn"), ("conv", "norm"), ("conv", "batchnorm"), ("deconv", "bn"), ("fc", "bn"), ("linear", "bn"), ("conv", "batch_norm")];

    private readonly Dictionary<string, int> _places = modules.Select((m, i) => (m.Path, i)).ToDictionary(m => m.Path, m => m.i);

    /// <summary>
    /// The next in a sequence (0 → 1), the one of the same number (conv1 → bn1), or the one that stands next in the same parent; null
    /// where none has as many channels.
    /// </summary>
    /// <param name="module">The layer.</param>
    /// <param name="outputs">Channels that it makes.</param>
    public CheckpointModule? Of(CheckpointModule module, long outputs)
    {
        (string parent, string last) = ModulePaths.Split(module.Path);
        string prefix = parent.Length == 0 ? "" : parent + ".";
        IEnumerable<string> named = int.TryParse(last, out int number) ? [$"{prefix}{number + 1}"]
            : Pairs.Where(pair => last.Contains(pair.Layer, StringComparison.Ordinal))
                .Select(pair => prefix + last.Replace(pair.Layer, pair.Norm, StringComparison.Ordinal));
        foreach (string name in named)
            if (_places.TryGetValue(name, out int place) && modules[place] is { IsNorm: true } norm && norm.Channels == outputs)
                return norm;
        int next = _places[module.Path] + 1;
        return next < modules.Count && modules[next] is { IsNorm: true } behind && behind.Channels == outputs
            && ModulePaths.Split(behind.Path).Path == parent ? behind : null;
    }
}
