using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class SoftmaxOperatorsTests
{
    // Before version 13 the default is axis 1, which a vector does not have.
    private static readonly Gen<OperatorCheck> Any =
        from type in Choice.Of("Softmax", "LogSoftmax", "Hardmax")
        from opset in Choice.Of(7, 11, 13)
        from shape in Gen.Long[1, 4].Array[1, 4]
        from axis in Gen.Int[opset < 11 ? 0 : -shape.Length, shape.Length - 1]
        from isDefault in Gen.Bool
        from seed in Gen.Int[0, 1000]
        let hasDefault = isDefault && (opset == 13 || shape.Length > 1)
        select new OperatorCheck(type, opset, Floats(shape, seed, -9, 9)) { Attributes = hasDefault ? [] : [("axis", axis)] };

    [TestMethod]
    public void Softmax_AnyAxisAndVersion_AgreesWithOrt() => AllAgreeWithOrt(Any, 300);

    [TestMethod]
    public void Hardmax_EqualElements_TakesTheFirst()
    {
        var check = new OperatorCheck("Hardmax", 13, CnnOnnx.Tensors.TensorData.FromArray([3f, 3, 1, 3], new(4)));
        CollectionAssert.AreEqual(new double[] { 1, 0, 0, 0 }, Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    public void Softmax_AxisOutside_IsRefused() =>
        new OperatorCheck("Softmax", 13, Floats([2, 3], 1)) { Attributes = [("axis", 2)] }.IsRefused(
            "axis 2 is outside a tensor of 2 axes");
}
