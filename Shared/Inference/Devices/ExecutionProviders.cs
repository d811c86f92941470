using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>The providers that sessions may run on. Of two for one device the first that works is taken.</summary>
internal static class ExecutionProviders
{
    private const string CudaPackage = "Microsoft.ML.OnnxRuntime.Gpu (build with -p:Accelerator=cuda)";

    // TF32 takes convolutions about 1e-3 away from what the CPU computes, so it is on only where somebody says so; the workspace
    // search is the quick one because every new shape would start a long one; the arena grows by what is asked for, not by doubling.
    private static (string Key, string Value)[] CudaOptions(ComputeDevice device) =>
    [
        ("use_tf32", device.UsesTf32 ? "1" : "0"),
        ("cudnn_conv_algo_search", "HEURISTIC"),
        ("arena_extend_strategy", "kSameAsRequested"),
    ];

    public static ExecutionProvider Cpu { get; } = new(
        "CPU", DeviceKind.Cpu, "CPUExecutionProvider", "Microsoft.ML.OnnxRuntime", [], () => null, (_, _) => { });

    public static IReadOnlyList<ExecutionProvider> All { get; } =
    [
        Cpu,
        new("CUDA", DeviceKind.Cuda, "CUDAExecutionProvider", CudaPackage, GpuLibrary.Cuda,
            () => NotBuiltIn("CUDAExecutionProvider", CudaPackage), AppendCuda)
        {
            OwnMemory = index => Memory(OrtMemoryInfo.allocatorCUDA, index, OrtMemType.Default),
            ResultMemory = index => Memory(OrtMemoryInfo.allocatorCUDA_PINNED, index, OrtMemType.CpuOutput),
        },
        new("CUDA plugin", DeviceKind.Cuda, "CUDAExecutionProvider", CudaPlugin.Package, GpuLibrary.Cuda,
            () => CudaPlugin.Problem, AppendCudaPlugin),
        new("TensorRT", DeviceKind.TensorRt, "TensorrtExecutionProvider", CudaPackage, [.. GpuLibrary.Cuda, .. GpuLibrary.TensorRt],
            () => NotBuiltIn("TensorrtExecutionProvider", CudaPackage), AppendTensorRt),
        new("DirectML", DeviceKind.DirectMl, "DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML", GpuLibrary.DirectMl,
            () => OperatingSystem.IsWindows()
                ? NotBuiltIn("DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML")
                : "DirectML exists under Windows only",
            AppendDirectMl),
    ];

    public static bool IsBuiltIn(string runtimeName) => OrtEnv.Instance().GetAvailableProviders().Contains(runtimeName);

    private static string? NotBuiltIn(string runtimeName, string package) => IsBuiltIn(runtimeName)
        ? null
        : $"the ONNX Runtime that is here was built without it; it is in {package}";

    private static OrtMemoryInfo Memory(byte[] name, int index, OrtMemType type) =>
        new(name, OrtAllocatorType.DeviceAllocator, index, type);

    private static void AppendCuda(SessionOptions options, ComputeDevice device)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(CudaOptions(device).Prepend(("device_id", $"{device.Index}")).ToDictionary(o => o.Item1, o => o.Item2));
        options.AppendExecutionProvider_CUDA(cuda);
    }

    private static void AppendCudaPlugin(SessionOptions options, ComputeDevice device)
    {
        int index = device.Index;
        OrtEpDevice[] devices = CudaPlugin.Devices;
        if (index >= devices.Length)
            throw new BadInputException(devices.Length == 0 ? "no CUDA device is found"
                : $"there are {devices.Length} CUDA devices, expected an index below that");
        options.AppendExecutionProvider(OrtEnv.Instance(), [devices[index]],
            CudaOptions(device).ToDictionary(o => $"ep.cuda.{o.Key}", o => o.Value));
    }

    private static void AppendTensorRt(SessionOptions options, ComputeDevice device)
    {
        using var tensorRt = new OrtTensorRTProviderOptions();
        tensorRt.UpdateOptions(new Dictionary<string, string> { ["device_id"] = $"{device.Index}" });
        options.AppendExecutionProvider_Tensorrt(tensorRt);
        AppendCuda(options, device);
    }

    // DirectML plans its memory itself and runs node after node.
    private static void AppendDirectMl(SessionOptions options, ComputeDevice device)
    {
        options.EnableMemoryPattern = false;
        options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
        options.AppendExecutionProvider_DML(device.Index);
    }
}

/// <summary>A part of ONNX Runtime that computes on some kind of device.</summary>
/// <param name="Name">Name in words.</param>
/// <param name="Kind">The device that it is for.</param>
/// <param name="RuntimeName">The runtime's name for it.</param>
/// <param name="Package">Package that brings it.</param>
/// <param name="Libraries">Libraries that it needs beside the package.</param>
/// <param name="Absent">Why it is not even worth a try; null when it is.</param>
/// <param name="AppendTo">Adds it, for a device, to a session's options.</param>
internal sealed record ExecutionProvider(
    string Name,
    DeviceKind Kind,
    string RuntimeName,
    string Package,
    IReadOnlyList<GpuLibrary> Libraries,
    Func<string?> Absent,
    Action<SessionOptions, ComputeDevice> AppendTo)
{
    /// <summary>Makes the description of its own memory on the device of an index, which the caller disposes; null for none.</summary>
    public Func<int, OrtMemoryInfo>? OwnMemory { get; init; }

    /// <summary>Makes that of the host memory that it copies to fastest; null for any memory.</summary>
    public Func<int, OrtMemoryInfo>? ResultMemory { get; init; }

    public string DeviceName(ComputeDevice device) =>
        Kind == DeviceKind.Cpu ? Name : $"{Name} {device.Index}{(device.UsesTf32 ? " (TF32)" : "")}";

    public override string ToString() => Name;
}
