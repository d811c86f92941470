using System.Runtime.ExceptionServices;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Reads batches whose samples are made by threads that work ahead of the training. The room of a few batches is used over and over;
/// what is made depends on the place in the epoch alone, never on which thread made it.
/// <code>
/// order of the epoch ─▶ workers: make a sample ─▶ ring of a few batches ─▶ Next: joined into tensors
/// </code>
/// </summary>
/// <typeparam name="TSample">Room for one sample, filled again and again.</typeparam>
/// <typeparam name="TTools">What a worker needs for itself.</typeparam>
internal abstract class AheadReader<TSample, TTools> : BatchReader
    where TTools : IDisposable
{
    private readonly CancellationToken _cancel;
    private readonly int _workerCount, _ahead;
    private CancellationTokenRegistration _onCancel;
    private Thread[] _workers = [];
    private Slot[] _ring = [];

    // All of these belong to whoever has the gate.
    private readonly object _gate = new();
    private int _workBatch, _workPlace, _next;
    private bool _isStopped;

    /// <param name="order">Indices of the samples of each batch.</param>
    /// <param name="first">The batch to begin with.</param>
    /// <param name="workers">Threads that make samples.</param>
    /// <param name="ahead">Batches in memory at once.</param>
    protected AheadReader(BatchOrder order, int first, int workers, int ahead, CancellationToken cancel) =>
        (Order, _next, _workBatch, _workerCount, _ahead, _cancel) = (order, first, first, workers, ahead, cancel);

    protected BatchOrder Order { get; }

    /// <summary>Begins to work; the last statement of a constructor.</summary>
    protected void Start()
    {
        int batches = Math.Min(_ahead, Order.Count - _next);
        _ring = [.. Enumerable.Range(0, Math.Max(0, batches)).Select(_ =>
            new Slot([.. Enumerable.Range(0, Order.Largest).Select(_ => NewRoom())]))];
        for (int i = 0; i < _ring.Length; i++)
            SlotOf(_next + i).Left = Order[_next + i].Length;
        _workers = [.. Enumerable.Range(0, _workerCount).Select(i => new Thread(Work) { IsBackground = true, Name = $"decode {i}" })];
        foreach (Thread worker in _workers)
            worker.Start();
        _onCancel = _cancel.Register(Stop);
    }

    protected abstract TSample NewRoom();

    protected abstract TTools NewTools();

    /// <summary>Makes the sample at a place of a batch; called by several threads.</summary>
    /// <returns>False for one that cannot be read, which its batch goes without.</returns>
    protected abstract bool TryMake(int batch, int place, TSample room, TTools tools);

    /// <summary>Joins the samples of a batch, in the order of their places; called by the thread that reads.</summary>
    /// <param name="batch">Number of the batch.</param>
    /// <param name="places">Places of those that could be made.</param>
    /// <param name="rooms">Rooms of all places.</param>
    protected abstract Batch Join(int batch, int[] places, TSample[] rooms);

    public override Batch Next()
    {
        if (_next >= Order.Count)
            throw new InvalidOperationException("There is no other batch.");
        Slot slot = SlotOf(_next);
        lock (_gate)
        {
            while (slot.Left > 0)
            {
                _cancel.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_isStopped, this);
                Monitor.Wait(_gate);
            }

            if (slot.Fault is { } fault)
                ExceptionDispatchInfo.Throw(fault.What);
        }

        int[] places = [.. Enumerable.Range(0, Order[_next].Length).Where(place => !slot.Missing.Contains(place))];
        slot.Missing.Clear();
        Batch batch = Join(_next, places, slot.Rooms);
        lock (_gate)
        {
            int ahead = _next++ + _ring.Length;
            slot.Left = ahead < Order.Count ? Order[ahead].Length : 0;
            Monitor.PulseAll(_gate);
        }

        return batch;
    }

    public override void Dispose()
    {
        _onCancel.Dispose();
        Stop();
        foreach (Thread worker in _workers)
            worker.Join();
    }

    private void Work()
    {
        using TTools tools = NewTools();
        while (TryTake(out int batch, out int place))
        {
            Slot slot = SlotOf(batch);
            Exception? fault = null;
            bool isMade = true;
            try
            {
                isMade = TryMake(batch, place, slot.Rooms[place], tools);
            }
            // told by Next, on the thread that can do something about it
            catch (Exception what)
            {
                fault = what;
            }

            lock (_gate)
            {
                if (!isMade)
                    slot.Missing.Add(place);
                if (fault is not null && (slot.Fault is not { } other || place < other.Place))
                    slot.Fault = (place, fault);
                if (--slot.Left == 0)
                    Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The next sample to make; false when there is none or nobody wants it. Waits while the ring is full.</summary>
    private bool TryTake(out int batch, out int place)
    {
        lock (_gate)
        {
            while (!_isStopped && _workBatch < Order.Count && _workBatch >= _next + _ring.Length)
                Monitor.Wait(_gate);
            (batch, place) = (_workBatch, _workPlace);
            if (_isStopped || _workBatch >= Order.Count)
                return false;
            if (++_workPlace == Order[_workBatch].Length)
                (_workBatch, _workPlace) = (_workBatch + 1, 0);
            return true;
        }
    }

    private Slot SlotOf(int batch) => _ring[batch % _ring.Length];

    private void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>A batch in the making.</summary>
    private sealed class Slot(TSample[] rooms)
    {
        public TSample[] Rooms => rooms;

        /// <summary>Places of samples that cannot be read.</summary>
        public HashSet<int> Missing { get; } = [];

        /// <summary>Samples that are not made yet.</summary>
        public int Left { get; set; }

        /// <summary>The fault of the sample of the lowest place, so that the same fault is told each time.</summary>
        public (int Place, Exception What)? Fault { get; set; }
    }
}
