using System.Text.RegularExpressions;

namespace CnnOnnx.Inference;

/// <summary>
/// Says in words why a provider does not work. The runtime's own messages name the library that is missing on Linux only,
/// and what is wrong with a driver in the words of its source code.
/// </summary>
internal static partial class ProviderFault
{
    // "CUDA failure 2: out of memory", the arena of ONNX Runtime within its limit and beyond the card's memory, cuBLAS and cuDNN.
    private static readonly string[] OutOfMemory =
    [
        "out of memory", "is smaller than requested bytes", "Failed to allocate memory for requested buffer",
        "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED",
    ];

    // cuDNN 9 is a family of libraries, which load one another as late as a run needs them.
    private static readonly (string Part, string Words)[] CudnnFamily =
    [
        ("SUBLIBRARY_VERSION_MISMATCH", "parts of cuDNN are of different versions"),
        ("SUBLIBRARY_UNAVAILABLE", "a part of cuDNN does not load"),
        ("SUBLIBRARY_LOADING_FAILED", "a part of cuDNN does not load"),
    ];

    // Parts of messages of the CUDA runtime, of the system's loaders and of ONNX Runtime. The first that fits counts.
    private static readonly (string Part, string Words)[] Known =
    [
        ("no CUDA-capable device", "no CUDA device is found"),
        ("CUDA_ERROR_NO_DEVICE", "no CUDA device is found"),
        ("invalid device ordinal", "there is no CUDA device of this index"),
        ("Invalid device ID", "there is no CUDA device of this index"),
        ("driver version is insufficient", "the NVIDIA driver is too old for this CUDA version"),
        ("unsupported display driver / cuda driver combination", "the NVIDIA driver is too old for this CUDA version"),
        ("PTX was compiled with an unsupported toolchain", "the NVIDIA driver is too old for this CUDA version"),
        .. OutOfMemory.Select(part => (part, "the device has too little free memory")),
        ("no kernel image", "this build of ONNX Runtime has no code for this generation of GPU"),
        ("CUDNN_STATUS_VERSION_MISMATCH", "cuDNN is of another version than ONNX Runtime was built with"),
        ("Failed to get symbol", "the file is not a library of an execution provider"),
        ("API version", "the provider's library is of another version than ONNX Runtime"),
    ];

    // How a runtime that was built without a provider answers when it is asked for it.
    private static readonly string[] NotBuiltIn =
    [
        "Unable to find an entry point named", "is not enabled in this build", "Unknown provider name", "not supported in this build",
    ];

    // "error 126" is Windows for: the library, or one that it needs, is not there.
    private static readonly string[] LoaderFaults = ["error 126", "error 127", "Failed to load library", "Failed to load shared library"];

    /// <summary>True when a run failed because memory was short, the device's or the host's for its results.</summary>
    public static bool IsOutOfMemory(string message) =>
        OutOfMemory.Any(part => message.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>Says what is wrong with the libraries of cuDNN; null when a message is about something else.</summary>
    /// <param name="message">The runtime's message.</param>
    /// <param name="canLoad">True for a library that loads.</param>
    public static string? Cudnn(string message, Func<string, bool> canLoad)
    {
        if (CudnnFamily.FirstOrDefault(f => message.Contains(f.Part, StringComparison.Ordinal)).Words is not { } words)
            return null;
        IReadOnlyList<GpuLibrary> missing = GpuLibrary.Missing(GpuLibrary.Cudnn, canLoad);
        return $"{words}{(missing.Count > 0 ? $", missing: {GpuLibrary.List(missing)}" : "")}; "
            + "all libraries of one cuDNN 9 have to be in the library path";
    }

    public static string Explain(Exception fault, string package, IEnumerable<GpuLibrary> needed) =>
        Explain(fault.Message, package, needed, GpuLibrary.CanLoad);

    /// <summary>From the runtime's message and a way to ask for libraries.</summary>
    internal static string Explain(string message, string package, IEnumerable<GpuLibrary> needed, Func<string, bool> canLoad)
    {
        if (NotBuiltIn.Any(part => message.Contains(part, StringComparison.OrdinalIgnoreCase)))
            return $"the ONNX Runtime that is here was built without it; it is in {package}";
        if (Cudnn(message, canLoad) is { } family)
            return family;
        if (Known.FirstOrDefault(k => message.Contains(k.Part, StringComparison.OrdinalIgnoreCase)).Words is { } known)
            return known;
        IReadOnlyList<GpuLibrary> missing = GpuLibrary.Missing(needed, canLoad);
        if (SharedObject().Match(message) is { Success: true } named && !missing.Any(l => l.Names.Contains(named.Groups[1].Value)))
            return $"missing: {named.Groups[1].Value}{(missing.Count > 0 ? "; " : "")}{GpuLibrary.List(missing)}";
        if (missing.Count > 0)
            return $"missing: {GpuLibrary.List(missing)}";
        return LoaderFaults.Any(part => message.Contains(part, StringComparison.OrdinalIgnoreCase))
            ? $"a library does not load though all that it is known to need are here: {RuntimeFault.Words(message)}"
            : RuntimeFault.Words(message);
    }

    [GeneratedRegex(@"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")]
    private static partial Regex SharedObject();
}
