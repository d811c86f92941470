using CnnOnnx.Inference;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class DeviceProbeTests
{
    [TestMethod]
    public void Choose_CudaWithTheCpuPackage_NamesThePackage()
    {
        if (OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
            Assert.Inconclusive("Skipped: this build carries the CUDA package.");
        var fault = Assert.ThrowsExactly<BadInputException>(() => DeviceProbe.Choose(ComputeDevice.Parse("cuda:1")));
        Assert.AreEqual("--device cuda:1: this build carries ONNX Runtime's CPU package; build with -p:Accelerator=cuda for Microsoft.ML.OnnxRuntime.Gpu",
            fault.Message);
    }

    [TestMethod]
    public void Choose_Cpu_HasNothingToRemark() => Assert.AreEqual((null, "CPU"), (DeviceProbe.Choose(ComputeDevice.Cpu).Remark, DeviceProbe.Choose(ComputeDevice.Cpu).Name));

    [TestMethod]
    [DataRow("CUDA failure 100: no CUDA-capable device is detected ; GPU=-1", "no CUDA device is found")]
    [DataRow("CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version", "the NVIDIA driver is too old for this CUDA version")]
    [DataRow("CUDA failure 101: invalid device ordinal", "there is no CUDA device of this index")]
    public void Explain_FaultOfTheDriver_IsPutIntoWords(string message, string words) =>
        Assert.AreEqual(words, CudaFault.Explain(message, ["cuDNN 9 (libcudnn.so.9)"]));

    [TestMethod]
    public void Explain_LibraryThatDoesNotLoad_IsNamed()
    {
        IReadOnlyList<string> missing = CudaFault.Missing(library => !library.Contains("cudnn", StringComparison.Ordinal));
        string words = CudaFault.Explain("LoadLibrary failed with error 126", missing);
        Assert.AreEqual(OperatingSystem.IsWindows() ? "missing: cuDNN 9 (cudnn64_9.dll)" : "missing: cuDNN 9 (libcudnn.so.9)", words);
    }

    [TestMethod]
    public void Missing_NewerVersionOfALibrary_IsEnough() =>
        Assert.IsEmpty(CudaFault.Missing(library => !library.Contains("12", StringComparison.Ordinal) || library.Contains("cufft", StringComparison.Ordinal)));
}
