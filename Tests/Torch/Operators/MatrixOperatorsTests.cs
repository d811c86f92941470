using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class MatrixOperatorsTests
{
    private static readonly Gen<OperatorCheck> Gemms =
        from sizes in Gen.Long[1, 5].Array[3]
        from transA in Gen.Int[0, 1]
        from transB in Gen.Int[0, 1]
        from alpha in Choice.Of(1f, 0.5f)
        from beta in Choice.Of(1f, -2f)
        from shape in Choice.Of<long[]?>(null, [], [1], [sizes[2]], [sizes[0], 1], [1, sizes[2]], [sizes[0], sizes[2]])
        from seed in Gen.Int[0, 1000]
        let a = transA == 0 ? new[] { sizes[0], sizes[1] } : [sizes[1], sizes[0]]
        let b = transB == 0 ? new[] { sizes[1], sizes[2] } : [sizes[2], sizes[1]]
        select new OperatorCheck("Gemm", 13, Floats(a, seed), Floats(b, seed + 1), shape is null ? null : Floats(shape, seed + 2))
        {
            Attributes = [("alpha", alpha), ("beta", beta), ("transA", transA), ("transB", transB)],
        };

    private static readonly Gen<OperatorCheck> Products =
        from inner in Gen.Long[1, 4]
        from rows in Gen.Long[1, 3].Array[0, 1]
        from columns in Gen.Long[1, 3].Array[0, 1]
        from batch in Gen.Long[1, 3].Array[0, 2]
        from single in Gen.Bool.Array[4]
        from seed in Gen.Int[0, 1000]
        let a = rows.Length == 0 ? [inner] : (long[])[.. batch.Select((size, i) => single[i] ? 1 : size), rows[0], inner]
        let b = columns.Length == 0 ? [inner] : (long[])[.. batch.Select((size, i) => single[i + 2] ? 1 : size), inner, columns[0]]
        from type in Choice.Of(ElementType.Float, ElementType.Int32)
        select type == ElementType.Float
            ? new OperatorCheck("MatMul", 13, Floats(a, seed), Floats(b, seed + 1))
            : new OperatorCheck("MatMul", 13, Ints(a, seed, -50, 50), Ints(b, seed + 1, -50, 50));

    // Sizes: a=2, b=3, c=4, d=5; an ellipsis covers [3, 2].
    private static readonly Gen<OperatorCheck> Sums =
        from equation in Choice.Of(
            "ab,bc->ac", "ab,bc", "abc->ca", "ab->", "aa->a", "ab , cb -> abc", "abc,bcd->ad",
                "...ab,...bc->...ac", "a,b,c->abc", "A,Ab->b")
        from seed in Gen.Int[0, 1000]
        let terms = equation.Replace(" ", "").Split("->")[0].Split(',')
        select new OperatorCheck(
            "Einsum", 12, [.. terms.Select((term, i) => Floats(ShapeOf(term), seed + i))])
        { Attributes = [("equation", equation)] };

    private static readonly Gen<OperatorCheck> Determinants =
        from size in Gen.Long[1, 4]
        from batch in Gen.Long[1, 3].Array[0, 2]
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("Det", 11, Floats([.. batch, size, size], seed));

    [TestMethod]
    public void Gemm_AnyOperands_AgreesWithOrt() => AllAgreeWithOrt(Gemms, 200);

    [TestMethod]
    public void MatMul_AnyShapes_AgreesWithOrt() => AllAgreeWithOrt(Products, 200);

    [TestMethod]
    public void Einsum_AnyEquation_AgreesWithOrt() => AllAgreeWithOrt(Sums);

    [TestMethod]
    public void Det_AnyBatch_AgreesWithOrt() => AllAgreeWithOrt(Determinants, 50);

    [TestMethod]
    public void Gemm_OfIntegers_IsExact()
    {
        var check = new OperatorCheck("Gemm", 13, Longs([2, 3], 1, -9, 9), Longs([3, 2], 2, -9, 9), Longs([2], 3, -9, 9));
        long[] a = check.Inputs[0]!.As<long>().ToArray(), b = check.Inputs[1]!.As<long>().ToArray(),
            c = check.Inputs[2]!.As<long>().ToArray();
        long[] expected =
            [.. Enumerable.Range(0, 4).Select(i => c[i % 2] + Enumerable.Range(0, 3).Sum(k => a[i / 2 * 3 + k] * b[k * 2 + i % 2]))];
        CollectionAssert.AreEqual(expected, check.RunTorch()[0].As<long>().ToArray());
    }

    [TestMethod]
    public void Gemm_OperandsThatDoNotFit_AreRefused()
    {
        new OperatorCheck("Gemm", 13, Floats([2, 3, 1], 1), Floats([3, 2], 2)).IsRefused("input 0 has 3 axes, expected 2");
        new OperatorCheck("Gemm", 13, Floats([2, 3], 1), Floats([4, 2], 2)).IsRefused("cannot run on Float32[2, 3], Float32[4, 2]");
        new OperatorCheck("Gemm", 13, Floats([2, 3], 1), Floats([3, 2], 2), Floats([3], 2))
            .IsRefused("C of [3] does not broadcast to [2, 2]");
        new OperatorCheck("Gemm", 13, Floats([1000000, 1], 1), Floats([1, 1000000], 2))
            .IsRefused("would make a tensor of shape [1000000, 1000000]");
        new OperatorCheck("MatMul", 13, Floats([1000000, 1], 1), Floats([1, 1000000], 2))
            .IsRefused("would make a tensor of shape [1000000, 1000000]");
        new OperatorCheck("MatMul", 13, Floats([], 1), Floats([1], 2)).IsRefused("input 0 has 0 axes, expected at least 1");
        new OperatorCheck("MatMul", 13, Floats([2, 2, 3], 1), Floats([3, 3, 2], 2)).IsRefused("sizes 2 and 3 do not broadcast");
    }

    [TestMethod]
    [DataRow("ab->->a", "expected labels for 1 operands")]
    [DataRow("ab,a->b", "expected labels for 1 operands")]
    [DataRow("a1->a", "expected labels for 1 operands")]
    [DataRow("a..b->a", "expected labels for 1 operands")]
    [DataRow("abc->a", "operand 0 has 2 axes, but its labels are 'abc'")]
    [DataRow("aa->a", "label 'a' stands for sizes 2 and 3")]
    [DataRow("ab->c", "cannot run on Float32[2, 3]")]
    public void Einsum_SenselessEquation_IsRefused(string equation, string message) =>
        new OperatorCheck("Einsum", 12, Floats([2, 3], 1)) { Attributes = [("equation", equation)] }.IsRefused(message);

    [TestMethod]
    public void Einsum_OuterProductBeyondMemory_IsRefused() =>
        new OperatorCheck("Einsum", 12, Floats([1000000], 1), Floats([1000000], 2)) { Attributes = [("equation", "i,j->ij")] }
            .IsRefused("would make a tensor of shape [1000000, 1000000]");

    private static long[] ShapeOf(string term) =>
        [.. term.Replace("...", ".").SelectMany(label => label == '.' ? new long[] { 3, 2 } : [char.ToLowerInvariant(label) - 'a' + 2])];
}
