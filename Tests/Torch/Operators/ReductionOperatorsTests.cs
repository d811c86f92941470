using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class ReductionOperatorsTests
{
    private static readonly string[] Types =
    [
        "ReduceSum", "ReduceMean", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2",
            "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare",
    ];

    private static readonly Gen<OperatorCheck> Reductions =
        from type in Choice.Of(Types)
        from shape in Gen.Long[1, 4].Array[1, 4]
        from drawn in Gen.Int[-shape.Length, shape.Length - 1].Array[0, shape.Length]
        from keep in Gen.Int[0, 1]
        from opset in Choice.Of(11, 18)
        from element in Choice.Of(ElementType.Float, ElementType.Float, ElementType.Int32)
        from seed in Gen.Int[0, 1000]
        let axes = drawn.DistinctBy(axis => axis < 0 ? axis + shape.Length : axis).Select(axis => (long)axis).ToArray()
        // ONNX Runtime has these for int32; logarithms of integers are nobody's business.
        let isInteger = element == ElementType.Int32
            && type is "ReduceSum" or "ReduceMean" or "ReduceProd" or "ReduceMax" or "ReduceMin" or "ReduceL1"
        let x = isInteger ? Ints(shape, seed, -4, 5) : Floats(shape, seed, type == "ReduceLogSum" ? 0.1f : -2, 2)
        select opset == 11
            ? new OperatorCheck(
                type, opset, x)
            { Attributes = [("keepdims", keep), .. axes.Length > 0 ? new (string, object)[] { ("axes", axes) } : []] }
            : new OperatorCheck(type, opset, x, axes.Length > 0 || seed % 2 == 0 ? Vector(axes) : null)
            {
                Attributes = [("keepdims", keep), ("noop_with_empty_axes", axes.Length == 0 && type == "ReduceSum" ? seed % 3 / 2 : 0)],
            };

    // Few different numbers, so that many are equal.
    private static readonly Gen<OperatorCheck> Extremes =
        from type in Choice.Of("ArgMax", "ArgMin")
        from shape in Gen.Long[1, 4].Array[1, 4]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from keep in Gen.Int[0, 1]
        from last in Gen.Int[0, 1]
        from isFloat in Gen.Bool
        from seed in Gen.Int[0, 1000]
        let integers = Ints(shape, seed, 0, 3)
        select new OperatorCheck(type, 13, isFloat ? Converted.ToFloat(integers) : integers)
        {
            Attributes = [("axis", axis), ("keepdims", keep), ("select_last_index", last)],
        };

    [TestMethod]
    public void Reduction_AnyAxes_AgreesWithOrt() => AllAgreeWithOrt(Reductions, 400);

    [TestMethod]
    public void ArgExtreme_AnyAxis_AgreesWithOrt() => AllAgreeWithOrt(Extremes, 150);

    [TestMethod]
    public void Reduction_OverNothing_IsNeutral()
    {
        double[] expected =
            [0, double.NaN, 1, double.NegativeInfinity, double.PositiveInfinity, 0, 0, double.NegativeInfinity, double.NegativeInfinity, 0];
        foreach ((string type, double neutral) in Types.Zip(expected))
            foreach (int keep in new[] { 0, 1 })
            {
                TensorData result =
                    new OperatorCheck(type, 18, Floats([2, 0, 3], 1), Vector(1)) { Attributes = [("keepdims", keep)] }.RunTorch()[0];
                Assert.AreEqual(keep == 1 ? new TensorShape(2, 1, 3) : new TensorShape(2, 3), result.Shape, type);
                Assert.IsTrue(Numbers(result).All(v => v.Equals(neutral)), type);
            }
    }

    [TestMethod]
    public void ReduceMax_OfBools_IsOr()
    {
        TensorData x = new(ElementType.Bool, new TensorShape(2, 2), new byte[] { 0, 1, 0, 0 });
        TensorData any = new OperatorCheck("ReduceMax", 20, x, Vector(1)) { Attributes = [("keepdims", 0)] }.RunTorch()[0];
        CollectionAssert.AreEqual(new byte[] { 1, 0 }, any.Bytes.ToArray());
    }

    [TestMethod]
    public void Reduction_SenselessAxes_AreRefused()
    {
        new OperatorCheck("ReduceSum", 13, Floats([2, 3], 1), Vector(2)).IsRefused("axis 2 is outside a tensor of 2 axes");
        new OperatorCheck("ReduceSum", 13, Floats([2, 3], 1), Vector(1, -1)).IsRefused("names axis 1 twice");
        new OperatorCheck("ReduceSum", 13, Floats([2, 3], 1), Floats([1], 1))
            .IsRefused("input 1 is Float32 of rank 1, expected a list of integers");
        new OperatorCheck("ReduceMax", 13, Floats([2, 3], 1)) { Attributes = [("axes", 1L)] }.IsRefused(
            "attribute 'axes' is Int, expected Ints");
        new OperatorCheck("ReduceMax", 13, Floats([2, 3], 1)) { Attributes = [("keepdims", 2L)] }.IsRefused(
            "attribute 'keepdims' is 2, expected 0 or 1");
        new OperatorCheck("ArgMax", 13, Floats([2, 0], 1)) { Attributes = [("axis", 1)] }.IsRefused("cannot run on Float32[2, 0]");
    }
}
