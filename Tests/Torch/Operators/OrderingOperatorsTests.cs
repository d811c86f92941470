using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class OrderingOperatorsTests
{
    private static readonly Gen<OperatorCheck> Sums =
        from shape in Gen.Long[1, 4].Array[1, 3]
        from axis in Gen.Long[-shape.Length, shape.Length - 1]
        from exclusive in Gen.Int[0, 1]
        from reverse in Gen.Int[0, 1]
        from type in Gen.Int[0, 2]
        select new OperatorCheck("CumSum", 14,
            type == 0 ? Floats(shape, 1) : type == 1 ? Longs(shape, 1, -9, 9) : Ints(shape, 1, -9, 9),
                TensorData.FromArray([axis], TensorShape.Scalar))
        {
            Attributes = [("exclusive", exclusive), ("reverse", reverse)],
        };

    // Few distinct numbers, so that many are equal: the order among those is defined.
    private static readonly Gen<OperatorCheck> Tops =
        from shape in Gen.Long[1, 6].Array[1, 3]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from k in Gen.Long[0, shape[axis < 0 ? axis + shape.Length : axis]]
        from largest in Gen.Int[0, 1]
        from opset in Choice.Of(9, 10, 11)
        from seed in Gen.Int[0, 100]
        where opset == 11 || largest == 1
        where opset > 9 || k > 0
        let data = seed % 2 == 0 || opset < 11 ? Floats(shape, seed) : Longs(shape, seed, 0, 4)
        select new OperatorCheck("TopK", opset, opset == 9 ? [data] : [data, Vector(k)])
        {
            Outputs = 2,
            Attributes =
            [
                ("axis", axis),
                .. opset == 9 ? new (string, object)[] { ("k", k) } : [],
                .. opset == 11 ? new (string, object)[] { ("largest", largest) } : [],
            ],
        };

    private static readonly Gen<OperatorCheck> Uniques =
        from shape in Gen.Long[1, 5].Array[1, 3]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from flat in Gen.Bool
        from sorted in Gen.Int[0, 1]
        from seed in Gen.Int[0, 100]
        select new OperatorCheck("Unique", 11, Longs(shape, seed, 0, 3))
        {
            Outputs = 4,
            Attributes = [("sorted", sorted), .. flat ? new (string, object)[] { } : [("axis", axis)]],
        };

    private static readonly Gen<OperatorCheck> NonZeros =
        from shape in Gen.Long[0, 4].Array[1, 3]
        from seed in Gen.Int[0, 100]
        select new OperatorCheck("NonZero", 13, Bools(shape, seed));

    [TestMethod]
    public void CumSum_EveryDirection_AgreesWithOrt() => AllAgreeWithOrt(Sums, 200);

    [TestMethod]
    public void CumSum_ExclusiveWithInfinities_StaysBeforeThem()
    {
        TensorData data = TensorData.FromArray([1, float.PositiveInfinity, 2], new TensorShape(3));
        var check = new OperatorCheck(
            "CumSum", 14, data, TensorData.FromArray([0L], TensorShape.Scalar))
        { Attributes = [("exclusive", 1)] };
        CollectionAssert.AreEqual(new[] { 0, 1, double.PositiveInfinity }, Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    public void TopK_EveryVersionWithEqualElements_AgreesWithOrt() => AllAgreeWithOrt(Tops, 300);

    [TestMethod]
    public void Unique_SortedOrNotAlongAnAxisOrFlat_AgreesWithOrt() => AllAgreeWithOrt(Uniques, 200);

    [TestMethod]
    public void NonZero_AnyShape_AgreesWithOrt() => AllAgreeWithOrt(NonZeros);

    [TestMethod]
    public void SenselessOperands_AreRefused()
    {
        new OperatorCheck("TopK", 11, Floats([3], 1), Vector(4)) { Outputs = 2 }.IsRefused("asks for 4 elements of axis 0, which has 3");
        new OperatorCheck("TopK", 11, Floats([3], 1), Vector(-1)) { Outputs = 2 }.IsRefused("asks for -1 elements");
        new OperatorCheck("TopK", 11, Floats([3], 1), Vector(1, 2)) { Outputs = 2 }.IsRefused(
            "input 1 has 2 elements, expected one number");
        new OperatorCheck("CumSum", 14, Floats([3], 1), Vector(1)).IsRefused("axis 1 is outside a tensor of 1 axes");
        new OperatorCheck("Unique", 11, Floats([3], 1)) { Attributes = [("axis", 1)] }.IsRefused("axis 1 is outside a tensor of 1 axes");
    }
}
