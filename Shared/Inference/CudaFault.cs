using System.Runtime.InteropServices;

namespace CnnOnnx.Inference;

/// <summary>Says in words why CUDA does not work. Loaders name the missing library on Linux only, so each is tried here.</summary>
internal static class CudaFault
{
    // What ONNX Runtime's provider links, with the versions that its CUDA 12 and CUDA 13 builds ask for.
    private static readonly (string What, string[] Linux, string[] Windows)[] Libraries =
    [
        ("the NVIDIA driver", ["libcuda.so.1"], ["nvcuda.dll"]),
        ("the CUDA runtime", ["libcudart.so.13", "libcudart.so.12"], ["cudart64_13.dll", "cudart64_12.dll"]),
        ("cuBLAS", ["libcublas.so.13", "libcublas.so.12"], ["cublas64_13.dll", "cublas64_12.dll"]),
        ("cuBLASLt", ["libcublasLt.so.13", "libcublasLt.so.12"], ["cublasLt64_13.dll", "cublasLt64_12.dll"]),
        ("cuFFT", ["libcufft.so.12", "libcufft.so.11"], ["cufft64_12.dll", "cufft64_11.dll"]),
        ("cuRAND", ["libcurand.so.10"], ["curand64_10.dll"]),
        ("cuDNN 9", ["libcudnn.so.9"], ["cudnn64_9.dll"]),
    ];

    // Parts of the CUDA runtime's own error texts.
    private static readonly (string Part, string Words)[] KnownFaults =
    [
        ("no CUDA-capable device", "no CUDA device is found"),
        ("invalid device ordinal", "there is no CUDA device of this index"),
        ("driver version is insufficient", "the NVIDIA driver is too old for this CUDA version"),
        ("out of memory", "the CUDA device has too little free memory"),
        ("no kernel image", "this build of ONNX Runtime has no code for this generation of GPU"),
    ];

    public static string Explain(Exception fault) => Explain(fault.Message, Missing(CanLoad));

    /// <summary>From the runtime's message and the libraries that did not load.</summary>
    internal static string Explain(string message, IReadOnlyList<string> missing)
    {
        string? known = KnownFaults.FirstOrDefault(k => message.Contains(k.Part, StringComparison.OrdinalIgnoreCase)).Words;
        return known
            ?? (missing.Count > 0 ? $"missing: {string.Join("; ", missing)}" : RuntimeFault.Words(message));
    }

    /// <summary>The libraries of which no version loads, by name.</summary>
    internal static IReadOnlyList<string> Missing(Func<string, bool> canLoad) =>
    [
        .. Libraries.Select(l => (l.What, Names: OperatingSystem.IsWindows() ? l.Windows : l.Linux))
            .Where(l => !l.Names.Any(canLoad))
            .Select(l => $"{l.What} ({string.Join(" or ", l.Names)})"),
    ];

    private static bool CanLoad(string library)
    {
        if (!NativeLibrary.TryLoad(library, out IntPtr handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
