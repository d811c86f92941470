using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Products of matrices, normalisations and reductions.</summary>
internal static partial class GradientCases
{
    public static GradientCase[] Matrices =>
    [
        new("Gemm",
            from sizes in Gen.Long[1, 3].Array[3]
            from transA in Gen.Int[0, 1]
            from transB in Gen.Int[0, 1]
            from alpha in Choice.Of(1f, 0.5f)
            from bias in Choice.Of<long[]>([sizes[2]], [], [sizes[0], 1])
            from seed in Seeds
            select new OperatorCheck("Gemm", 13,
                Values(transA == 0 ? sizes[..2] : [sizes[1], sizes[0]], seed),
                Values(transB == 0 ? sizes[1..] : [sizes[2], sizes[1]], seed + 1),
                Values(bias, seed + 2))
            {
                Attributes = [("alpha", alpha), ("beta", alpha * 2), ("transA", transA), ("transB", transB)],
            }),
        new("MatMul",
            from sizes in Gen.Long[1, 3].Array[4]
            from isBatched in Gen.Bool
            from seed in Seeds
            select new OperatorCheck("MatMul", 13, Values(isBatched ? sizes[..3] : sizes[1..3], seed), Values(sizes[2..], seed + 1))),
        new("Einsum", Seeds.Select(seed => new OperatorCheck("Einsum", 12, Values([2, 3, 2], seed), Values([2, 2, 3], seed + 1))
        {
            Attributes = [("equation", "bij,bjk->bik")],
        })),
        Unary("Flatten", 13, -2, 2),
        new("Det", Seeds.Select(seed => new OperatorCheck("Det", 11, Values([2, 3, 3], seed)))),
    ];

    public static GradientCase[] Normalizations =>
    [
        Batch(isTraining: false, []),
        Batch(isTraining: true, []),
        Batch(isTraining: false, ("training_mode", 1)),
        new("InstanceNormalization",
            from shape in Gen.Long[2, 3].Array[3, 5]
            from seed in Seeds
            select new OperatorCheck(
                "InstanceNormalization", 6, Values(shape, seed), Values([shape[1]], seed + 1), Values([shape[1]], seed + 2))
            {
                Attributes = [Smooth],
            }),
        new("LayerNormalization",
            from shape in Gen.Long[2, 3].Array[2, 3]
            from outputs in Choice.Of(1, 3)
            from seed in Seeds
            select new OperatorCheck(
                "LayerNormalization", 17, Values(shape, seed), Values(shape[1..], seed + 1), Values(shape[1..], seed + 2))
            {
                Attributes = [("axis", 1), Smooth],
                Outputs = outputs,
            }),
        Grouped(18, 2),
        Grouped(21, 4),
        new("RMSNormalization",
            from shape in Gen.Long[1, 3].Array[1, 3]
            from seed in Seeds
            select new OperatorCheck("RMSNormalization", 23, Values(shape, seed), Values(shape[^1..], seed + 1)) { Attributes = [Smooth] }),
        new("LRN",
            from size in Gen.Int[1, 4]
            from seed in Seeds
            select new OperatorCheck("LRN", 13, Values([1, 4, 2, 2], seed)) { Attributes = [("size", size), ("alpha", 0.5f)] }),
        Unary("LpNormalization", 1, 0.5, 2, ("p", 1), ("axis", 0)),
        Unary("LpNormalization", 1, 0.5, 2, ("p", 2), ("axis", 0)),
        new("MeanVarianceNormalization",
            Seeds.Select(seed => new OperatorCheck("MeanVarianceNormalization", 13, Values([2, 2, 2, 2], seed)))),
    ];

    public static GradientCase[] Reductions =>
    [
        .. new[] { "ReduceSum", "ReduceMean", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSumExp",
            "ReduceSumSquare" }
            .Select(type => Reduction(type, -2)),
        Reduction("ReduceLogSum", 0.5),
    ];

    public static string[] Positions => ["ArgMax", "ArgMin"];

    // Large enough that a batch of almost equal numbers is no cliff.
    private static (string, object) Smooth => ("epsilon", 0.1f);

    private static GradientCase Batch(bool isTraining, params (string, object)[] more) => new("BatchNormalization",
        from shape in Gen.Long[2, 3].Array[2, 4]
        from seed in Seeds
        select new OperatorCheck("BatchNormalization", 15,
            Values(shape, seed), Values([shape[1]], seed + 1), Values([shape[1]], seed + 2),
                Values([shape[1]], seed + 3), Values([shape[1]], seed + 4, 0.5))
        {
            Attributes = [Smooth, .. more],
            Training = isTraining,
        },
        0, 1, 2);

    private static GradientCase Grouped(int opset, long scales) => new("GroupNormalization",
        from seed in Seeds
        select new OperatorCheck(
            "GroupNormalization", opset, Values([2, 4, 3], seed), Values([scales], seed + 1), Values([scales], seed + 2))
        {
            Attributes = [("num_groups", 2), Smooth],
        });

    private static GradientCase Reduction(string type, double min) => new(type,
        from shape in Shapes
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from isAll in Gen.Bool
        from keep in Gen.Int[0, 1]
        from seed in Seeds
        select new OperatorCheck(
            type, 18, Values(shape, seed, min), isAll ? null : OperatorCheck.Vector(axis))
        { Attributes = [("keepdims", keep)] },
        0);
}
