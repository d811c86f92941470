using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// Runs of a session whose results come into the host memory that its device copies to fastest: for CUDA into pages that the
/// system keeps in place, all of them copied in one stream behind the last node. A plain run copies into any memory, tensor by tensor,
/// each by way of a buffer of the driver's. What cannot be bound is made by a plain run (<see cref="BoundResults"/>).
/// </summary>
internal static class DeviceRun
{
    private static readonly ConditionalWeakTable<InferenceSession, BoundResults> Sessions = [];

    /// <summary>Runs a session. The caller disposes the results, which stay valid when the session is closed.</summary>
    /// <param name="session">The session.</param>
    /// <param name="device">Device that it was opened for.</param>
    /// <param name="run">Options of this run.</param>
    /// <param name="inputs">Inputs by name, in host memory.</param>
    /// <param name="names">Names of the results.</param>
    /// <returns>The results, in the order of their names.</returns>
    /// <exception cref="OnnxRuntimeException">The run failed, a plain one too.</exception>
    public static IDisposableReadOnlyCollection<OrtValue> Of(InferenceSession session, ExecutionDevice device, RunOptions run,
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> names)
    {
        return device.ResultMemory is { } memory
            ? Sessions.GetOrCreateValue(session).Run(names, run, Bound, Plain)
            : Plain();

        IDisposableReadOnlyCollection<OrtValue> Plain() => session.Run(run, inputs, names);

        IDisposableReadOnlyCollection<OrtValue> Bound(IReadOnlySet<string> unbound)
        {
            using OrtMemoryInfo place = memory();
            return Into(place, session, run, inputs, names, unbound);
        }
    }

    /// <summary>True when the runtime refused to put results of a session into that memory, so that its runs are plain.</summary>
    public static bool IsRefused(InferenceSession session) =>
        Sessions.TryGetValue(session, out BoundResults? results) && results.IsRefused;

    /// <summary>Runs a session with its results bound to some memory, a device's too.</summary>
    public static IDisposableReadOnlyCollection<OrtValue> Into(OrtMemoryInfo memory, InferenceSession session, RunOptions run,
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> names) =>
        Into(memory, session, run, inputs, names, unbound: null);

    private static IDisposableReadOnlyCollection<OrtValue> Into(OrtMemoryInfo memory, InferenceSession session, RunOptions run,
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> names, IReadOnlySet<string>? unbound)
    {
        using OrtIoBinding binding = session.CreateIoBinding();
        foreach ((string name, OrtValue value) in inputs)
            binding.BindInput(name, value);
        foreach (string name in names)
            binding.BindOutputToDevice(name, unbound?.Contains(name) == true ? OrtMemoryInfo.DefaultInstance : memory);
        // Binding copies inputs to the device, and the run returns before the last copy from it has arrived.
        binding.SynchronizeBoundInputs();
        session.RunWithBinding(run, binding);
        binding.SynchronizeBoundOutputs();
        return binding.GetOutputValues();
    }
}
