using System.Runtime.ExceptionServices;

namespace CnnOnnx.Visualizer;

/// <summary>The same work for many items on several threads.</summary>
internal static class ParallelWork
{
    /// <summary>Ends when all are done, or with the first fault as it was thrown.</summary>
    public static void For(int count, int threads, CancellationToken cancel, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, work);
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }
}
