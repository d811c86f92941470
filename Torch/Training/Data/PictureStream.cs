using System.Runtime.ExceptionServices;
using CnnOnnx.Imaging;
using OpenCvSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Labelled pictures that are decoded anew in every epoch, by threads that work ahead of the training: for sets that are too
/// large to be kept, and for pictures that are changed each time. A few batches are in memory, whatever the set's size. What cannot be
/// read is left out of its batch and named, until there is too much of it.
/// <code>
/// order of the epoch ─▶ workers: decode, augment, resize ─▶ ring of a few batches ─▶ Next: a tensor on the device
/// </code>
/// </summary>
/// <param name="paths">The files, one for each label.</param>
internal sealed class PictureStream(InputSpec spec, string[] classes, int[] labels, string[] paths) : BatchSource(spec, classes, labels)
{
    // By place in the set, so that the first of them is the same whichever thread met it.
    private readonly SortedDictionary<int, string> _unreadable = [];
    private byte[]? _one;

    /// <summary>Threads that decode.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>Batches in memory at once: the one that is waited for and those ahead of it.</summary>
    public int Ahead { get; init; } = 4;

    /// <summary>
    /// Changes a decoded picture in place, in size too, before it is resized; the random numbers are the picture's own in its
    /// epoch. Called by several threads, and only while learning. Null to leave pictures as they are.
    /// </summary>
    public Action<Mat, Random>? Augment { get; init; }

    public override IReadOnlyList<string> Unreadable
    {
        get
        {
            lock (_unreadable)
                return [.. _unreadable.Values];
        }
    }

    /// <inheritdoc/>
    /// <returns>Black for a picture that cannot be read.</returns>
    public override ReadOnlySpan<byte> Bytes(int index)
    {
        _one ??= new byte[PictureBytes];
        using var resizer = new PictureResizer(Spec);
        if (!TryDecode(index, null, resizer, _one, []))
            _one.AsSpan().Clear();
        return _one;
    }

    public override BatchReader Open(BatchOrder order, int first, Device device, CancellationToken cancel) =>
        new Reader(this, order, first, device, cancel);

    public override void Dispose()
    {
    }

    private int PictureBytes => Spec.ChannelCount * Spec.Height * Spec.Width;

    /// <returns>False for a picture that cannot be read; it is counted.</returns>
    /// <exception cref="BadInputException">There are too many of these.</exception>
    private bool TryDecode(int index, Random? random, PictureResizer resizer, Span<byte> bytes, byte[] scratch)
    {
        try
        {
            using Mat picture = PictureFile.Read(paths[index]);
            if (random is not null)
                Augment?.Invoke(picture, random);
            resizer.Resize(picture, bytes);
            if (random is not null)
                Augmentation.Apply(bytes, Spec, random, scratch);
            return true;
        }
        catch (BadInputException fault)
        {
            lock (_unreadable)
            {
                _unreadable[index] = fault.Message;
                if (TooMany([.. _unreadable.Values], Count) is { } problem)
                    throw new BadInputException(problem, fault);
            }

            return false;
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{paths[index]}: {fault.Message}", fault);
        }
    }

    /// <summary>A batch in the making.</summary>
    private sealed class Slot(int bytes)
    {
        /// <summary>Places of pictures that cannot be read.</summary>
        public HashSet<int> Missing { get; } = [];

        public byte[] Pixels { get; } = new byte[bytes];

        /// <summary>Pictures that are not decoded yet.</summary>
        public int Left { get; set; }

        /// <summary>The fault of the picture of the lowest place, so that the same fault is told each time.</summary>
        public (int Place, Exception What)? Fault { get; set; }
    }

    private sealed class Reader : BatchReader
    {
        private readonly PictureStream _stream;
        private readonly BatchOrder _order;
        private readonly Device _device;
        private readonly CancellationToken _cancel;
        private readonly CancellationTokenRegistration _onCancel;
        private readonly Thread[] _workers;
        private readonly Slot[] _ring;

        // All of these belong to whoever has the gate.
        private readonly object _gate = new();
        private int _workBatch, _workPlace, _next;
        private bool _isStopped;

        public Reader(PictureStream stream, BatchOrder order, int first, Device device, CancellationToken cancel)
        {
            (_stream, _order, _device, _cancel, _next, _workBatch) = (stream, order, device, cancel, first, first);
            int batches = Math.Min(stream.Ahead, order.Count - first);
            _ring = [.. Enumerable.Range(0, Math.Max(0, batches)).Select(_ => new Slot(order.Largest * stream.PictureBytes))];
            for (int i = 0; i < _ring.Length; i++)
                SlotOf(first + i).Left = order[first + i].Length;
            _workers = [.. Enumerable.Range(0, stream.Workers).Select(i => new Thread(Work) { IsBackground = true, Name = $"decode {i}" })];
            foreach (Thread worker in _workers)
                worker.Start();
            _onCancel = cancel.Register(Stop);
        }

        public override Batch Next()
        {
            if (_next >= _order.Count)
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

            Batch batch = Taken(slot, _next);
            lock (_gate)
            {
                int ahead = _next++ + _ring.Length;
                slot.Left = ahead < _order.Count ? _order[ahead].Length : 0;
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

        private Batch Taken(Slot slot, int number)
        {
            int[] indices = [.. _order[number]];
            int[] places = [.. Enumerable.Range(0, indices.Length).Where(place => !slot.Missing.Contains(place))];
            slot.Missing.Clear();
            int size = _stream.PictureBytes;
            return PictureBatch.Of(places.Length, _stream.Spec, _device, (pixels, labels) =>
            {
                for (int i = 0; i < places.Length; i++)
                {
                    slot.Pixels.AsSpan(places[i] * size, size).CopyTo(pixels[(i * size)..]);
                    labels[i] = _stream.Labels[indices[places[i]]];
                }
            }) with { Places = places.Length == indices.Length ? null : places };
        }

        private void Work()
        {
            using var resizer = new PictureResizer(_stream.Spec);
            byte[] scratch = new byte[_stream.PictureBytes];
            while (TryTake(out int batch, out int place))
            {
                Slot slot = SlotOf(batch);
                int index = _order[batch][place];
                Exception? fault = null;
                bool isRead = true;
                try
                {
                    isRead = _stream.TryDecode(index, _order.IsAugmented ? _order.RandomOf(batch, place) : null, resizer,
                        slot.Pixels.AsSpan(place * _stream.PictureBytes, _stream.PictureBytes), scratch);
                }
                // told by Next, on the thread that can do something about it
                catch (Exception what)
                {
                    fault = what;
                }

                lock (_gate)
                {
                    if (!isRead)
                        slot.Missing.Add(place);
                    if (fault is not null && (slot.Fault is not { } other || place < other.Place))
                        slot.Fault = (place, fault);
                    if (--slot.Left == 0)
                        Monitor.PulseAll(_gate);
                }
            }
        }

        /// <summary>The next picture to decode; false when there is none or nobody wants it. Waits while the ring is full.</summary>
        private bool TryTake(out int batch, out int place)
        {
            lock (_gate)
            {
                while (!_isStopped && _workBatch < _order.Count && _workBatch >= _next + _ring.Length)
                    Monitor.Wait(_gate);
                (batch, place) = (_workBatch, _workPlace);
                if (_isStopped || _workBatch >= _order.Count)
                    return false;
                if (++_workPlace == _order[_workBatch].Length)
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
    }
}
