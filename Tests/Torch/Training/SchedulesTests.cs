using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class SchedulesTests
{
    [TestMethod]
    [DataRow("constant", 0.0, 1.0)]
    [DataRow("constant", 0.99, 1.0)]
    [DataRow("cosine", 0.0, 1.0)]
    [DataRow("cosine", 0.25, 0.853553391)]
    [DataRow("cosine", 0.5, 0.5)]
    [DataRow("cosine", 1.0, 0.0)]
    [DataRow("step", 0.0, 1.0)]
    [DataRow("step", 0.33, 1.0)]
    [DataRow("step", 0.34, 0.1)]
    [DataRow("step", 0.67, 0.01)]
    public void Factor_Share_IsThatOfTheSchedule(string name, double done, double expected) =>
        Assert.AreEqual(expected, Schedules.Factor[name](done, 0), 1e-9);

    [TestMethod]
    public void Factor_Decay_FallsByAHundredthAnEpoch() => Assert.AreEqual(0.970299, Schedules.Factor["decay"](0.5, 3), 1e-12);
}
