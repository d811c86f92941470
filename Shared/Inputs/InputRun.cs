using CnnOnnx.Inference;

namespace CnnOnnx.Inputs;

/// <summary>The first stage of a walk: an input that was read, or why it could not be. Owns the input.</summary>
/// <param name="Item">The input's name and place.</param>
/// <param name="Input">Picture or tensors; null when it could not be read.</param>
/// <param name="Fault">Reason why it could not be read, in one line; null when it was.</param>
public sealed record ReadInput(InputItem Item, ModelInput? Input, string? Fault) : IDisposable
{
    /// <summary>Reads and decodes an input.</summary>
    internal static ReadInput Of(InputItem item)
    {
        try
        {
            return new ReadInput(item, item.Open(), null);
        }
        catch (Exception fault) when (fault is BadInputException or FileNotFoundException)
        {
            return new ReadInput(item, null, fault.Message);
        }
    }

    /// <summary>Frees the input.</summary>
    public void Dispose() => Input?.Dispose();
}

/// <summary>The second stage: inputs of one run as the tensors that the model gets, or why not. Owns the stage before it.</summary>
/// <param name="Read">Inputs of the run; one that could not be read is alone.</param>
/// <param name="Values">Tensors for the model; null when there is nothing to run on.</param>
/// <param name="Fault">Reason for that, in one line; null when there is none.</param>
internal sealed record BoundInputs(IReadOnlyList<ReadInput> Read, RunInputs? Values, string? Fault) : IDisposable
{
    public void Dispose()
    {
        Values?.Dispose();
        foreach (ReadInput read in Read)
            read.Dispose();
    }
}

/// <summary>The third stage: what a model made of one batch of inputs, or why it made nothing. Owns tensors and inputs.</summary>
public sealed record InputRun : IDisposable
{
    internal InputRun(BoundInputs bound, Activations? seen, double milliseconds, string? fault) =>
        (Bound, Seen, Milliseconds, Fault) = (bound, seen, milliseconds, fault);

    /// <summary>The inputs of the run, in the order of its samples; there is one unless batches were asked for.</summary>
    public IReadOnlyList<ReadInput> Inputs => Bound.Read;

    /// <summary>The tensors of all inputs together; null when there is a fault.</summary>
    public Activations? Seen { get; }

    /// <summary>Reason why there are no tensors, in one line: an input cannot be read or does not fit, or the model fails on it.</summary>
    public string? Fault { get; }

    /// <summary>Time of the run alone, in milliseconds; 0 when there was none.</summary>
    public double Milliseconds { get; }

    internal BoundInputs Bound { get; }

    /// <summary>Frees tensors and pictures.</summary>
    public void Dispose()
    {
        Seen?.Dispose();
        Bound.Dispose();
    }
}
