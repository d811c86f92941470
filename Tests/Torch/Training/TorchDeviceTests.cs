using CnnOnnx.Inference;
using CnnOnnx.Torch.Training;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class TorchDeviceTests
{
    [TestMethod]
    public void Choose_Cpu_IsTheCpu() => Assert.AreEqual("cpu", TorchDevice.Choose(ComputeDevice.Cpu).ToString());

    [TestMethod]
    public void Choose_AutoWithoutCuda_IsTheCpu()
    {
        if (!cuda.is_available())
            Assert.AreEqual("cpu", TorchDevice.Choose(ComputeDevice.Auto).ToString());
    }

    [TestMethod]
    public void Choose_CudaThatIsNotThere_SaysWhatIsMissing()
    {
        var fault = Assert.ThrowsExactly<DeviceException>(() => TorchDevice.Choose(ComputeDevice.Parse("cuda:99")));
        StringAssert.StartsWith(fault.Message, "device 'cuda:99': ");
        if (!cuda.is_available())
            Assert.AreEqual("device 'cuda:99': TorchSharp finds no CUDA; it needs an NVIDIA driver and a build with -p:Accelerator=cuda",
                fault.Message);
    }
}
