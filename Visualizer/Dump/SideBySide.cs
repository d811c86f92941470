using CnnOnnx.Inputs;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>A stage that works on several items at a time and hands them on in their order.</summary>
internal static class SideBySide
{
    /// <summary>
    /// Makes something of each item, several at a time. A fault is thrown in its item's place, and what nobody took is disposed.
    /// </summary>
    /// <param name="source">The items; asked for one after another, from a thread of its own.</param>
    /// <param name="most">How many are in the making, waiting or in use at a time, from 2.</param>
    /// <param name="make">Called from several threads. What it is given is its own, also when it throws.</param>
    /// <param name="cancel">Stops between two items.</param>
    /// <param name="waits">True for an item that is gone when the next is asked for: it is made before that.</param>
    public static IEnumerable<TMade> MadeSideBySide<TItem, TMade>(this IEnumerable<TItem> source, int most, Func<TItem, TMade> make,
        CancellationToken cancel, Func<TItem, bool>? waits = null) where TMade : IDisposable
    {
        return source.Select(Begin).Ahead(most - 1, cancel).Select(making => making.Result);

        Making<TMade> Begin(TItem item)
        {
            var making = new Making<TMade>(() => make(item));
            if (waits?.Invoke(item) == true)
                making.Wait();
            return making;
        }
    }

    /// <summary>What is made meanwhile. Whoever asks for the result has it; else it is disposed with this.</summary>
    private sealed class Making<T>(Func<T> make) : IDisposable where T : IDisposable
    {
        // On the pool's threads, which keep what they rent and allocate for the next item.
        private readonly Task<T> _task = Task.Run(make);

        public T Result => _task.GetAwaiter().GetResult();

        public void Wait() => Task.WaitAny(_task);

        public void Dispose()
        {
            Wait();
            // The fault that counts is that of an item before it.
            if (_task.Exception is null && !_task.IsCanceled)
                _task.Result.Dispose();
        }
    }
}

/// <summary>
/// Room for pictures that are drawn at the same time: as many as keep all cores busy, as far as their tensors have room in memory. A
/// picture that nothing else is drawn beside always gets in.
/// </summary>
/// <param name="most">Most runs that are drawn at a time, from 1.</param>
/// <param name="bytes">What their tensors may take, with those of a run that is made meanwhile.</param>
/// <param name="needsFirst">True while what is drawn first is drawn alone.</param>
internal sealed class DrawingRoom(int most, long bytes, Func<bool> needsFirst)
{
    private readonly object _gate = new();
    private int _inside;
    private long _taken;
    private long _last;
    private bool _isClosed;

    /// <summary>Lets each run in when there is room, in their order, and does not ask for the next before there is.</summary>
    /// <param name="runs">The runs; those without tensors need no room.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public IEnumerable<RunBatch> LetIn(IEnumerable<RunBatch> runs, CancellationToken cancel)
    {
        using IEnumerator<RunBatch> each = runs.GetEnumerator();
        // Else one would wait at the door, and one more would be made behind it.
        for (Wait(_last, isAlone: false, cancel); each.MoveNext(); Wait(_last, isAlone: false, cancel))
        {
            if (each.Current.HasTensors)
                Enter(each.Current, cancel);
            yield return each.Current;
        }
    }

    /// <summary>Makes room for others.</summary>
    /// <param name="run">A run that was let in.</param>
    public void Leave(RunBatch run)
    {
        lock (_gate)
        {
            _isClosed = false;
            _inside--;
            _taken -= run.Bytes;
            Monitor.PulseAll(_gate);
        }
    }

    // What is made in parts takes all memory that there is, part by part.
    private void Enter(RunBatch run, CancellationToken cancel)
    {
        try
        {
            Wait(run.Bytes, isAlone: run.Parts.Count > 0, cancel);
        }
        catch
        {
            run.Dispose();
            throw;
        }

        lock (_gate)
        {
            _isClosed = run.Parts.Count > 0;
            _inside++;
            _taken += run.Bytes;
            _last = run.Bytes;
        }
    }

    private void Wait(long size, bool isAlone, CancellationToken cancel)
    {
        using CancellationTokenRegistration wake = cancel.Register(Wake);
        lock (_gate)
        {
            // One more run of the size is made while this one is drawn.
            while (_inside > 0 && (isAlone || _isClosed || needsFirst() || _inside == most || _taken + 2 * size > bytes))
            {
                cancel.ThrowIfCancellationRequested();
                Monitor.Wait(_gate);
            }
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }
}
