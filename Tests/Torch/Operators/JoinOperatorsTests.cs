using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class JoinOperatorsTests
{
    private static readonly Gen<OperatorCheck> Concats =
        from shape in Gen.Long[1, 3].Array[1, 4]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from sizes in Gen.Long[0, 3].Array[1, 4]
        let along = axis < 0 ? axis + shape.Length : axis
        select new OperatorCheck(
            "Concat", 13, [.. sizes.Select((size, i) => Floats([.. shape[..along], size, .. shape[(along + 1)..]], i))])
        {
            Attributes = [("axis", axis)],
        };

    private static readonly Gen<OperatorCheck> Splits =
        from shape in Gen.Long[1, 3].Array[1, 3]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from sizes in Gen.Long[0, 3].Array[1, 4]
        from opset in Choice.Of(7, 11, 13, 18)
        let along = axis < 0 ? axis + shape.Length : axis
        let data = Floats([.. shape[..along], sizes.Sum(), .. shape[(along + 1)..]], 1)
        select new OperatorCheck("Split", opset, opset < 13 ? [data] : [data, Vector(sizes)])
        {
            Outputs = sizes.Length,
            Attributes = [("axis", axis), .. opset < 13 ? new (string, object)[] { ("split", sizes) } : []],
        };

    private static readonly Gen<OperatorCheck> EqualSplits =
        from part in Gen.Long[1, 4]
        from count in Gen.Int[1, 4]
        from missing in Gen.Long[0, part - 1]
        from opset in Choice.Of(7, 11, 13, 18)
        select new OperatorCheck("Split", opset, Floats([part * count - (opset < 18 ? 0 : missing), 2], 1))
        {
            Outputs = count,
            Attributes = opset < 18 ? [] : [("num_outputs", count)],
        };

    [TestMethod]
    public void Concat_AnyAxisAndSizes_AgreesWithOrt() => AllAgreeWithOrt(Concats, 200);

    [TestMethod]
    public void Split_GivenSizes_AgreesWithOrt() => AllAgreeWithOrt(Splits, 200);

    [TestMethod]
    public void Split_EqualParts_AgreesWithOrt() => AllAgreeWithOrt(EqualSplits, 100);

    [TestMethod]
    public void Split_SenselessSizes_IsRefused()
    {
        new OperatorCheck("Split", 13, Floats([4], 1), Vector(1, 2)) { Outputs = 2 }.IsRefused(
            "splits size 4 into [1, 2], expected 2 parts that add up to it");
        new OperatorCheck("Split", 13, Floats([4], 1), Vector(5, -1)) { Outputs = 2 }.IsRefused("splits size 4 into [5, -1]");
        new OperatorCheck("Split", 13, Floats([4], 1), Vector(4)) { Outputs = 2 }.IsRefused("splits size 4 into [4]");
        new OperatorCheck("Split", 13, Floats([5], 1)) { Outputs = 2 }.IsRefused("splits size 5 into 2 equal parts, which does not go");
        new OperatorCheck("Split", 18, Floats([5], 1)) { Outputs = 2, Attributes = [("num_outputs", 3)] }.IsRefused(
            "attribute 'num_outputs' is 3, but the node has 2 outputs");
    }

    [TestMethod]
    public void Concat_DifferentRanks_IsRefused() =>
        new OperatorCheck("Concat", 13, Floats([2, 2], 1), Floats([2], 1)) { Attributes = [("axis", 0)] }.IsRefused(
            "joins tensors of rank 2 and 1");
}
