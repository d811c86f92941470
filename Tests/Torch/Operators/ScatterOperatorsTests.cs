using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class ScatterOperatorsTests
{
    // Where updates meet each other their order is not defined, so without a reduction indices differ.
    private static readonly Gen<OperatorCheck> Elements =
        from shape in Gen.Long[1, 4].Array[1, 3]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from reduction in Choice.Of("none", "add", "mul", "max", "min")
        let along = axis < 0 ? axis + shape.Length : axis
        from size in Gen.Long[1, reduction == "none" ? shape[along] : 6]
        from order in Gen.Shuffle(Enumerable.Range(0, (int)shape[along]).Select(i => (long)i).ToArray())
        from seed in Gen.Int[0, 100]
        let indexed = (long[])[.. shape[..along], size, .. shape[(along + 1)..]]
        let inner = new TensorShape(indexed[(along + 1)..]).Count
        let distinct = Enumerable.Range(0, (int)new TensorShape(indexed).Count)
            .Select(i => order[i / inner % size % shape[along]] - (seed % 2) * shape[along]).ToArray()
        select new OperatorCheck("ScatterElements", 18, Floats(shape, 1),
            reduction == "none" ? TensorData.FromArray(distinct, new TensorShape(indexed))
                : Longs(indexed, seed, -shape[along], shape[along]),
            Floats(indexed, 2))
        {
            Attributes = [("axis", axis), ("reduction", reduction)],
        };

    private static readonly Gen<OperatorCheck> Tuples =
        from shape in Gen.Long[1, 4].Array[1, 3]
        from length in Gen.Int[1, shape.Length]
        from reduction in Choice.Of("none", "add", "mul", "max", "min")
        from count in Gen.Long[1, reduction == "none" ? 1 : 6]
        from seed in Gen.Int[0, 100]
        select new OperatorCheck(
            "ScatterND", 18, Floats(shape, 1), Longs([count, length], seed, -1, 1), Floats([count, .. shape[length..]], 2))
        {
            Attributes = [("reduction", reduction)],
        };

    [TestMethod]
    public void ScatterElements_EveryReduction_AgreesWithOrt() => AllAgreeWithOrt(Elements, 500);

    [TestMethod]
    public void ScatterND_EveryReduction_AgreesWithOrt() => AllAgreeWithOrt(Tuples, 300);

    [TestMethod]
    public void Scatter_OldName_AgreesWithOrt() =>
        new OperatorCheck("Scatter", 9, Floats([3, 2], 1), Longs([1, 2], 1, 0, 3), Floats([1, 2], 2)).AgreesWithOrt();

    [TestMethod]
    [DataRow("add")]
    [DataRow("mul")]
    [DataRow("max")]
    public void ScatterElements_OfIntegers_AgreesWithOrt(string reduction) =>
        new OperatorCheck(
            "ScatterElements", 18, Longs([5], 1, -9, 9), Longs([20], 2, 0, 5),
                Longs([20], 3, -3, 3))
        { Attributes = [("reduction", reduction)] }.AgreesWithOrt();

    [TestMethod]
    public void SenselessOperands_AreRefused()
    {
        new OperatorCheck("ScatterElements", 18, Floats([3], 1), Vector(3), Floats([1], 1)).IsRefused("has index 3, expected -3 to 2");
        new OperatorCheck("ScatterElements", 18, Floats([3], 1), Vector(0), Floats([2], 1))
            .IsRefused("has indices [1] and updates [2] for data [3]");
        new OperatorCheck(
            "ScatterElements", 18, Floats([3], 1), Vector(0), Floats([1], 1))
        { Attributes = [("reduction", "sum")] }.IsRefused(
                "attribute 'reduction' is 'sum'");
        new OperatorCheck("ScatterND", 18, Floats([3, 2], 1), Longs([1, 1], 1, 3, 4), Floats([1, 2], 1))
            .IsRefused("has index 3, expected -3 to 2");
        new OperatorCheck("ScatterND", 18, Floats([3, 2], 1), Longs([1, 1], 1, 0, 1), Floats([1, 3], 1))
            .IsRefused("has updates of shape [1, 3], expected [1, 2]");
    }
}
