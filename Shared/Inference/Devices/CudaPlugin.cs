using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// CUDA as a library of its own, which ONNX Runtime's CPU package can load: named by the environment variable
/// CNNONNX_CUDA_PLUGIN, or lying beside the program or where its package puts it.
/// </summary>
internal static class CudaPlugin
{
    public const string Variable = "CNNONNX_CUDA_PLUGIN";

    public const string Package = "Microsoft.ML.OnnxRuntime.EP.Cuda13 (or Cuda12) for this operating system";

    private const string Registration = "cnnonnx-cuda-plugin";

    // The first is today's name, the second that of previews.
    private static readonly string[] ProviderNames = ["CUDAExecutionProvider", "CudaPluginExecutionProvider"];

    private static readonly string[] FileNames = OperatingSystem.IsWindows()
        ? ["onnxruntime_providers_cuda.dll", "onnxruntime_providers_cuda_plugin.dll"]
        : ["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_cuda_plugin.so"];

    private static readonly Lazy<string?> Registered = new(Register);

    /// <summary>The library's path; null when there is none.</summary>
    public static string? Path { get; } = Find(Environment.GetEnvironmentVariable(Variable), AppContext.BaseDirectory);

    /// <summary>Why it cannot be used; null when it is loaded.</summary>
    public static string? Problem => Registered.Value;

    /// <summary>Its devices; empty when it is not loaded or there are none.</summary>
    public static OrtEpDevice[] Devices => Problem is null
        ? [.. OrtEnv.Instance().GetEpDevices().Where(d => ProviderNames.Contains(d.EpName))]
        : [];

    /// <param name="named">A file that is taken whatever it is; may be empty.</param>
    /// <param name="folder">Folder of the program.</param>
    internal static string? Find(string? named, string folder)
    {
        if (!string.IsNullOrEmpty(named))
            return named;
        string system = OperatingSystem.IsWindows() ? "win" : "linux";
        string[] folders = [folder, System.IO.Path.Combine(folder, "runtimes", $"{system}-x64", "native")];
        return folders.SelectMany(f => FileNames.Select(name => System.IO.Path.Combine(f, name))).FirstOrDefault(File.Exists);
    }

    // The library of the classic provider has the same file name; the classic provider is asked first and loads it itself.
    private static string? Register()
    {
        if (Path is null)
            return $"its library is not here; it is in {Package}, and {Variable} can name it";
        if (!File.Exists(Path))
            return $"{Variable} is '{Path}', where there is no file";
        if (ExecutionProviders.IsBuiltIn("CUDAExecutionProvider"))
            return "the ONNX Runtime that is here has a CUDA provider of its own";
        try
        {
            OrtEnv.Instance().RegisterExecutionProviderLibrary(Registration, System.IO.Path.GetFullPath(Path));
            return null;
        }
        catch (OnnxRuntimeException fault)
        {
            return $"{Path}: {ProviderFault.Explain(fault, Package, GpuLibrary.Cuda)}";
        }
    }
}
