using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>Decides where sessions run: a provider is used only after a network of one node has run on it.</summary>
internal static class DeviceProbe
{
    private const uint NvidiaVendorId = 0x10de;
    private static readonly Dictionary<(ExecutionProvider, int), string?> Problems = [];

    /// <summary>Chooses the device that a wish comes to, after a trial.</summary>
    /// <param name="wanted">The wish.</param>
    /// <exception cref="DeviceException">A device is asked for and does not work; says what is missing.</exception>
    public static ExecutionDevice Choose(ComputeDevice wanted)
    {
        if (wanted.Kind == DeviceKind.Cpu)
            return ExecutionDevice.Cpu();
        DeviceKind kind = wanted.Kind == DeviceKind.Auto ? DeviceKind.Cuda : wanted.Kind;
        ExecutionProvider[] candidates = [.. ExecutionProviders.All.Where(p => p.Kind == kind)];
        if (candidates.FirstOrDefault(p => Problem(p, wanted.Index) is null) is { } works)
            return new ExecutionDevice(works.DeviceName(wanted.Index), null, options => works.AppendTo(options, wanted.Index));
        string why = Why(candidates, wanted.Index);
        if (wanted.Kind != DeviceKind.Auto)
            throw new DeviceException(wanted.ToString(), why);

        // Without a provider and without a GPU the CPU is what everybody expects.
        bool isExpected = candidates.All(p => p.Absent() is not null) && !HasNvidiaGpu;
        return ExecutionDevice.Cpu(isExpected ? null : $"CUDA is not used: {why}");
    }

    /// <summary>Why a provider cannot be used; null when it can. Found once a process.</summary>
    public static string? Problem(ExecutionProvider provider, int index)
    {
        lock (Problems)
        {
            if (!Problems.TryGetValue((provider, index), out string? problem))
                Problems[(provider, index)] = problem = provider.Absent() ?? Try(provider, index);
            return problem;
        }
    }

    // A plugin that nobody has installed is no news when there is another provider that failed, or none at all.
    private static string Why(ExecutionProvider[] candidates, int index)
    {
        ExecutionProvider[] present = [.. candidates.Where(p => p.Absent() is null)];
        IEnumerable<ExecutionProvider> told = present.Length > 0 ? present
            : CudaPlugin.Path is not null ? candidates
            : candidates.Take(1);
        return string.Join("; ", told.Select(p => $"{p.Name}: {Problem(p, index)}"));
    }

    private static bool HasNvidiaGpu => OrtEnv.Instance().GetHardwareDevices()
        .Any(d => d.Type == OrtHardwareDeviceType.GPU && d.VendorId == NvidiaVendorId);

    private static string? Try(ExecutionProvider provider, int index)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            // Else a provider that does not come up would leave the node to the CPU, and the probe would be happy.
            if (provider.Kind != DeviceKind.Cpu)
                options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
            provider.AppendTo(options, index);
            using var session = new InferenceSession(OneNode(), options);
            using OrtValue one = OrtValue.CreateTensorValueFromMemory([1f], [1]);
            using var run = new RunOptions();
            using var results = session.Run(run, new Dictionary<string, OrtValue> { ["x"] = one }, ["y"]);
            return results[0].GetTensorDataAsSpan<float>()[0] == 1 ? null : "it computes wrong numbers";
        }
        catch (BadInputException fault)
        {
            return fault.Message;
        }
        catch (Exception fault) when (fault is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return ProviderFault.Explain(fault, provider.Package, provider.Libraries);
        }
    }

    private static byte[] OneNode()
    {
        var builder = new GraphBuilder("probe");
        builder.Node("Relu", "y", [builder.Input("x", ElementType.Float, 1)]);
        builder.Output("y", ElementType.Float, 1);
        return Google.Protobuf.MessageExtensions.ToByteArray(builder.Build().Proto);
    }
}

/// <summary>The device that a probe decided on, and how a session is told to use it.</summary>
/// <param name="Name">CPU, or CUDA with its index.</param>
/// <param name="Remark">Why it is not the device that one might expect; null when there is nothing to say.</param>
/// <param name="AppendTo">Adds the provider to a session's options.</param>
internal sealed record ExecutionDevice(string Name, string? Remark, Action<SessionOptions> AppendTo)
{
    public static ExecutionDevice Cpu(string? remark = null) => new("CPU", remark, _ => { });
}
