using System.Runtime.InteropServices;

namespace CnnOnnx.Inference;

/// <summary>A native library that a GPU provider needs, under the names that it may have.</summary>
/// <param name="What">Name in words.</param>
/// <param name="Linux">File names of the versions that are taken, the newest first.</param>
/// <param name="Windows">The same under Windows.</param>
internal sealed record GpuLibrary(string What, string[] Linux, string[] Windows)
{
    /// <summary>The libraries of cuDNN, which run convolutions and poolings.</summary>
    public static IReadOnlyList<GpuLibrary> Cudnn { get; } =
    [
        new("cuDNN 9", ["libcudnn.so.9"], ["cudnn64_9.dll"]),
        // cuDNN loads these by itself when it first needs them, so their absence shows as late as in a run.
        new("cuDNN 9 graph", ["libcudnn_graph.so.9"], ["cudnn_graph64_9.dll"]),
        new("cuDNN 9 ops", ["libcudnn_ops.so.9"], ["cudnn_ops64_9.dll"]),
        new("cuDNN 9 cnn", ["libcudnn_cnn.so.9"], ["cudnn_cnn64_9.dll"]),
        new("cuDNN 9 adv", ["libcudnn_adv.so.9"], ["cudnn_adv64_9.dll"]),
        new("cuDNN 9 heuristic", ["libcudnn_heuristic.so.9"], ["cudnn_heuristic64_9.dll"]),
        new("cuDNN 9 precompiled engines", ["libcudnn_engines_precompiled.so.9"], ["cudnn_engines_precompiled64_9.dll"]),
        new("cuDNN 9 runtime-compiled engines", ["libcudnn_engines_runtime_compiled.so.9"], ["cudnn_engines_runtime_compiled64_9.dll"]),
    ];

    /// <summary>
    /// Libraries that ONNX Runtime's CUDA provider links or loads, with the versions that its CUDA 12 and CUDA 13 builds ask for. cuFFT
    /// and NVRTC are loaded as late as a node needs them.
    /// </summary>
    public static IReadOnlyList<GpuLibrary> Cuda { get; } =
    [
        new("the NVIDIA driver", ["libcuda.so.1"], ["nvcuda.dll"]),
        new("the CUDA runtime", ["libcudart.so.13", "libcudart.so.12"], ["cudart64_13.dll", "cudart64_12.dll"]),
        new("cuBLAS", ["libcublas.so.13", "libcublas.so.12"], ["cublas64_13.dll", "cublas64_12.dll"]),
        new("cuBLASLt", ["libcublasLt.so.13", "libcublasLt.so.12"], ["cublasLt64_13.dll", "cublasLt64_12.dll"]),
        new("cuFFT", ["libcufft.so.12", "libcufft.so.11"], ["cufft64_12.dll", "cufft64_11.dll"]),
        new("cuRAND", ["libcurand.so.10"], ["curand64_10.dll"]),
        new("NVRTC", ["libnvrtc.so.13", "libnvrtc.so.12"], ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"]),
        .. Cudnn,
    ];

    /// <summary>Libraries that the TensorRT provider links beside CUDA.</summary>
    public static IReadOnlyList<GpuLibrary> TensorRt { get; } =
    [
        new("TensorRT", ["libnvinfer.so.10"], ["nvinfer_10.dll"]),
        new("the TensorRT plugins", ["libnvinfer_plugin.so.10"], ["nvinfer_plugin_10.dll"]),
        new("the TensorRT ONNX parser", ["libnvonnxparser.so.10"], ["nvonnxparser_10.dll"]),
    ];

    public static IReadOnlyList<GpuLibrary> DirectMl { get; } =
    [
        new("Direct3D 12", [], ["d3d12.dll"]),
        new("DirectML", [], ["DirectML.dll"]),
    ];

    /// <summary>File names on this operating system.</summary>
    public string[] Names => OperatingSystem.IsWindows() ? Windows : Linux;

    /// <summary>The first of its names that loads; null when none does.</summary>
    public string? Found(Func<string, bool> canLoad) => Names.FirstOrDefault(canLoad);

    public override string ToString() => $"{What} ({string.Join(" or ", Names)})";

    /// <summary>Lists libraries in words, cuDNN as one where no part of it is there.</summary>
    /// <param name="missing">The libraries.</param>
    public static string List(IReadOnlyList<GpuLibrary> missing) => string.Join("; ", !Cudnn.All(missing.Contains)
        ? missing.Select(l => l.ToString())
        : [.. missing.Except(Cudnn).Select(l => l.ToString()), $"{Cudnn[0].What} ({Cudnn[0].Names[0]} and its parts)"]);

    /// <summary>Finds the libraries of which no version loads.</summary>
    public static IReadOnlyList<GpuLibrary> Missing(IEnumerable<GpuLibrary> libraries, Func<string, bool> canLoad) =>
        [.. libraries.Where(l => l.Found(canLoad) is null)];

    /// <summary>True when the system finds a library of this name.</summary>
    public static bool CanLoad(string name)
    {
        if (!NativeLibrary.TryLoad(name, out IntPtr handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
