using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;
using OpenCvSharp;

namespace CnnOnnx.Tests.Support;

/// <summary>
/// Counts the Mats that nobody disposed. OpenCV counts none, but a Mat that is disposed has no finalizer left to run, and the runtime
/// says which objects it finalizes: those are the forgotten ones.
/// </summary>
internal sealed class AbandonedMats : EventListener
{
    private const int FinalizeObject = 29;

    private const EventKeywords GarbageCollection = (EventKeywords)1;

    private readonly ConcurrentDictionary<nint, int> _finalized = new();

    /// <summary>Runs something, and counts the Mats that it left to the garbage collector.</summary>
    /// <param name="work">May run anything on any thread, as long as all of it has ended when it returns.</param>
    public static int After(Action work)
    {
        using var listener = new AbandonedMats();
        Collect();
        // One Mat of our own is left behind before and after, which shows that all events up to then have come.
        int before = listener.CountAfter(Abandon);
        work();
        return listener.CountAfter(Abandon) - before - 1;
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            EnableEvents(eventSource, EventLevel.Verbose, GarbageCollection);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == FinalizeObject && eventData.Payload?[0] is nint type)
            _finalized.AddOrUpdate(type, 1, (_, count) => count + 1);
    }

    // Events come on a thread of their own, in order: the one of the last Mat is awaited.
    private int CountAfter(Action abandon)
    {
        int before = Count();
        abandon();
        for (int i = 0; i < 200; i++)
        {
            Collect();
            Thread.Sleep(10);
            if (i >= 5 && Count() > before)
                return Count();
        }

        throw new InvalidOperationException("The runtime does not tell what it finalizes.");
    }

    private int Count() => _finalized.GetValueOrDefault(typeof(Mat).TypeHandle.Value);

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon()
    {
        _ = new Mat(1, 1, MatType.CV_8UC1).Rows;
    }
}
