using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class IndexingOperatorsTests
{
    private static readonly Gen<long> Bounds =
        Gen.OneOf(Gen.Long[-8, 8], Choice.Of(long.MinValue, long.MaxValue, int.MinValue, int.MaxValue));

    private static readonly Gen<OperatorCheck> Slices =
        from shape in Gen.Long[0, 5].Array[1, 3]
        from count in Gen.Int[1, shape.Length]
        from axes in Gen.Shuffle(Enumerable.Range(0, shape.Length).Select(i => (long)i).ToArray(), count)
        from starts in Bounds.Array[count]
        from ends in Bounds.Array[count]
        from steps in Choice.Of(1L, 2, 3, -1, -2, 100, -100, long.MaxValue, -long.MaxValue).Array[count]
        from negative in Gen.Bool
        from opset in Choice.Of(9, 10, 13)
        from form in Choice.Of("axes and steps", "axes", "neither")
        let named = axes.Select(a => negative ? a - shape.Length : a).ToArray()
        select opset == 9
            ? new OperatorCheck("Slice", opset, Floats(shape, 1)) { Attributes = [("starts", starts), ("ends", ends), ("axes", axes)] }
            : new OperatorCheck("Slice", opset, Floats(shape, 1), Vector(starts), Vector(ends),
                form == "neither" ? null : Vector(named), form == "axes and steps" ? Vector(steps) : null);

    private static readonly Gen<OperatorCheck> Gathers =
        from shape in Gen.Long[1, 4].Array[1, 3]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from indexed in Gen.Long[0, 3].Array[0, 2]
        from seed in Gen.Int[0, 100]
        let size = shape[axis < 0 ? axis + shape.Length : axis]
        select new OperatorCheck("Gather", 13, Floats(shape, 1), Longs(indexed, seed, -size, size)) { Attributes = [("axis", axis)] };

    private static readonly Gen<OperatorCheck> GathersOfElements =
        from shape in Gen.Long[1, 4].Array[1, 3]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from size in Gen.Long[1, 5]
        from seed in Gen.Int[0, 100]
        let along = axis < 0 ? axis + shape.Length : axis
        select new OperatorCheck("GatherElements", 13, Floats(shape, 1),
            Longs([.. shape[..along], size, .. shape[(along + 1)..]], seed, -shape[along], shape[along]))
        { Attributes = [("axis", axis)] };

    private static readonly Gen<OperatorCheck> GathersOfTuples =
        from shape in Gen.Long[2, 4].Array[1, 4]
        from batches in Gen.Int[0, Math.Min(2, shape.Length - 1)]
        from length in Gen.Int[1, shape.Length - batches]
        from between in Gen.Long[1, 3].Array[batches == 0 ? 0 : 0, 2]
        from seed in Gen.Int[0, 100]
        select new OperatorCheck("GatherND", 13, Floats(shape, 1),
            Longs([.. shape[..batches], .. between, length], seed, -2, 2))
        { Attributes = [("batch_dims", batches)] };

    private static readonly Gen<OperatorCheck> Compresses =
        from shape in Gen.Long[1, 4].Array[1, 3]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from flat in Gen.Bool
        from shorter in Gen.Long[0, 2]
        let size = flat ? new TensorShape(shape).Count : shape[axis < 0 ? axis + shape.Length : axis]
        select new OperatorCheck("Compress", 11, Floats(shape, 1), Bools([Math.Max(1, size - shorter)], 3))
        {
            Attributes = flat ? [] : [("axis", axis)],
        };

    private static readonly Gen<OperatorCheck> Reversals =
        from shape in Gen.Long[1, 4].Array[2, 4]
        from time in Gen.Int[0, 1]
        from seed in Gen.Int[0, 100]
        select new OperatorCheck("ReverseSequence", 10, Floats(shape, 1), Longs([shape[1 - time]], seed, 1, shape[time] + 1))
        {
            Attributes = [("time_axis", time), ("batch_axis", 1 - time)],
        };

    private static readonly Gen<OperatorCheck> Wheres =
        from shape in Gen.Long[1, 3].Array[3]
        from masks in Gen.Bool.Array[3].Array[3]
        let shapes = masks.Select(mask => shape.Select((size, i) => mask[i] ? size : 1).ToArray()).ToArray()
        select new OperatorCheck("Where", 16, Bools(shapes[0], 1), Floats(shapes[1], 2), Floats(shapes[2], 3));

    [TestMethod]
    public void Slice_AnyBoundsAndSteps_AgreesWithOrt() => AllAgreeWithOrt(Slices, 1000);

    [TestMethod]
    public void Gather_AnyAxisAndIndices_AgreesWithOrt() => AllAgreeWithOrt(Gathers, 200);

    [TestMethod]
    public void GatherElements_AnyAxisAndIndices_AgreesWithOrt() => AllAgreeWithOrt(GathersOfElements, 200);

    [TestMethod]
    public void GatherND_AnyTuplesAndBatches_AgreesWithOrt() => AllAgreeWithOrt(GathersOfTuples, 200);

    [TestMethod]
    public void Compress_AnyAxisOrNone_AgreesWithOrt() => AllAgreeWithOrt(Compresses, 100);

    [TestMethod]
    public void ReverseSequence_BothAxes_AgreesWithOrt() => AllAgreeWithOrt(Reversals, 100);

    [TestMethod]
    public void Where_AllThreeStretch_AgreesWithOrt() => AllAgreeWithOrt(Wheres, 100);

    [TestMethod]
    public void Gather_OfInt32IndicesAndBools_AgreesWithOrt() =>
        new OperatorCheck("Gather", 13, Bools([4, 2], 1), Ints([3], 2, -4, 4)).AgreesWithOrt();

    [TestMethod]
    public void SenselessIndices_AreRefused()
    {
        new OperatorCheck("Gather", 13, Floats([3], 1), Vector(3)).IsRefused("has index 3, expected -3 to 2");
        new OperatorCheck("Gather", 13, Floats([3], 1), Vector(0, long.MinValue))
            .IsRefused("has index -9223372036854775808, expected -3 to 2");
        new OperatorCheck("Gather", 13, Floats([0, 2], 1), Vector(0)).IsRefused("has index 0, expected 0 to -1");
        new OperatorCheck("GatherElements", 13, Floats([2, 2], 1), Longs([2, 2], 1, 5, 6)).IsRefused("has index 5, expected -2 to 1");
        new OperatorCheck("GatherElements", 13, Floats([2, 2], 1), Vector(0)).IsRefused("cannot run on");
        new OperatorCheck("GatherND", 13, Floats([2, 2], 1), Longs([1, 3], 1, 0, 1))
            .IsRefused("has indices of shape [1, 3] into [2, 2] with 0 batch axes");
        new OperatorCheck("GatherND", 13, Floats([2, 2], 1), Longs([1, 2], 1, 2, 3)).IsRefused("has index 2, expected -2 to 1");
        new OperatorCheck("Slice", 13, Floats([3], 1), Vector(0), Vector(3), null, Vector(0)).IsRefused("has step 0");
        new OperatorCheck("Slice", 13, Floats([3], 1), Vector(0), Vector(3, 4))
            .IsRefused("has 1 starts, 2 ends, 1 steps, expected one for each of 1 axes");
        new OperatorCheck("Slice", 13, Floats([3], 1), Vector(0), Vector(3), Vector(1)).IsRefused("axis 1 is outside a tensor of 1 axes");
        new OperatorCheck(
            "Slice", 9, Floats([3], 1))
        { Attributes = [("starts", new long[] { 0, 0 }), ("ends", new long[] { 1, 1 })] }.IsRefused(
                "expected one for each");
        new OperatorCheck("ReverseSequence", 10, Floats([3, 2], 1), Vector(4, 1)).IsRefused("has sequence lengths outside 0 to 3");
        new OperatorCheck("Compress", 11, Floats([2], 1), Bools([9], 1)).IsRefused("expected -2 to 1");
        new OperatorCheck("Where", 16, Bools([2], 1), Floats([3], 1), Floats([1], 1)).IsRefused("cannot run on");
    }
}
