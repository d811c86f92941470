using CnnOnnx.Inference;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class ComputeDeviceTests
{
    [TestMethod]
    [DataRow("auto", "auto")]
    [DataRow("CPU", "cpu")]
    [DataRow("cuda", "cuda:0")]
    [DataRow("cuda:3", "cuda:3")]
    public void Parse_KnownDevice_IsItself(string text, string device) => Assert.AreEqual(device, ComputeDevice.Parse(text).ToString());

    [TestMethod]
    [DataRow("")]
    [DataRow("2")]
    [DataRow("gpu")]
    [DataRow("cpu:0")]
    [DataRow("cuda:")]
    [DataRow("cuda:-1")]
    [DataRow("cuda:1:2")]
    public void Parse_AnythingElse_SaysWhatIsExpected(string text)
    {
        var fault = Assert.ThrowsExactly<DeviceException>(() => ComputeDevice.Parse(text));
        Assert.AreEqual($"device '{text}': is not known, expected auto, cpu, cuda, cuda:N, cuda:tf32, tensorrt or directml", fault.Message);
    }
}
