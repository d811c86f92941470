using CnnOnnx.Formats;
using CnnOnnx.Tensors;

namespace CnnOnnx.Import;

/// <summary>The tensors of one module of a checkpoint, such as conv1: weight, bias, running statistics.</summary>
/// <param name="Path">Path of the module, without what all names begin with.</param>
/// <param name="Parts">Tensors by the last part of their names.</param>
internal sealed record CheckpointModule(string Path, Dictionary<string, WeightTensor> Parts)
{
    private const string Counter = "num_batches_tracked";

    public WeightTensor? Weight => Parts.GetValueOrDefault("weight");

    public WeightTensor? Bias => Parts.GetValueOrDefault("bias");

    /// <summary>It is a BatchNormalization.</summary>
    public bool IsNorm => Parts.ContainsKey("running_mean") && Parts.ContainsKey("running_var");

    /// <summary>It is a convolution or a matrix.</summary>
    public bool IsLayer => !IsNorm && Weight is { Shape.Rank: >= 2 };

    /// <summary>Channels of a BatchNormalization.</summary>
    public long Channels => IsNorm ? Parts["running_mean"].Shape.Count : 0;

    /// <summary>Names by which a training counts its batches; no graph has them.</summary>
    public static bool IsCounter(string name) => name.EndsWith(Counter, StringComparison.Ordinal);

    /// <summary>The modules, in the order of the checkpoint.</summary>
    /// <param name="tensors">Tensors of a checkpoint.</param>
    /// <param name="rename">The name without what all begin with.</param>
    public static IReadOnlyList<CheckpointModule> Of(IEnumerable<WeightTensor> tensors, Func<string, string> rename)
    {
        var modules = new Dictionary<string, CheckpointModule>();
        foreach (WeightTensor tensor in tensors)
        {
            (string path, string part) = ModulePaths.Split(rename(tensor.Name));
            if (!modules.TryGetValue(path, out CheckpointModule? module))
                modules[path] = module = new CheckpointModule(path, []);
            module.Parts[part] = tensor;
        }

        return [.. modules.Values];
    }

    /// <summary>The elements of a part as float32; of one that the module does not have, the same number for each channel.</summary>
    public float[] Load(string part, float missing, int count)
    {
        if (!Parts.TryGetValue(part, out WeightTensor? tensor))
            return [.. Enumerable.Repeat(missing, count)];
        TensorData data = tensor.Load();
        return data.ToFloats();
    }

    public override string ToString() => Path;
}
