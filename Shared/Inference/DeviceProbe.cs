using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>Decides where sessions run: CUDA is used only after a network of one node has run there.</summary>
internal static class DeviceProbe
{
    private const uint NvidiaVendorId = 0x10de;
    private static readonly Dictionary<int, string?> CudaProblems = [];

    /// <exception cref="BadInputException">CUDA is asked for and does not work; says what is missing.</exception>
    public static ExecutionDevice Choose(ComputeDevice wanted)
    {
        if (wanted.Kind == DeviceKind.Cpu)
            return ExecutionDevice.Cpu();
        if (wanted.Kind == DeviceKind.Auto && !HasCudaProvider)
            return ExecutionDevice.Cpu(HasNvidiaGpu ? $"an NVIDIA GPU is here and not used: {NoCudaProvider}" : null);
        string? problem = CudaProblem(wanted.Index);
        if (problem is null)
            return new ExecutionDevice($"CUDA {wanted.Index}", null, options => AppendCuda(options, wanted.Index));
        return wanted.Kind == DeviceKind.Cuda
            ? throw new BadInputException($"--device {wanted}: {problem}")
            : ExecutionDevice.Cpu($"CUDA is not used: {problem}");
    }

    /// <summary>Why CUDA cannot be used; null when it can. Found once a process.</summary>
    public static string? CudaProblem(int index)
    {
        lock (CudaProblems)
        {
            if (!CudaProblems.TryGetValue(index, out string? problem))
                CudaProblems[index] = problem = HasCudaProvider ? TryCuda(index) : NoCudaProvider;
            return problem;
        }
    }

    private static string NoCudaProvider =>
        "this build carries ONNX Runtime's CPU package; build with -p:Accelerator=cuda for Microsoft.ML.OnnxRuntime.Gpu";

    private static bool HasCudaProvider => OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider");

    private static bool HasNvidiaGpu => OrtEnv.Instance().GetHardwareDevices()
        .Any(d => d.Type == OrtHardwareDeviceType.GPU && d.VendorId == NvidiaVendorId);

    private static string? TryCuda(int index)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            AppendCuda(options, index);
            using var session = new InferenceSession(OneNode(), options);
            using OrtValue one = OrtValue.CreateTensorValueFromMemory([1f], [1]);
            using var run = new RunOptions();
            using var results = session.Run(run, new Dictionary<string, OrtValue> { ["x"] = one }, ["y"]);
            return null;
        }
        catch (Exception fault) when (fault is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return CudaFault.Explain(fault);
        }
    }

    // TF32 is off because it takes convolutions about 1e-3 away from what the CPU computes; the workspace search is the
    // quick one because every new shape would start a long one; the arena grows by what is asked for, not by doubling.
    private static void AppendCuda(SessionOptions options, int index)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = $"{index}",
            ["use_tf32"] = "0",
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["arena_extend_strategy"] = "kSameAsRequested",
        });
        options.AppendExecutionProvider_CUDA(cuda);
    }

    private static byte[] OneNode()
    {
        var builder = new GraphBuilder("probe");
        builder.Node("Relu", "y", [builder.Input("x", ElementType.Float, 1)]);
        builder.Output("y", ElementType.Float, 1);
        return Google.Protobuf.MessageExtensions.ToByteArray(builder.Build().Proto);
    }
}
