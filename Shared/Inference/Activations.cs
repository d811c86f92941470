using System.Collections;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>What one run made: the wanted tensors in the model's order. Owns their memory.</summary>
public sealed class Activations : IReadOnlyList<Activation>, IDisposable
{
    private readonly IReadOnlyList<Activation> _wanted;
    private readonly Activation[] _all;
    private readonly IDisposable _results;
    private readonly RunInputs _inputs;
    private readonly Dictionary<string, Activation> _byName;
    private bool _disposed;

    internal Activations(OnnxGraph graph, RunInputs inputs, IReadOnlyList<string> names,
        IDisposableReadOnlyCollection<OrtValue> results, IReadOnlyList<string> wanted)
    {
        (_inputs, _results) = (inputs, results);
        _all = new Activation[names.Count];
        for (int i = 0; i < names.Count; i++)
        {
            OnnxNode? node = graph.Producer(names[i]);
            _all[i] = new Activation(names[i], node?.OpType ?? "", node?.Name ?? "", results[i]);
        }

        _byName = _all.ToDictionary(a => a.Name);
        _wanted = [.. wanted.Select(name => _byName[name])];
        Outputs = [.. graph.Outputs.Select(o => _byName.GetValueOrDefault(o.Name)).OfType<Activation>()];
        Inputs = [.. graph.Inputs.Where(i => FloatConversion.CanConvert(i.ElementType))
            .Select(i => new Activation(i.Name, "", "", inputs.Values[i.Name]))];
    }

    public int Count => _wanted.Count;

    /// <summary>What the run was given, as far as it is numbers.</summary>
    public IReadOnlyList<Activation> Inputs { get; }

    /// <summary>The model's own outputs, also when they were not asked for; without those that are not tensors of numbers.</summary>
    public IReadOnlyList<Activation> Outputs { get; }

    /// <summary>How the picture was made into the input; null when tensors were given.</summary>
    public InputSpec? Preprocessing => _inputs.Preprocessing;

    /// <summary>How many pictures were given; a model with a larger fixed batch has them repeated behind.</summary>
    public int Samples => _inputs.Samples;

    /// <summary>What had to be assumed, in words.</summary>
    public IReadOnlyList<string> Remarks => _inputs.Remarks;

    public Activation this[int index] => _wanted[index];

    /// <exception cref="KeyNotFoundException">No tensor of this run has the name.</exception>
    public Activation this[string name] => _byName[name];

    public IEnumerator<Activation> GetEnumerator() => _wanted.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (Activation activation in _all.Concat(Inputs))
            activation.Free();
        _results.Dispose();
        _inputs.Dispose();
    }

    /// <summary>The values the run was given, to run another session with the same.</summary>
    internal IReadOnlyDictionary<string, OrtValue> Given => _inputs.Values;
}
