using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// Decides where sessions run: a provider is used only after a small network has run on it, a convolution with a bias and a pooling,
/// since what computes those are libraries that are loaded as late as that.
/// </summary>
internal static class DeviceProbe
{
    /// <summary>Environment variable; 0 leaves the results of a GPU to memory that the system may move.</summary>
    public const string PinnedVariable = "CNNONNX_PINNED";

    /// <summary>How NVIDIA's cards say whose they are.</summary>
    public const uint NvidiaVendorId = 0x10de;

    private static readonly Dictionary<(ExecutionProvider, int), Trial> Trials = [];

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
            return Device(works, wanted, TrialOf(works, wanted.Index).BindsResults);
        string why = Why(candidates, wanted.Index);
        if (wanted.Kind != DeviceKind.Auto)
            throw new DeviceException(wanted.ToString(), why);

        // Without a provider and without a GPU the CPU is what everybody expects.
        bool isExpected = candidates.All(p => p.Absent() is not null) && !HasNvidiaGpu;
        return ExecutionDevice.Cpu(isExpected ? null : $"CUDA is not used: {why}");
    }

    /// <summary>Why a provider cannot be used; null when it can. Found once a process.</summary>
    public static string? Problem(ExecutionProvider provider, int index) => TrialOf(provider, index).Problem;

    private static Trial TrialOf(ExecutionProvider provider, int index)
    {
        lock (Trials)
        {
            if (!Trials.TryGetValue((provider, index), out Trial trial))
                Trials[(provider, index)] = trial = provider.Absent() is { } absent ? new Trial(absent, false) : Try(provider, index);
            return trial;
        }
    }

    private static ExecutionDevice Device(ExecutionProvider provider, ComputeDevice device, bool bindsResults) =>
        new(provider.DeviceName(device), null, options => provider.AppendTo(options, device))
        {
            OwnMemory = provider.OwnMemory is { } own ? () => own(device.Index) : null,
            ResultMemory = bindsResults && provider.ResultMemory is { } results ? () => results(device.Index) : null,
        };

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

    private static Trial Try(ExecutionProvider provider, int index)
    {
        if (provider.Kind != DeviceKind.Cpu)
            SilenceProviders();
        bool binds = provider.ResultMemory is not null && Environment.GetEnvironmentVariable(PinnedVariable) != "0"
            && Problem(provider, index, bindsResults: true) is null;
        return new Trial(binds ? null : Problem(provider, index, bindsResults: false), binds);
    }

    // Providers of GPUs write to the log of the process, not of a session, and tell of every try as of an error though the next one
    // succeeds. What fails comes as an exception. A program that has set a level of its own keeps it.
    private static void SilenceProviders()
    {
        OrtEnv runtime = OrtEnv.Instance();
        if (runtime.EnvLogLevel == OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING)
            runtime.EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
    }

    private static string? Problem(ExecutionProvider provider, int index, bool bindsResults)
    {
        ExecutionDevice device = Device(provider, new ComputeDevice(provider.Kind, index), bindsResults);
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            // Else a provider that does not come up would leave the node to the CPU, and the probe would be happy.
            if (provider.Kind != DeviceKind.Cpu)
                options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
            device.AppendTo(options);
            using var session = new InferenceSession(SmallNetwork(), options);
            using OrtValue picture = OrtValue.CreateTensorValueFromMemory(ProbePicture, [1, 1, 2, 2]);
            using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            // A plain run that stands in for a refused one would hide that results cannot be bound.
            using OrtMemoryInfo? memory = device.ResultMemory?.Invoke();
            var inputs = new Dictionary<string, OrtValue> { ["x"] = picture };
            using var results = memory is null ? session.Run(run, inputs, ["y"]) : DeviceRun.Into(memory, session, run, inputs, ["y"]);
            return results[0].GetTensorDataAsSpan<float>() is [> 3.49f and < 3.51f] ? null : "it computes wrong numbers";
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

    private static readonly float[] ProbePicture = [1, 2, 3, 4];

    // A bias of 1 and a filter that leaves every value as it is, then the mean of all four: 3.5.
    private static byte[] SmallNetwork()
    {
        var builder = new GraphBuilder("probe");
        string weight = builder.Initializer("w", TensorData.FromArray([0f, 0, 0, 0, 1, 0, 0, 0, 0], new TensorShape(1, 1, 3, 3)));
        string bias = builder.Initializer("b", TensorData.FromArray([1f], new TensorShape(1)));
        builder.Node("Conv", "c", [builder.Input("x", ElementType.Float, 1, 1, 2, 2), weight, bias], ("kernel_shape", new long[] { 3, 3 }),
            ("pads", new long[] { 1, 1, 1, 1 }));
        builder.Node("AveragePool", "y", ["c"], ("kernel_shape", new long[] { 2, 2 }));
        builder.Output("y", ElementType.Float, 1, 1, 1, 1);
        return Google.Protobuf.MessageExtensions.ToByteArray(builder.Build().Proto);
    }

    /// <summary>What a trial of a provider came to.</summary>
    /// <param name="Problem">Why it cannot be used; null when it can.</param>
    /// <param name="BindsResults">Results arrive in the memory that it copies to fastest.</param>
    private readonly record struct Trial(string? Problem, bool BindsResults);
}

/// <summary>The device that a probe decided on, and how a session is told to use it.</summary>
/// <param name="Name">CPU, or CUDA with its index.</param>
/// <param name="Remark">Why it is not the device that one might expect; null when there is nothing to say.</param>
/// <param name="AppendTo">Adds the provider to a session's options.</param>
internal sealed record ExecutionDevice(string Name, string? Remark, Action<SessionOptions> AppendTo)
{
    /// <summary>Makes the description of the device's own memory, which the caller disposes; null where there is none.</summary>
    public Func<OrtMemoryInfo>? OwnMemory { get; init; }

    /// <summary>Makes that of the host memory that results are copied to; null for any memory.</summary>
    public Func<OrtMemoryInfo>? ResultMemory { get; init; }

    public static ExecutionDevice Cpu(string? remark = null) => new("CPU", remark, _ => { });
}
