using System.Runtime.ExceptionServices;

namespace CnnOnnx;

/// <summary>The same work for many items on several threads.</summary>
internal static class ParallelWork
{
    /// <summary>Ends when all are done, or with the first fault as it was thrown.</summary>
    public static void For(int count, int threads, CancellationToken cancel, Action<int> work)
    {
        // One item at a time, each to the thread that is free: in ranges, as Parallel.For deals them out, the large tensors
        // of a network, which are neighbours, would go to one thread.
        int next = -1;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel };
        try
        {
            Parallel.For(0, Math.Min(count, threads), options, (_, state) =>
            {
                for (int i; !state.ShouldExitCurrentIteration && (i = Interlocked.Increment(ref next)) < count;)
                {
                    cancel.ThrowIfCancellationRequested();
                    work(i);
                }
            });
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }
}
