using CnnOnnx.Statistics;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class ToleranceTests
{
    [TestMethod]
    [DataRow(ElementType.Float, 0.5, 1e-4)]
    [DataRow(ElementType.Double, 30, 3e-3)]
    [DataRow(ElementType.Float16, 1, 1.0 / 512)]
    [DataRow(ElementType.BFloat16, 2, 1.0 / 32)]
    [DataRow(ElementType.UInt8, 255, 0)]
    [DataRow(ElementType.Bool, 1, 0)]
    public void Allowed_Type_IsAPartOfTheMagnitude(ElementType type, double magnitude, double expected) =>
        Assert.AreEqual(expected, Tolerance.Of(type).Allowed(magnitude), 1e-15);

    [TestMethod]
    public void Of_Quantized_AllowsAStepOfIntegersOnly()
    {
        Assert.AreEqual(1, Tolerance.Of(ElementType.Int8, isQuantized: true).Allowed(100));
        Assert.AreEqual(Tolerance.Of(ElementType.Float), Tolerance.Of(ElementType.Float, isQuantized: true));
    }

    [TestMethod]
    public void Of_EveryType_HasAReason() =>
        Assert.IsTrue(Enum.GetValues<ElementType>().All(type => Tolerance.Of(type).Reason.Length > 0));
}
