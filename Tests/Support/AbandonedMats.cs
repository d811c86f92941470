using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;
using OpenCvSharp;

namespace CnnOnnx.Tests.Support;

/// <summary>
/// Counts the Mats that nobody disposed, or other objects over native memory. OpenCV counts none, but a Mat that is disposed has no
/// finalizer left to run, and the runtime says which objects it finalizes: those are the forgotten ones.
/// </summary>
internal sealed class AbandonedMats : EventListener
{
    private const int FinalizeObject = 29;

    private const EventKeywords GarbageCollection = (EventKeywords)1;

    private readonly ConcurrentDictionary<nint, int> _finalized = new();

    /// <summary>Runs something, and counts the Mats that it left to the garbage collector.</summary>
    /// <param name="work">May run anything on any thread, as long as all of it has ended when it returns.</param>
    public static int After(Action work) => After(typeof(Mat), work);

    /// <summary>Runs something, and counts the objects of a type that it left to the garbage collector.</summary>
    /// <param name="type">A type with a finalizer, which disposal does away with.</param>
    /// <inheritdoc cref="After(Action)"/>
    public static int After(Type type, Action work)
    {
        using var listener = new AbandonedMats();
        Collect();
        // One Mat of our own is left behind before and after, which shows that all events up to then have come.
        listener.AwaitEvents();
        int before = listener.Count(type);
        work();
        listener.AwaitEvents();
        return listener.Count(type) - before - (type == typeof(Mat) ? 1 : 0);
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
    private void AwaitEvents()
    {
        int before = Count(typeof(Mat));
        Abandon();
        for (int i = 0; i < 200; i++)
        {
            Collect();
            Thread.Sleep(10);
            if (i >= 5 && Count(typeof(Mat)) > before)
                return;
        }

        throw new InvalidOperationException("The runtime does not tell what it finalizes.");
    }

    private int Count(Type type) => _finalized.GetValueOrDefault(type.TypeHandle.Value);

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
