using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// Decides for one session which results are bound to its device's memory, and when its runs are plain, from what its runs taught;
/// several of them may go on at once.
/// <list type="bullet">
/// <item>CUDA does not copy a tensor without elements between two memories of the host, both of which give it no address: those stay
/// where they are made.</item>
/// <item>Where that is refused as well, page-locked memory is short, or nothing was learned, runs are plain from then on.</item>
/// <item>Where a plain run fails, too, the fault is not one of binding: the plain run's is told, but that memory was short.</item>
/// </list>
/// </summary>
internal sealed class BoundResults
{
    private readonly Lock _learning = new();
    private volatile Lesson _lesson = new([], IsPlain: false, IsShort: false);

    /// <summary>True when runs are plain from now on.</summary>
    public bool IsRefused => _lesson.IsPlain;

    /// <summary>Names of the results that stay where they are made.</summary>
    public IReadOnlySet<string> Unbound => _lesson.Unbound;

    /// <summary>Runs bound where that works, else plain. The caller disposes the results.</summary>
    /// <param name="names">Names of the results.</param>
    /// <param name="run">Options of the run, which say whether it was stopped.</param>
    /// <param name="bound">The run with all results bound but those of the given names.</param>
    /// <param name="plain">The run with none bound.</param>
    /// <exception cref="OnnxRuntimeException">The run failed, a plain one too, or it was stopped.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(IReadOnlyCollection<string> names, RunOptions run,
        Func<IReadOnlySet<string>, IDisposableReadOnlyCollection<OrtValue>> bound, Func<IDisposableReadOnlyCollection<OrtValue>> plain)
    {
        Lesson known = _lesson;
        if (known.IsPlain)
            return plain();
        try
        {
            return bound(known.Unbound);
        }
        // Once neither way had room, a second try of every batch that is too large would only take its time.
        catch (OnnxRuntimeException refusal) when (!run.Terminate && !(known.IsShort && IsShort(refusal)))
        {
            return Repeat(refusal, known, names, run, plain);
        }
    }

    private IDisposableReadOnlyCollection<OrtValue> Repeat(OnnxRuntimeException refusal, Lesson known, IReadOnlyCollection<string> names,
        RunOptions run, Func<IDisposableReadOnlyCollection<OrtValue>> plain)
    {
        IDisposableReadOnlyCollection<OrtValue> results;
        try
        {
            results = plain();
        }
        catch (OnnxRuntimeException) when (IsShort(refusal) && !run.Terminate)
        {
            Learn(now => now with { IsShort = true });
            ExceptionDispatchInfo.Throw(refusal);
            throw;
        }

        string[] empty = [.. names.Zip(results).Where(r => IsEmpty(r.Second)).Select(r => r.First)];
        // What another run has learned meanwhile was not tried by this one.
        bool isNews = !known.Unbound.IsSupersetOf(empty);
        Learn(now => now with { Unbound = now.Unbound.Union(empty), IsPlain = now.IsPlain || !isNews });
        return results;
    }

    private void Learn(Func<Lesson, Lesson> more)
    {
        lock (_learning)
            _lesson = more(_lesson);
    }

    private static bool IsShort(OnnxRuntimeException fault) => ProviderFault.IsOutOfMemory(fault.Message);

    private static bool IsEmpty(OrtValue value) => value.IsTensor && value.GetTensorTypeAndShape().ElementCount == 0;

    /// <summary>What was learned so far; a run keeps the one that it began with.</summary>
    /// <param name="Unbound">Results that are not bound.</param>
    /// <param name="IsPlain">No result is.</param>
    /// <param name="IsShort">Memory was too short for a run, bound or plain.</param>
    private sealed record Lesson(ImmutableHashSet<string> Unbound, bool IsPlain, bool IsShort);
}
