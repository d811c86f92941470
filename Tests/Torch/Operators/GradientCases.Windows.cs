using CnnOnnx.Tensors;
using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Convolutions and pools.</summary>
internal static partial class GradientCases
{
    public static GradientCase[] Convolutions =>
    [
        new("Conv",
            from window in WindowGen.Any
            from groups in Gen.Long[1, 2]
            from seed in Seeds
            select new OperatorCheck("Conv", 11,
                Values([1, groups, .. window.Sizes], seed), Values([groups * 2, 1, .. window.Kernel], seed + 1),
                    Values([groups * 2], seed + 2))
            {
                Attributes = [.. window.Attributes, ("group", groups)],
            }),
        new("ConvTranspose",
            from window in WindowGen.Any
            from sizes in Gen.Long[1, 3].Array[window.Kernel.Length]
            from seed in Seeds
            where window.AutoPad == "NOTSET"
            let room = sizes.Select((size, i) => window.Strides[i] * (size - 1) + (window.Kernel[i] - 1) * window.Dilations[i])
            where room.Select((r, i) => r - window.Pads[i] - window.Pads[i + sizes.Length]).All(left => left >= 0)
            select new OperatorCheck(
                "ConvTranspose", 11, Values([1, 2, .. sizes], seed), Values([2, 1, .. window.Kernel], seed + 1), Values([1], seed + 2))
            {
                Attributes = window.Attributes,
            }),
    ];

    // Offsets between pixels: on a pixel the sample has a kink.
    public static GradientCase[] Deformed =>
    [
        new("DeformConv",
            from seed in Seeds
            from groups in Gen.Long[1, 2]
            from masked in Gen.Bool
            select new OperatorCheck("DeformConv", 19, Values([1, 2, 4, 5], seed), Values([2, 2 / groups, 2, 2], seed + 1),
                Values([1, 8 * groups, 3, 4], seed + 2, 0.2, 0.7), Values([2], seed + 3), masked
                    ? Values([1, 4 * groups, 3, 4], seed + 4) : null)
            {
                Attributes = [("group", groups), ("offset_group", groups)],
            }),
    ];

    public static GradientCase[] Pools =>
    [
        Pool("AveragePool", 19, 0),
        Pool("AveragePool", 19, 0, ("count_include_pad", 1), ("ceil_mode", 1)),
        Pool("MaxPool", 12, 0),
        Pool("MaxPool", 12, 0, ("ceil_mode", 1)),
        Pool("LpPool", 18, 0, ("p", 2)),
        // A sum of odd powers has a kink at 0, and the root of a sum near 0 is steep.
        Pool("LpPool", 18, 0.5, ("p", 3)),
        GlobalPool("GlobalAveragePool"),
        GlobalPool("GlobalMaxPool"),
        GlobalPool("GlobalLpPool"),
        new("MaxUnpool",
            from seed in Seeds
            select new OperatorCheck(
                "MaxUnpool", 11, Values([1, 1, 2, 2], seed), TensorData.FromArray([5, 7, 8, 15], new TensorShape(1, 1, 2, 2)))
            {
                Attributes = [("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 })],
            }),
    ];

    private static GradientCase Pool(string type, int opset, double min, params (string, object)[] more) => new(type,
        from window in WindowGen.Any
        from seed in Seeds
        select new OperatorCheck(type, opset, Values([1, 1, .. window.Sizes], seed, min == 0 ? -2 : min))
        {
            Attributes = [("kernel_shape", window.Kernel), .. window.Attributes, .. more],
        });

    private static GradientCase GlobalPool(string type) => new(type,
        from shape in Gen.Long[1, 3].Array[3, 5]
        from seed in Seeds
        select new OperatorCheck(type, 13, Values(shape, seed)));
}
