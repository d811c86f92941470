using System.Collections;
using CnnOnnx.Imaging;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>Results of one run: the wanted tensors in the model's order. Owns their memory.</summary>
public sealed class Activations : IReadOnlyList<Activation>, IDisposable
{
    private readonly FetchPlan _plan;
    private readonly Activation[] _all;
    private readonly RunInputs _inputs;
    private readonly IReadOnlyList<IDisposable> _owned;
    private readonly Lazy<Activation[]> _given;
    private readonly Activations? _batch;
    private bool _disposed;

    /// <param name="plan">Tensors that the run was asked for.</param>
    /// <param name="inputs">Inputs of the run.</param>
    /// <param name="results">Results, in the plan's order.</param>
    /// <param name="owned">Disposed with this, in their order.</param>
    internal Activations(FetchPlan plan, RunInputs inputs, IReadOnlyList<OrtValue> results, IReadOnlyList<IDisposable> owned)
    {
        (_plan, _inputs, _owned, Samples) = (plan, inputs, owned, inputs.Samples);
        _all = new Activation[plan.Names.Length];
        for (int i = 0; i < _all.Length; i++)
            _all[i] = new Activation(plan.Tensors[i].Name, plan.Tensors[i].Op, plan.Tensors[i].Node, results[i], this);
        _given = new(() => [.. plan.Graph.Inputs.Where(i => FloatConversion.CanConvert(i.ElementType))
            .Select(i => new Activation(i.Name, "", "", inputs.Values[i.Name], this))]);
    }

    private Activations(Activations batch, int sample)
    {
        (_batch, _plan, _inputs, _owned, Samples) = (batch, batch._plan, batch._inputs, [], 1);
        int size = _inputs.Batch;
        _all = new Activation[batch._all.Length];
        for (int i = 0; i < _all.Length; i++)
            _all[i] = _plan.Tensors[i].IsFixed && _inputs.IsBatchFree ? batch._all[i] : batch._all[i].OfSample(sample, size, this);
        _given = new(() => Array.ConvertAll(batch._given.Value, input => input.OfSample(sample, size, this)));
    }

    /// <summary>Number of wanted tensors.</summary>
    public int Count => _plan.Wanted;

    /// <summary>True when its memory is gone: a sample's is its batch's.</summary>
    internal bool IsDisposed => _disposed || _batch is { IsDisposed: true };

    /// <summary>Inputs of the run, as far as they are numbers.</summary>
    /// <exception cref="ObjectDisposedException">This was disposed, and had not been asked before.</exception>
    public IReadOnlyList<Activation> Inputs => _given.IsValueCreated || !IsDisposed
        ? _given.Value
        : throw new ObjectDisposedException(nameof(Activations), "The run's inputs were asked for after its activations were disposed");

    /// <summary>The model's own outputs, as far as the run made them; without those that are not tensors of numbers.</summary>
    public IReadOnlyList<Activation> Outputs => Array.ConvertAll(_plan.Outputs, place => _all[place]);

    /// <summary>How the picture was made into the input; null when tensors were given.</summary>
    public InputSpec? Preprocessing => _inputs.Preprocessing;

    /// <summary>
    /// The guess by which the picture was made into the input; null where the model card or the options say how, and where tensors were
    /// given.
    /// </summary>
    public PreprocessingGuess? Guess => _inputs.Guess;

    /// <summary>
    /// The most likely classes of the first picture by its first output that is a row of numbers; the five largest numbers where nothing
    /// names the classes. Null when there is no such output.
    /// </summary>
    /// <exception cref="BadInputException">The options name classes, and no output has as many.</exception>
    public ClassScores? Scores => ClassScores.Of(this, _inputs.Names);

    /// <summary>How many pictures were given; a model with a larger fixed batch has them repeated behind.</summary>
    public int Samples { get; }

    /// <summary>True when the run had more samples than pictures were given, though the model takes any number.</summary>
    internal bool IsFilled => _inputs.IsBatchFree && _inputs.Batch > _inputs.Samples;

    /// <summary>Assumptions that were made, in words, and outputs that are not compared.</summary>
    public IReadOnlyList<string> Remarks => _inputs.Remarks;

    /// <summary>The wanted tensor at a place in the model's order.</summary>
    /// <param name="index">Place among the wanted tensors, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many.</exception>
    public Activation this[int index] => index >= 0 && index < Count
        ? _all[index]
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"The run has {Count} wanted tensors");

    /// <summary>The tensor of a name, wanted or an output of the model.</summary>
    /// <param name="name">Name in the model.</param>
    /// <exception cref="KeyNotFoundException">No tensor of this run has the name.</exception>
    public Activation this[string name] => _all[_plan.PlaceOf(name)];

    /// <summary>Walks over the wanted tensors in the model's order.</summary>
    public IEnumerator<Activation> GetEnumerator() => _all.Take(Count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// What the run made of one picture of the batch, as if it had run alone; a tensor that is not made for each picture stays
    /// whole. Valid as long as this is; disposed by the caller.
    /// </summary>
    internal Activations OfSample(int sample) => new(this, sample);

    /// <summary>Frees the memory of all tensors of the run.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Free(_all, _batch?._all);
        if (_given.IsValueCreated)
            Free(_given.Value, _batch?._given.Value);
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }

    // What a sample shares with its batch is the batch's.
    private static void Free(Activation[] own, Activation[]? shared)
    {
        for (int i = 0; i < own.Length; i++)
            if (own[i] != shared?[i])
                own[i].Free();
    }

    /// <summary>Where a tensor of the run has its channels.</summary>
    internal ChannelLayout LayoutOf(string tensor, int rank) => _plan.Layouts.Value.Of(tensor, rank).Layout;

    /// <summary>The values the run was given, to run another session with the same.</summary>
    internal IReadOnlyDictionary<string, OrtValue> Given => _inputs.Values;
}
