using CnnOnnx.Inference;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class DeviceProbeTests
{
    [TestMethod]
    [DataRow("auto", DeviceKind.Auto, 0)]
    [DataRow("CPU", DeviceKind.Cpu, 0)]
    [DataRow("cuda:2", DeviceKind.Cuda, 2)]
    [DataRow("tensorrt", DeviceKind.TensorRt, 0)]
    [DataRow("directml:1", DeviceKind.DirectMl, 1)]
    public void Parse_EachDevice_IsRead(string text, DeviceKind kind, int index) =>
        Assert.AreEqual(new ComputeDevice(kind, index), ComputeDevice.Parse(text));

    [TestMethod]
    [DataRow("gpu")]
    [DataRow("cpu:1")]
    [DataRow("cuda:-1")]
    [DataRow("2")]
    public void Parse_AnythingElse_SaysWhatIsExpected(string text)
    {
        BadInputException fault = Assert.ThrowsExactly<DeviceException>(() => ComputeDevice.Parse(text));
        Assert.AreEqual($"device '{text}': is not known, expected auto, cpu, cuda, cuda:N, cuda:tf32, tensorrt or directml", fault.Message);
    }

    [TestMethod]
    public void Problem_OfTheCpu_IsNone() => Assert.IsNull(DeviceProbe.Problem(ExecutionProviders.Cpu, 0));

    [TestMethod]
    [DataRow(DeviceKind.Cuda, "CUDAExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu")]
    [DataRow(DeviceKind.TensorRt, "TensorrtExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu")]
    public void Choose_DeviceThatThisBuildHasNot_NamesThePackage(DeviceKind kind, string provider, string package)
    {
        if (ExecutionProviders.IsBuiltIn(provider))
            Assert.Inconclusive($"Skipped: this build has {provider}.");

        BadInputException fault = Assert.ThrowsExactly<DeviceException>(() => DeviceProbe.Choose(new ComputeDevice(kind)));

        Assert.Contains(package, fault.Message);
        Assert.StartsWith($"device '{kind.ToString().ToLowerInvariant()}:0': ", fault.Message);
    }

    [TestMethod]
    public void Find_PluginOfAVariableAndInFolders_TakesTheVariableFirst()
    {
        using var folder = new TemporaryFolder();
        string name = OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
        Assert.IsNull(CudaPlugin.Find("", folder.Path));
        File.WriteAllText(folder.File(name), "");

        Assert.AreEqual(folder.File(name), CudaPlugin.Find(null, folder.Path));
        Assert.AreEqual("/elsewhere/x.so", CudaPlugin.Find("/elsewhere/x.so", folder.Path));
    }
}
