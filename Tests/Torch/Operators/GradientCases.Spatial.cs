using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Resizing, sampling, regions, and what old exporters wrote.</summary>
internal static partial class GradientCases
{
    // The gradient through a pair of them, in float32, has a test of its own.
    public static string[] QuantizationWithoutGradient =>
    [
        "ConvInteger", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "NonMaxSuppression",
            "QLinearConv", "QLinearMatMul", "QuantizeLinear",
    ];

    public static GradientCase[] Spatial =>
    [
        new("Resize",
            from mode in Choice.Of("nearest", "linear", "cubic")
            from coordinates in Choice.Of("half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize")
            from antialias in Gen.Int[0, mode == "nearest" ? 0 : 1]
            from sizes in Gen.Long[1, 7].Array[2]
            from seed in Seeds
            let region = TensorData.FromArray([0, 0, -0.1f, 0.1f, 1, 1, 0.8f, 1.2f], new TensorShape(8))
            select new OperatorCheck("Resize", 18, Values([1, 2, 3, 4], seed), region, null, Vector([1, 2, .. sizes]))
            {
                Attributes = [("mode", mode), ("coordinate_transformation_mode", coordinates), ("antialias", antialias)],
            }) { Count = 30 },
        new("Upsample",
            from mode in Choice.Of("nearest", "linear")
            from seed in Seeds
            select new OperatorCheck("Upsample", 9, Values([1, 2, 2, 3], seed), TensorData.FromArray([1, 1, 2, 1.5f], new TensorShape(4)))
            {
                Attributes = [("mode", mode)],
            }),
        new("GridSample",
            from mode in Choice.Of("linear", "cubic")
            from padding in Choice.Of("zeros", "border", "reflection")
            from alignCorners in Gen.Int[0, 1]
            from seed in Seeds
            select new OperatorCheck("GridSample", 20, Values([1, 2, 3, 4], seed), Values([1, 2, 3, 2], seed + 1, -1.4, 1.4))
            {
                Attributes = [("mode", mode), ("padding_mode", padding), ("align_corners", alignCorners)],
            }) { Count = 20 },
        new("AffineGrid", from seed in Seeds select new OperatorCheck("AffineGrid", 20, Values([2, 2, 3], seed), Vector(2, 1, 3, 4))),
        new("RoiAlign",
            from mode in Choice.Of("avg", "max")
            from seed in Seeds
            select new OperatorCheck("RoiAlign", 16, Values([1, 2, 5, 6], seed), Values([2, 4], 3, 0, 5), Vector(0, 0))
            {
                Attributes = [("mode", mode), ("output_height", 2), ("output_width", 3), ("sampling_ratio", 2)],
            }, 0),
        new("MaxRoiPool",
            from seed in Seeds
            let regions = Converted.From(ElementType.Double, new TensorShape(1, 5), [0.0, 1, 1, 4, 3])
            select new OperatorCheck(
                "MaxRoiPool", 1, Values([1, 2, 5, 6], seed), regions) { Attributes = [("pooled_shape", new long[] { 2, 2 })] }, 0),
    ];

    public static GradientCase[] Legacy =>
    [
        Unary("Affine", 7, -2, 2, ("alpha", 1.5f), ("beta", 0.5f)),
        Unary("ParametricSoftplus", 7, -2, 2, ("alpha", 1.5f), ("beta", 0.5f)),
        Unary("ScaledTanh", 7, -2, 2, ("alpha", 1.5f), ("beta", 0.5f)),
        new("Crop", from seed in Seeds select new OperatorCheck(
            "Crop", 7, Values([1, 2, 4, 5], seed)) { Attributes = [("border", new long[] { 1, 0, 1, 2 })] }),
        new("ImageScaler",
            from seed in Seeds
            select new OperatorCheck(
                "ImageScaler", 7, Values([1, 2, 2, 2], seed)) { Attributes = [("scale", 0.5f), ("bias", new float[] { 1, 2 })] }),
    ];
}
