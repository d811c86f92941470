using CnnOnnx.Inference;

namespace CnnOnnx.Tests.Inference;

/// <summary>Messages as ONNX Runtime, the CUDA runtime and the loaders of Linux and Windows word them.</summary>
[TestClass]
public sealed class ProviderFaultTests
{
    private const string Package = "Some.Package";

    [TestMethod]
    [DataRow("Unable to find an entry point named 'OrtSessionOptionsAppendExecutionProvider_CUDA' in shared library 'onnxruntime'.",
        "the ONNX Runtime that is here was built without it; it is in Some.Package")]
    [DataRow("[ErrorCode:Fail] CUDA execution provider is not enabled in this build. ",
        "the ONNX Runtime that is here was built without it; it is in Some.Package")]
    [DataRow("[ErrorCode:InvalidArgument] Unknown provider name. Currently supported values are 'OPENVINO', 'SNPE', 'XNNPACK'",
        "the ONNX Runtime that is here was built without it; it is in Some.Package")]
    [DataRow("CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=x", "no CUDA device is found")]
    [DataRow("CUDA failure 101: invalid device ordinal ; GPU=3", "there is no CUDA device of this index")]
    [DataRow("[ErrorCode:Fail] Failed to parse provider option \"device_id\": Invalid device ID: 9, must be between 0 (inclusive) and 1 "
        + "(exclusive).", "there is no CUDA device of this index")]
    [DataRow("CUDNN failure 1002: CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH ; GPU=0",
        "parts of cuDNN are of different versions; all libraries of one cuDNN 9 have to be in the library path")]
    [DataRow("CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=0",
        "the NVIDIA driver is too old for this CUDA version")]
    [DataRow("CUDA failure 209: no kernel image is available for execution on the device",
        "this build of ONNX Runtime has no code for this generation of GPU")]
    [DataRow("CUDA failure 2: out of memory ; GPU=0", "the device has too little free memory")]
    [DataRow("[ErrorCode:InvalidArgument] Failed to get symbol CreateEpFactories with error: undefined symbol",
        "the file is not a library of an execution provider")]
    [DataRow("The requested API version [99] is not available, only API versions [1, 27] are supported in this build.",
        "the provider's library is of another version than ONNX Runtime")]
    public void Explain_EachKnownFault_SaysItInWords(string message, string expected) =>
        Assert.AreEqual(expected, ProviderFault.Explain(message, Package, GpuLibrary.Cuda, _ => true));

    [TestMethod]
    public void Cudnn_PartThatDoesNotLoad_IsNamed()
    {
        GpuLibrary engines = GpuLibrary.Cudnn.First(l => l.What == "cuDNN 9 precompiled engines");

        string? words = ProviderFault.Cudnn("running Conv node. Name:'conv1' CUDNN failure 3009: "
            + "CUDNN_STATUS_NOT_SUPPORTED_SUBLIBRARY_UNAVAILABLE ; GPU=0 ; hostname=vm ; expr=cudnnCreateTensorDescriptor(&tensor_)",
            name => !engines.Names.Contains(name));

        Assert.AreEqual($"a part of cuDNN does not load, missing: {engines}; all libraries of one cuDNN 9 have to be in the library path",
            words);
        Assert.IsNull(ProviderFault.Cudnn("CUDA failure 2: out of memory", _ => true));
    }

    [TestMethod]
    public void Explain_NothingIsThere_TellsTheDriverFirstAndCudnnOnce()
    {
        string words = ProviderFault.Explain("Failed to load library libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot "
            + "open shared object file: No such file or directory", Package, GpuLibrary.Cuda, _ => false);

        Assert.StartsWith($"missing: {GpuLibrary.Cuda[0]}; {GpuLibrary.Cuda[1]}; ", words);
        Assert.EndsWith($"; cuDNN 9 ({GpuLibrary.Cudnn[0].Names[0]} and its parts)", words);
        Assert.DoesNotContain("cuDNN 9 ops", words);
    }

    [TestMethod]
    public void Explain_OnlyTensorRtIsMissing_NamesNothingElse()
    {
        string words = ProviderFault.Explain("Failed to load library libonnxruntime_providers_tensorrt.so with error: libnvinfer.so.10: "
            + "cannot open shared object file: No such file or directory", Package, [.. GpuLibrary.Cuda, .. GpuLibrary.TensorRt],
            name => GpuLibrary.Cuda.Any(l => l.Names.Contains(name)));

        Assert.AreEqual($"missing: {string.Join("; ", GpuLibrary.TensorRt)}", words);
    }

    [TestMethod]
    public void Explain_WindowsError126_NamesWhatDoesNotLoad()
    {
        GpuLibrary cudnn = GpuLibrary.Cuda.First(l => l.What == "cuDNN 9");

        string words = ProviderFault.Explain(
            "[ErrorCode:Fail] LoadLibrary failed with error 126 \"\" when trying to load \"onnxruntime_providers_cuda.dll\"", Package,
            GpuLibrary.Cuda, name => !cudnn.Names.Contains(name));

        Assert.AreEqual($"missing: {cudnn}", words);
    }

    [TestMethod]
    public void Explain_LinuxLoaderNamesALibraryOutsideTheTable_NamesThatToo()
    {
        string words = ProviderFault.Explain(
            "Failed to load library libonnxruntime_providers_cuda.so with error: libnvJitLink.so.12: cannot open shared object file: No "
                + "such file or directory",
            Package, GpuLibrary.Cuda, _ => true);

        Assert.AreEqual("missing: libnvJitLink.so.12", words);
    }

    [TestMethod]
    public void Explain_NothingIsMissing_KeepsTheRuntimesWords()
    {
        string words = ProviderFault.Explain("LoadLibrary failed with error 126", Package, GpuLibrary.Cuda, _ => true);

        Assert.AreEqual("a library does not load though all that it is known to need are here: LoadLibrary failed with error 126", words);
    }

    [TestMethod]
    public void Missing_OneVersionOfTwoLoads_IsNotMissing() =>
        Assert.IsEmpty(GpuLibrary.Missing(GpuLibrary.Cuda, name => GpuLibrary.Cuda.Any(l => l.Names[^1] == name)));
}
