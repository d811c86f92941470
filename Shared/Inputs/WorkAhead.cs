using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace CnnOnnx.Inputs;

/// <summary>Stages that overlap: what a sequence yields is made on a thread of its own while the one before it is used.</summary>
internal static class WorkAhead
{
    /// <summary>
    /// The same items in the same order, of which no more than <paramref name="ahead"/> are made beside the one that is in use. A
    /// fault of the source is thrown in its place. Items that nobody took are disposed.
    /// </summary>
    public static IEnumerable<T> Ahead<T>(this IEnumerable<T> source, int ahead, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var room = new SemaphoreSlim(ahead + 1);
        using var made = new BlockingCollection<T>();
        Exception? fault = null;
        Task maker = Task.Factory.StartNew(Make, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (T item in made.GetConsumingEnumerable())
            {
                yield return item;
                room.Release();
            }

            if (fault is not null)
                ExceptionDispatchInfo.Throw(fault);
        }
        finally
        {
            stop.Cancel();
            maker.Wait(CancellationToken.None);
            while (made.TryTake(out T? left))
                (left as IDisposable)?.Dispose();
        }

        void Make()
        {
            try
            {
                using IEnumerator<T> items = source.GetEnumerator();
                for (room.Wait(stop.Token); items.MoveNext(); room.Wait(stop.Token))
                    made.Add(items.Current, CancellationToken.None);
            }
            catch (Exception thrown)
            {
                fault = thrown;
            }
            finally
            {
                made.CompleteAdding();
            }
        }
    }
}
