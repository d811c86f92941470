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
    private readonly IReadOnlyList<IDisposable> _owned;
    private readonly OnnxGraph _graph;
    private readonly RunInputs _inputs;
    private readonly Dictionary<string, Activation> _byName;
    private bool _disposed;

    /// <param name="graph">Of the model.</param>
    /// <param name="inputs">What the run was given.</param>
    /// <param name="names">Of the results.</param>
    /// <param name="results">What it made.</param>
    /// <param name="wanted">Those of the names that were asked for.</param>
    /// <param name="owned">Disposed with this, in their order.</param>
    internal Activations(OnnxGraph graph, RunInputs inputs, IReadOnlyList<string> names,
        IReadOnlyCollection<OrtValue> results, IReadOnlyList<string> wanted, params IReadOnlyList<IDisposable> owned)
        : this(graph, inputs, [.. names.Zip(results, (name, value) => Of(graph, name, value))], wanted, InputsOf(graph, inputs), owned)
    {
    }

    private Activations(OnnxGraph graph, RunInputs inputs, Activation[] all, IReadOnlyList<string> wanted,
        IReadOnlyList<Activation> given, IReadOnlyList<IDisposable> owned)
    {
        (_graph, _inputs, _all, _owned, Inputs) = (graph, inputs, all, owned, given);
        _byName = _all.ToDictionary(a => a.Name);
        _wanted = [.. wanted.Select(name => _byName[name])];
        Outputs = [.. graph.Outputs.Select(o => _byName.GetValueOrDefault(o.Name)).OfType<Activation>()];
    }

    public int Count => _wanted.Count;

    /// <summary>What the run was given, as far as it is numbers.</summary>
    public IReadOnlyList<Activation> Inputs { get; }

    /// <summary>The model's own outputs, as far as the run made them; without those that are not tensors of numbers.</summary>
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

    /// <summary>What the run made of one picture of the batch, as if it had run alone. Valid as long as this is; disposed by the caller.</summary>
    internal Activations OfSample(int sample)
    {
        int batch = _inputs.Batch;
        return new Activations(_graph, _inputs, [.. _all.Select(a => a.OfSample(sample, batch))], [.. this.Select(a => a.Name)],
            [.. Inputs.Select(a => a.OfSample(sample, batch))], []);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (Activation activation in _all.Concat(Inputs))
            activation.Free();
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }

    private static Activation Of(OnnxGraph graph, string name, OrtValue value)
    {
        OnnxNode? node = graph.Producer(name);
        return new Activation(name, node?.OpType ?? "", node?.Name ?? "", value);
    }

    private static Activation[] InputsOf(OnnxGraph graph, RunInputs inputs) =>
        [.. graph.Inputs.Where(i => FloatConversion.CanConvert(i.ElementType)).Select(i => new Activation(i.Name, "", "", inputs.Values[i.Name]))];

    /// <summary>The values the run was given, to run another session with the same.</summary>
    internal IReadOnlyDictionary<string, OrtValue> Given => _inputs.Values;
}
