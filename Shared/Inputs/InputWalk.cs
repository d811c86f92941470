using System.Diagnostics;
using CnnOnnx.Inference;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inputs;

/// <summary>
/// Walks through inputs and runs a model on each. While one run is used by the caller, the next is made and the pictures of
/// those behind are read:
/// <code>
/// read, decode, resize ──▶ (2 batches) ──▶ network ──▶ (1 run) ──▶ the caller
/// </code>
/// The order is that of the inputs. What cannot be read or run is a run with a fault, in its place.
/// </summary>
/// <param name="session">Runs the model; stays the caller's, and has to live as long as the walk.</param>
public sealed class InputWalk(ActivationSession session)
{
    /// <summary>Batches that are read beside the one that is run.</summary>
    internal const int ReadAhead = 2;

    /// <summary>Runs that are made beside the one that is used.</summary>
    internal const int RunAhead = 1;

    /// <summary>
    /// Pictures in a run, as far as the model takes so many; 1 when not set. Only pictures that become an input of the same size are
    /// run together.
    /// </summary>
    public int Batch
    {
        get => Math.Min(field, session.PictureBatch ?? int.MaxValue);
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 1;

    /// <summary>
    /// True to fill up a batch of fewer pictures with its first ones: batches of other sizes may come out otherwise in their last bits.
    /// </summary>
    internal bool Fills { get; init; }

    /// <summary>Tensors for the model's inputs beside the one for pictures, by name; those not given are filled with zeros.</summary>
    public IReadOnlyDictionary<string, TensorData> Others { get; init; } = new Dictionary<string, TensorData>();

    /// <summary>Runs the model on inputs, as they are asked for and two stages ahead. The caller disposes each run.</summary>
    /// <param name="items">The inputs, such as <see cref="InputList.Items"/> gives them.</param>
    /// <param name="cancel">Stops the walk, also within a run.</param>
    /// <exception cref="OperationCanceledException">The walk was stopped.</exception>
    public IEnumerable<InputRun> Runs(IEnumerable<InputItem> items, CancellationToken cancel = default) =>
        Batches(items.Select(ReadInput.Of), read => read.Input).Select(Bound).Ahead(ReadAhead, cancel)
            .Select(bound => Run(bound, cancel)).Ahead(RunAhead, cancel);

    /// <summary>Groups inputs that are run together. One that could not be read is alone.</summary>
    /// <param name="reads">Inputs that were read; those left when nobody asks for more are disposed.</param>
    /// <param name="inputOf">Gives the input of what was read; null where there is nothing to run on.</param>
    internal IEnumerable<IReadOnlyList<T>> Batches<T>(IEnumerable<T> reads, Func<T, ModelInput?> inputOf) where T : IDisposable
    {
        var waiting = new List<T>();
        int batch = Batch;
        try
        {
            foreach (T read in reads)
            {
                ModelInput? input = inputOf(read);
                bool joins = input is not null && (waiting.Count == 0 || CanJoin(inputOf(waiting[0])!, input));
                T[] before = joins ? [] : Take();
                waiting.Add(read);
                if (before.Length > 0)
                    yield return before;
                if (input is null || waiting.Count == batch)
                    yield return Take();
            }

            if (waiting.Count > 0)
                yield return Take();
        }
        finally
        {
            waiting.ForEach(read => read.Dispose());
        }

        T[] Take()
        {
            T[] taken = [.. waiting];
            waiting.Clear();
            return taken;
        }
    }

    /// <summary>Makes the tensors of a run on a batch of pictures, or on the tensors of one input. The caller disposes them.</summary>
    /// <param name="batch">Inputs of the run; more than one only when all are pictures.</param>
    /// <exception cref="BadInputException">They do not fit the model.</exception>
    internal RunInputs Bind(IReadOnlyList<ModelInput> batch)
    {
        if (batch[0].Tensors is null && Others.ContainsKey(session.MainInput))
            throw new BadInputException($"the model's input '{session.MainInput}' is given twice, by {batch[0].Path} and by name; "
                + "expected one of "
                + "the two");
        if (batch[0].Picture is not null)
            return session.Bind([.. batch.Select(input => input.Picture!)], Others, Fills ? Batch : 1);
        var given = new Dictionary<string, TensorData>(
            batch[0].Tensors ?? new Dictionary<string, TensorData> { [session.MainInput] = batch[0].Tensor! });
        foreach ((string name, TensorData tensor) in Others)
            given[name] = tensor;
        return session.Bind(given);
    }

    /// <summary>Makes the second stage, which owns what was read.</summary>
    internal BoundInputs Bound(IReadOnlyList<ReadInput> read)
    {
        string? fault = read[0].Fault;
        return new BoundInputs(read, fault is null ? TryBind([.. read.Select(r => r.Input!)], out fault) : null, fault);
    }

    private RunInputs? TryBind(IReadOnlyList<ModelInput> batch, out string? fault)
    {
        fault = null;
        try
        {
            return Bind(batch);
        }
        catch (BadInputException refusal)
        {
            // Pictures are all made to fit in one way; of tensors it is one that does not.
            fault = batch[0].Picture is not null || refusal.Message.Contains(batch[0].Path, StringComparison.Ordinal) ? refusal.Message
                : $"{batch[0].Path}: {refusal.Message}";
            return null;
        }
    }

    private InputRun Run(BoundInputs bound, CancellationToken cancel)
    {
        if (bound.Values is null)
            return new InputRun(bound, null, 0, bound.Fault);
        long started = Stopwatch.GetTimestamp();
        try
        {
            Activations seen = session.Run(bound.Values, cancel);
            return new InputRun(bound, seen, Stopwatch.GetElapsedTime(started).TotalMilliseconds, null);
        }
        catch (BadInputException fault)
        {
            return new InputRun(bound, null, 0, fault.Message);
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }

    private bool CanJoin(ModelInput first, ModelInput second) => first.Picture is not null && second.Picture is not null
        && (first.Picture.Size() == second.Picture.Size()
            || session.SpecFor(first.Picture.Size()).Size == session.SpecFor(second.Picture.Size()).Size);
}
