using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class ShapeOperatorsTests
{
    private static readonly Gen<long[]> Shapes = Gen.Long[1, 4].Array[0, 4];

    // Types that both runtimes cast between; numbers that all of them hold.
    private static readonly ElementType[] CastTypes =
    [
        ElementType.Float, ElementType.Double, ElementType.Float16, ElementType.BFloat16, ElementType.UInt8, ElementType.Int8,
        ElementType.Int16, ElementType.UInt16, ElementType.Int32, ElementType.UInt32, ElementType.Int64, ElementType.Bool,
    ];

    // The elements in another order of sizes; one size is left to be found, one is copied.
    private static readonly Gen<OperatorCheck> Reshapes =
        from sizes in Gen.Long[1, 3].Array[1, 4]
        from order in Gen.Shuffle(sizes)
        from minusOne in Gen.Int[-1, sizes.Length - 1]
        from copies in Gen.Bool
        let shape = order.Select((size, i) => i == minusOne ? -1 : copies && size == sizes[i] ? 0 : size).ToArray()
        select new OperatorCheck("Reshape", 13, Floats(sizes, 1), Vector(shape));

    private static readonly Gen<OperatorCheck> Flattens =
        from shape in Shapes
        from axis in Gen.Long[-shape.Length, shape.Length]
        select new OperatorCheck("Flatten", 13, Floats(shape, 1)) { Attributes = [("axis", axis)] };

    private static readonly Gen<OperatorCheck> Squeezes =
        from shape in Gen.Long[1, 2].Array[1, 5]
        from from13 in Gen.Bool
        from mask in Gen.Bool.Array[shape.Length]
        from negative in Gen.Bool
        from all in Gen.Bool
        let axes = Enumerable.Range(0, shape.Length).Where(i => shape[i] == 1 && mask[i])
            .Select(i => (long)(negative ? i - shape.Length : i)).ToArray()
        select WithAxes("Squeeze", from13, Floats(shape, 1), all ? null : axes);

    private static readonly Gen<OperatorCheck> Unsqueezes =
        from shape in Gen.Long[1, 3].Array[0, 3]
        from from13 in Gen.Bool
        from count in Gen.Int[1, 3]
        from axes in Gen.Shuffle(Enumerable.Range(0, shape.Length + count).Select(i => (long)i).ToArray(), count)
        from negative in Gen.Bool
        select WithAxes("Unsqueeze", from13, Floats(shape, 1), [.. axes.Select(a => negative && a > 0 ? a - shape.Length - count : a)]);

    private static readonly Gen<OperatorCheck> Transposes =
        from shape in Shapes
        from order in Gen.Shuffle(Enumerable.Range(0, shape.Length).Select(i => (long)i).ToArray())
        from reverse in Gen.Bool
        select new OperatorCheck("Transpose", 13, Floats(shape, 1)) { Attributes = reverse ? [] : [("perm", order)] };

    private static readonly Gen<OperatorCheck> ShapesOf =
        from shape in Shapes
        from start in Gen.Long[-6, 6]
        from end in Gen.Long[-6, 6]
        from whole in Gen.Bool
        select new OperatorCheck("Shape", 15, Floats(shape, 1)) { Attributes = whole ? [] : [("start", start), ("end", end)] };

    private static readonly Gen<OperatorCheck> Expands =
        from result in Gen.Long[0, 4].Array[1, 4]
        from keeps in Gen.Bool.Array[result.Length]
        from asks in Gen.Bool.Array[result.Length]
        from hidden in Gen.Int[0, result.Length]
        let have = result.Select((size, i) => keeps[i] ? size : 1).Skip(hidden).ToArray()
        let wanted = result.Select((size, i) => asks[i] || !keeps[i] || i < hidden ? size : 1).ToArray()
        select new OperatorCheck("Expand", 13, Floats(have, 1), Vector(wanted));

    private static readonly Gen<OperatorCheck> Tiles =
        from shape in Gen.Long[0, 3].Array[1, 4]
        from repeats in Gen.Long[0, 3].Array[shape.Length]
        select new OperatorCheck("Tile", 13, Ints(shape, 1, -9, 9), Vector(repeats));

    [TestMethod]
    public void Reshape_AnyShape_AgreesWithOrt() => AllAgreeWithOrt(Reshapes, 200);

    [TestMethod]
    public void Reshape_AllowZero_MakesAnEmptyTensor() =>
        new OperatorCheck("Reshape", 14, Floats([0, 3], 1), Vector(3, 0)) { Attributes = [("allowzero", 1)] }.AgreesWithOrt();

    [TestMethod]
    public void Flatten_AnyAxis_AgreesWithOrt() => AllAgreeWithOrt(Flattens, 100);

    [TestMethod]
    public void Squeeze_AnyAxes_AgreesWithOrt() => AllAgreeWithOrt(Squeezes, 100);

    [TestMethod]
    public void Unsqueeze_AnyAxes_AgreesWithOrt() => AllAgreeWithOrt(Unsqueezes, 100);

    [TestMethod]
    public void Transpose_AnyOrder_AgreesWithOrt() => AllAgreeWithOrt(Transposes, 100);

    [TestMethod]
    public void Shape_AnyPart_AgreesWithOrt() => AllAgreeWithOrt(ShapesOf, 100);

    [TestMethod]
    public void Expand_BothSidesStretch_AgreesWithOrt() => AllAgreeWithOrt(Expands, 200);

    [TestMethod]
    public void Tile_AnyRepeats_AgreesWithOrt() => AllAgreeWithOrt(Tiles, 100);

    [TestMethod]
    public void Size_OfScalarEmptyAndMore_AgreesWithOrt()
    {
        foreach (long[] shape in new long[][] { [], [0, 3], [2, 3, 4] })
            new OperatorCheck("Size", 13, Floats(shape, 1)).AgreesWithOrt();
    }

    [TestMethod]
    public void Identity_OfAGraphInput_AgreesWithOrt() => new OperatorCheck("Identity", 16, Bools([3], 1)).AgreesWithOrt();

    [TestMethod]
    public void Cast_BetweenAllTypes_AgreesWithOrt()
    {
        // Truncation toward zero, and what becomes of a number that is neither 0 nor 1 as a bool.
        TensorData numbers = TensorData.FromArray([0f, 1, 2.5f, 3.99f, 100.4f, 0.3f, 127], new TensorShape(7));
        TensorData signed = TensorData.FromArray([-0f, -1, -2.5f, -3.99f, -100.4f, -0.3f], new TensorShape(6));
        foreach (ElementType from in CastTypes)
        {
            foreach (ElementType to in CastTypes)
            {
                Cast(numbers, from, to).AgreesWithOrt();
                if (from is ElementType.Float or ElementType.Double or ElementType.Int16
                    && to is ElementType.Float or ElementType.Int32 or ElementType.Int8)
                    Cast(signed, from, to).AgreesWithOrt();
            }
        }
    }

    [TestMethod]
    public void Cast_BeyondTheNarrowerInteger_WrapsLikeOrt()
    {
        foreach (ElementType to in new[] { ElementType.UInt8, ElementType.Int8, ElementType.Int16, ElementType.UInt16, ElementType.Int32,
            ElementType.UInt32 })
            new OperatorCheck(
                "Cast", 13, Vector(-1, 300, 70000, -70000, 5_000_000_000, long.MinValue))
            {
                Attributes =
                    [("to", (long)to)]
            }.AgreesWithOrt();
    }

    [TestMethod]
    public void CastLike_TypeOfTheSecond_AgreesWithOrt() =>
        new OperatorCheck("CastLike", 15, Floats([5], 1), Longs([1], 1, 0, 9)).AgreesWithOrt();

    [TestMethod]
    public void Reshape_SenselessShape_IsRefused()
    {
        new OperatorCheck("Reshape", 13, Floats([2, 3], 1), Vector(2, 3, 0)).IsRefused("takes size 2 of [2, 3], which has no such axis");
        new OperatorCheck("Reshape", 13, Floats([2, 3], 1), Vector(-1, -1)).IsRefused("cannot run on");
        new OperatorCheck("Reshape", 13, Floats([2, 3], 1), Vector(4)).IsRefused("cannot run on");
        new OperatorCheck("Reshape", 13, Floats([2, 3], 1), Floats([2], 1))
            .IsRefused("input 1 is Float32 of rank 1, expected a list of integers");
    }

    [TestMethod]
    public void SenselessOperands_AreRefused()
    {
        new OperatorCheck("Flatten", 13, Floats([2, 3], 1)) { Attributes = [("axis", 3)] }.IsRefused(
            "axis 3 is outside a tensor of 2 axes");
        new OperatorCheck("Squeeze", 13, Floats([2, 3], 1), Vector(1))
            .IsRefused("is to remove axis 1 of [2, 3], expected its size to be 1");
        new OperatorCheck("Unsqueeze", 13, Floats([2, 3], 1), Vector(0, 0)).IsRefused("names axis 0 twice");
        new OperatorCheck("Transpose", 13, Floats([2, 3], 1)) { Attributes = [("perm", new long[] { 0, 0 })] }.IsRefused("cannot run on");
        new OperatorCheck("Expand", 13, Floats([2, 3], 1), Vector(2, 4)).IsRefused("sizes 3 and 4 do not broadcast");
        new OperatorCheck("Expand", 13, Floats([1], 1), Vector(1L << 40, 1L << 40)).IsRefused("would make a tensor of shape");
        new OperatorCheck("Tile", 13, Floats([2, 3], 1), Vector(1)).IsRefused("has 1 repeats for [2, 3], expected one for each axis");
        new OperatorCheck("Tile", 13, Floats([2, 3], 1), Vector(1L << 40, 1L << 40)).IsRefused("would make a tensor of shape");
        new OperatorCheck("Tile", 13, Floats([2, 3], 1), Vector(-1, 1)).IsRefused("a size is negative");
        new OperatorCheck("Cast", 13, Floats([2], 1)) { Attributes = [("to", 8)] }.IsRefused(
            "attribute 'to' has elements of type string, which TorchSharp does not have");
    }

    private static OperatorCheck Cast(TensorData floats, ElementType from, ElementType to)
    {
        var toFrom = new OperatorCheck("Cast", 13, floats) { Attributes = [("to", (long)from)] };
        return new OperatorCheck("Cast", 13, toFrom.RunOrt()[0]) { Attributes = [("to", (long)to)] };
    }

    private static OperatorCheck WithAxes(string type, bool from13, TensorData data, long[]? axes) => from13
        ? new OperatorCheck(type, 13, axes is null ? [data] : [data, Vector(axes)])
        : new OperatorCheck(type, 11, data) { Attributes = axes is null ? [] : [("axes", axes)] };
}
