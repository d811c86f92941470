using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// Runs of a session whose results come into the host memory that its device copies to fastest: for CUDA into pages that the
/// system keeps in place, all of them copied in one stream behind the last node. A plain run copies into any memory, tensor by tensor,
/// each by way of a buffer of the driver's.
/// </summary>
internal static class DeviceRun
{
    private static readonly ConditionalWeakTable<InferenceSession, Refusal> Refusals = [];

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
        Refusals.TryGetValue(session, out Refusal? refusal);
        if (device.ResultMemory is null || refusal is { IsFinal: true })
            return session.Run(run, inputs, names);
        try
        {
            using OrtMemoryInfo memory = device.ResultMemory();
            return Into(memory, session, run, inputs, names, refusal);
        }
        catch (OnnxRuntimeException) when (!run.Terminate)
        {
            // What is wrong with the network itself is told by the plain run.
            IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, inputs, names);
            Refusals.GetOrCreateValue(session).Learn(names, results);
            return results;
        }
    }

    /// <summary>True when the runtime refused to put results of a session into that memory, so that its runs are plain.</summary>
    public static bool IsRefused(InferenceSession session) => Refusals.TryGetValue(session, out Refusal? refusal) && refusal.IsFinal;

    /// <summary>Runs a session with its results bound to some memory, a device's too.</summary>
    public static IDisposableReadOnlyCollection<OrtValue> Into(OrtMemoryInfo memory, InferenceSession session, RunOptions run,
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> names) =>
        Into(memory, session, run, inputs, names, null);

    private static IDisposableReadOnlyCollection<OrtValue> Into(OrtMemoryInfo memory, InferenceSession session, RunOptions run,
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> names, Refusal? refusal)
    {
        using OrtIoBinding binding = session.CreateIoBinding();
        foreach ((string name, OrtValue value) in inputs)
            binding.BindInput(name, value);
        foreach (string name in names)
            binding.BindOutputToDevice(name, refusal?.Unbound.Contains(name) == true ? OrtMemoryInfo.DefaultInstance : memory);
        // Binding copies inputs to the device, and the run returns before the last copy from it has arrived.
        binding.SynchronizeBoundInputs();
        session.RunWithBinding(run, binding);
        binding.SynchronizeBoundOutputs();
        return binding.GetOutputValues();
    }

    /// <summary>
    /// What a refused run taught about a session. CUDA does not copy a tensor without elements between two memories of the host, both of
    /// which give it no address, so those stay where they are made; when there are none, or no new ones, runs are plain from then on.
    /// </summary>
    private sealed class Refusal
    {
        public HashSet<string> Unbound { get; } = [];

        public bool IsFinal { get; private set; }

        public void Learn(IEnumerable<string> names, IEnumerable<OrtValue> results)
        {
            int before = Unbound.Count;
            Unbound.UnionWith(names.Zip(results).Where(r => IsEmpty(r.Second)).Select(r => r.First));
            IsFinal = Unbound.Count == before;
        }

        private static bool IsEmpty(OrtValue value) => value.IsTensor && value.GetTensorTypeAndShape().ElementCount == 0;
    }
}
