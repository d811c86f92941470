using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Operators that rearrange, take apart and put together.</summary>
internal static partial class GradientCases
{
    public static string[] ShapesWithoutGradient => ["Constant", "ConstantOfShape", "EyeLike", "NonZero", "Range", "Shape", "Size"];

    public static GradientCase[] Rearranging =>
    [
        Unary("Cast", 13, -2, 2, ("to", (long)ElementType.Double)),
        new("CastLike", from shape in Shapes from seed in Seeds select new OperatorCheck(
            "CastLike", 15, Values(shape, seed), Values([1], 0)), 0),
        Unary("Flatten", 13, -2, 2),
        Unary("Identity", 16, -2, 2),
        Unary("Transpose", 13, -2, 2),
        new("Reshape", from shape in Shapes from seed in Seeds select new OperatorCheck("Reshape", 13, Values(shape, seed), Vector(-1, 1))),
        new("Squeeze", from shape in Shapes from seed in Seeds select new OperatorCheck(
            "Squeeze", 13, Values([1, .. shape], seed), Vector(0))),
        new("Unsqueeze", from shape in Shapes from seed in Seeds select new OperatorCheck(
            "Unsqueeze", 13, Values(shape, seed), Vector(0, -1))),
        new("Expand", from seed in Seeds select new OperatorCheck("Expand", 13, Values([2, 1], seed), Vector(2, 1, 3))),
        new("Tile", from seed in Seeds select new OperatorCheck("Tile", 13, Values([2, 3], seed), Vector(2, 3))),
        new("Concat",
            from axis in Gen.Int[-2, 1]
            from seed in Seeds
            select new OperatorCheck("Concat", 13, Values([2, 3], seed), Values([2, 3], seed + 1)) { Attributes = [("axis", axis)] }),
        new("Split",
            from seed in Seeds
            select new OperatorCheck("Split", 13, Values([5, 2], seed), Vector(2, 3)) { Outputs = 2 }),
        new("Pad",
            from mode in Choice.Of("constant", "reflect", "edge", "wrap")
            from pads in Gen.Long[-1, 4].Array[4]
            from seed in Seeds
            select new OperatorCheck("Pad", 19, Values([3, 4], seed), Vector(pads)) { Attributes = [("mode", mode)] }),
        new("CenterCropPad",
            from wanted in Gen.Long[1, 6].Array[2] from seed in Seeds select new OperatorCheck(
                "CenterCropPad", 18, Values([3, 4], seed), Vector(wanted))),
        new("DepthToSpace",
            from mode in Choice.Of("DCR", "CRD")
            from seed in Seeds
            select new OperatorCheck("DepthToSpace", 13, Values([1, 8, 2, 1], seed)) { Attributes = [("blocksize", 2), ("mode", mode)] }),
        new("SpaceToDepth",
            from seed in Seeds select new OperatorCheck(
                "SpaceToDepth", 13, Values([1, 2, 4, 2], seed)) { Attributes = [("blocksize", 2)] }),
        new("Col2Im",
            from seed in Seeds
            select new OperatorCheck("Col2Im", 18, Values([1, 8, 4], seed), Vector(3, 3), Vector(2, 2))),
    ];

    public static GradientCase[] Indexing =>
    [
        new("Slice",
            from start in Gen.Long[-5, 5].Array[2]
            from step in Choice.Of(1L, 2, -1, -2).Array[2]
            from seed in Seeds
            let end = step.Select(s => s > 0 ? 100L : -100).ToArray()
            select new OperatorCheck("Slice", 13, Values([4, 5], seed), Vector(start), Vector(end), Vector(0, 1), Vector(step))),
        new("DynamicSlice",
            from seed in Seeds select new OperatorCheck("DynamicSlice", 7, Values([4, 5], seed), Vector(1), Vector(3), Vector(0))),
        new("Gather",
            from axis in Gen.Int[0, 1]
            from seed in Seeds
            select new OperatorCheck("Gather", 13, Values([3, 4], seed), Longs([2, 2], seed, -3, 3)) { Attributes = [("axis", axis)] }),
        new("GatherElements",
            from seed in Seeds select new OperatorCheck("GatherElements", 13, Values([3, 4], seed), Longs([5, 4], seed, -3, 3))),
        new("GatherND",
            from batches in Gen.Int[0, 1]
            from seed in Seeds
            select new OperatorCheck(
                "GatherND", 13, Values([3, 3, 2], seed),
                    Longs([3, 2, 1], seed, -3 + batches, 3)) { Attributes = [("batch_dims", batches)] }),
        new("Compress", from seed in Seeds select new OperatorCheck(
            "Compress", 11, Values([4, 2], seed), Bools([4], seed)) { Attributes = [("axis", 0)] })
        {
            // A condition that chooses nothing leaves nothing to differentiate.
            Count = 3,
        },
        new("ReverseSequence",
            from seed in Seeds select new OperatorCheck("ReverseSequence", 10, Values([4, 3], seed), Longs([3], seed, 1, 5))),
        new("Where", from seed in Seeds select new OperatorCheck(
            "Where", 16, Bools([3, 4], seed), Values([3, 1], seed), Values([4], seed + 1))),
        Scatter("Scatter", 9, "none"),
        .. new[] { "none", "add", "mul", "max", "min" }.SelectMany(reduction => new[]
        {
            Scatter("ScatterElements", 18, reduction),
            new GradientCase("ScatterND",
                from seed in Seeds
                let indices = reduction == "none" ? TensorData.FromArray([2, 0], new TensorShape(2, 1)) : Longs([5, 1], seed, 0, 3)
                select new OperatorCheck("ScatterND", 18, Values([3, 2], seed), indices, Values([indices.Shape[0], 2], seed + 1))
                {
                    Attributes = [("reduction", reduction)],
                }),
        }),
        new("Trilu", from k in Gen.Long[-2, 2] from seed in Seeds select new OperatorCheck("Trilu", 14, Values([3, 4], seed), Vector(k))),
        new("OneHot", from seed in Seeds select new OperatorCheck("OneHot", 11, Longs([3], seed, 0, 4), Vector(4), Values([2], seed))),
        new("CumSum",
            from exclusive in Gen.Int[0, 1]
            from reverse in Gen.Int[0, 1]
            from seed in Seeds
            select new OperatorCheck(
                "CumSum", 14, Values([3, 4], seed), Vector(1)) { Attributes = [("exclusive", exclusive), ("reverse", reverse)] }),
        new("TopK",
            from largest in Gen.Int[0, 1]
            from seed in Seeds
            select new OperatorCheck("TopK", 11, Values([3, 5], seed), Vector(2)) { Outputs = 2, Attributes = [("largest", largest)] }),
        new("Unique", from seed in Seeds select new OperatorCheck("Unique", 11, Values([4], seed)) { Outputs = 4 }),
    ];

    private static GradientCase Scatter(string type, int opset, string reduction) => new(type,
        from seed in Seeds
        let indices = reduction == "none" ? TensorData.FromArray([2, 0], new TensorShape(2, 1)) : Longs([5, 1], seed, -3, 3)
        select new OperatorCheck(type, opset, Values([3, 2], seed), indices, Values([.. indices.Shape.Dims], seed + 1))
        {
            Attributes = opset < 11 ? [] : [("reduction", reduction)],
        });
}
