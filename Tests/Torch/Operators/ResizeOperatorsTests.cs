using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class ResizeOperatorsTests
{
    private static readonly string[] Coordinates =
        ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"];

    // Sizes up to 7 become sizes up to 16: enlarged, shrunk, one axis this and one that.
    private static readonly Gen<OperatorCheck> Resizes =
        from mode in Choice.Of("nearest", "linear", "cubic")
        from coordinates in Choice.Of(Coordinates)
        from nearest in Choice.Of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
        from size in Gen.Long[1, 7].Array[2]
        from resized in Gen.Long[1, 16].Array[2]
        from byScales in Gen.Bool
        from a in Choice.Of(-0.75f, -0.5f)
        from excludeOutside in Gen.Bool
        from antialias in Gen.Bool
        from withAxes in Gen.Bool
        from start in Gen.Float[-0.2f, 0.4f].Array[2]
        from end in Gen.Float[0.6f, 1.3f].Array[2]
        from seed in Gen.Int[0, 1000]
        let scales = resized.Select((r, i) => (r + 0.3f) / size[i]).ToArray()
        // ONNX Runtime returns a tensor of the same shape as it is, even where a part of it is asked for, and leaves out
        // the crop along an axis of scale 1.
        where resized.Zip(size).All(p => p.First != p.Second) && scales.All(s => s != 1)
        // It has no antialias for regions, for the nearest element and where it enlarges.
        let smooth = antialias && mode != "nearest" && coordinates != "tf_crop_and_resize"
        let crop = coordinates == "tf_crop_and_resize"
        select new OperatorCheck("Resize", 18,
            Floats([1, 2, .. size], seed),
            crop ? Vector(withAxes ? [.. start, .. end] : [0, 0, .. start, 1, 1, .. end]) : null,
            byScales ? Vector(withAxes ? scales : [1, 1, .. scales]) : null,
            byScales ? null : OperatorCheck.Vector(withAxes ? resized : [1, 2, .. resized]))
        {
            Constants = [1, 2, 3],
            Attributes =
            [
                ("mode", mode), ("coordinate_transformation_mode", coordinates),
                .. mode == "nearest" ? new (string, object)[] { ("nearest_mode", nearest) } : [],
                .. mode == "cubic" && !smooth
                    ? new (string, object)[] { ("cubic_coeff_a", a), ("exclude_outside", excludeOutside ? 1 : 0) } : [],
                .. smooth ? new (string, object)[] { ("antialias", 1), ("exclude_outside", excludeOutside ? 1 : 0) } : [],
                .. crop ? new (string, object)[] { ("extrapolation_value", 7f) } : [],
                .. withAxes ? new (string, object)[] { ("axes", new long[] { 2, 3 }) } : [],
            ],
        };

    // Every version and rank that ONNX Runtime has for a mode, and the ratio that sizes keep.
    private static readonly Gen<OperatorCheck> Versions =
        from shape in Choice.Of<(string Mode, long[] Outer, int Axes)>(
            ("nearest", [], 1), ("nearest", [], 2), ("nearest", [2], 2), ("nearest", [1, 2], 3), ("nearest", [2, 1, 2], 3),
            ("linear", [], 2), ("linear", [], 3), ("linear", [2, 2], 2), ("linear", [1, 2], 3), ("cubic", [], 2))
        from version in Choice.Of("Upsample 7", "Upsample 9", "Resize 10", "Resize 11", "Resize 13", "Resize 18", "Resize 19")
        from policy in Choice.Of("stretch", "not_larger", "not_smaller")
        from size in Gen.Long[2, 5].Array[shape.Axes]
        from percent in Gen.Int[40, 320].Array[shape.Axes]
        from seed in Gen.Int[0, 1000]
        let type = version.Split(' ')[0]
        let opset = int.Parse(version.Split(' ')[1])
        // Upsample only enlarges; cubic is as old as version 11.
        let scales = percent.Select(p => type == "Upsample" ? 1 + p / 100f : p / 100f).ToArray()
        where shape.Mode != "cubic" || opset >= 11
        where scales.Select((s, i) => (long)(s * size[i]) != size[i] && s * size[i] >= 1).All(changes => changes)
        let all = shape.Outer.Select(_ => 1f).Concat(scales).ToArray()
        let data = Floats([.. shape.Outer, .. size], seed)
        let resized = shape.Outer.Concat(scales.Select((s, i) => (long)(s * size[i]))).ToArray()
        let keepsRatio = opset >= 18 && policy != "stretch" && shape.Outer.Length == 0
        select new OperatorCheck(type, opset, opset == 7 ? [data]
            : opset < 11 ? [data, Vector(all)]
            : keepsRatio ? [data, null, null, OperatorCheck.Vector(resized)]
            : [data, Vector([]), Vector(all)])
        {
            Constants = [1, 2, 3],
            Attributes =
            [
                ("mode", shape.Mode),
                .. opset == 7 ? new (string, object)[] { ("scales", all) } : [],
                .. keepsRatio ? new (string, object)[] { ("keep_aspect_ratio_policy", policy) } : [],
            ],
        };

    [TestMethod]
    public void Resize_EveryCombinationOfModes_AgreesWithOrt() => AllAgreeWithOrt(Resizes, 1000);

    [TestMethod]
    public void Resize_EveryVersionAndRank_AgreesWithOrt() => AllAgreeWithOrt(Versions, 500);

    [TestMethod]
    [DataRow("nearest")]
    [DataRow("linear")]
    public void Resize_OfBytes_AgreesWithOrt(string mode) =>
        new OperatorCheck(
            "Resize", 13, Bytes([1, 2, 4, 5], seed: 3), null, Vector([1, 1, 2.5f, 1.6f]))
        { Attributes = [("mode", mode)] }.AgreesWithOrt();

    // The crop of an axis that keeps its size: elements 1 to 3 of 0 … 4, at five places. ONNX Runtime returns the input.
    [TestMethod]
    public void Resize_CropToTheSameSize_Crops()
    {
        var check = new OperatorCheck("Resize", 13, Vector([0, 1, 2, 3, 4]), Vector([0.25f, 0.75f]), null, OperatorCheck.Vector(5))
        {
            Attributes = [("mode", "linear"), ("coordinate_transformation_mode", "tf_crop_and_resize")],
        };
        CollectionAssert.AreEqual(new[] { 1, 1.5, 2, 2.5, 3 }, Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    [DataRow("mode", "best", "attribute 'mode' is 'best', expected nearest, linear, cubic")]
    [DataRow("nearest_mode", "up", "attribute 'nearest_mode' is 'up', expected round_prefer_floor")]
    [DataRow("coordinate_transformation_mode", "tf", "attribute 'coordinate_transformation_mode' is 'tf', expected half_pixel")]
    [DataRow("keep_aspect_ratio_policy", "yes", "attribute 'keep_aspect_ratio_policy' is 'yes', expected stretch")]
    [DataRow("axes", new long[] { 2, 4 }, "axis 4 is outside a tensor of 4 axes")]
    [DataRow("axes", new long[] { 2, 2 }, "names axis 2 twice")]
    [DataRow("axes", new long[] { 2 }, "has 2 scales or sizes and a region of 2 numbers for 1 axes")]
    [DataRow("mode", 3L, "attribute 'mode' is Int, expected String")]
    public void Resize_SenselessAttribute_IsRefused(string attribute, object value, string message) =>
        new OperatorCheck(
            "Resize", 18, Floats([1, 1, 2, 2], 1), null,
                Vector([2, 2]))
        { Attributes = [(attribute, value), ("axes", new long[] { 2, 3 })] }
            .IsRefused(message);

    [TestMethod]
    [DataRow(new[] { 1e9f, 1e9f }, null, "would make a tensor of shape [1, 1, 2000000000, 2000000000]")]
    [DataRow(new[] { -1f, 1f }, null, "a size is negative")]
    [DataRow(new[] { float.NaN, 1f }, null, "a size is negative")]
    [DataRow(new[] { 0f, 1f }, null, "a size is negative")]
    [DataRow(new[] { 2f, 2f }, new long[] { 3, 3 }, "has both scales and sizes or neither, expected one of them")]
    [DataRow(null, null, "has both scales and sizes or neither, expected one of them")]
    [DataRow(null, new long[] { 3, -3 }, "would make a tensor of shape [1, 1, 3, -3]: a size is negative")]
    public void Resize_SenselessSize_IsRefused(float[]? scales, long[]? sizes, string message) =>
        new OperatorCheck(
            "Resize", 18, Floats([1, 1, 2, 2], 1), null, scales is null ? null : Vector(scales),
                sizes is null ? null : OperatorCheck.Vector(sizes))
        {
            Attributes = [("axes", new long[] { 2, 3 })],
        }.IsRefused(message);

    private static TensorData Vector(float[] values) => TensorData.FromArray(values, new TensorShape(values.Length));
}
