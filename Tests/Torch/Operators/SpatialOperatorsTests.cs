using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class SpatialOperatorsTests
{
    private static readonly Gen<OperatorCheck> Samples =
        from mode in Choice.Of("nearest", "linear", "cubic")
        from padding in Choice.Of("zeros", "border", "reflection")
        from alignCorners in Gen.Int[0, 1]
        from axes in Gen.Int[2, mode == "cubic" ? 2 : 3]
        from sizes in Gen.Long[2, 5].Array[axes]
        from places in Gen.Long[1, 4].Array[axes]
        from reach in Choice.Of(0.9f, 1.5f, 4f)
        from opset in Choice.Of(16, 20)
        from seed in Gen.Int[0, 1000]
        where axes == 2 || opset == 20
        let name = opset == 16 && mode != "nearest" ? "bi" + mode : mode
        select new OperatorCheck("GridSample", opset, Floats([2, 3, .. sizes], seed), Floats([2, .. places, axes], seed + 1, -reach, reach))
        {
            Attributes = [("mode", name == "bilinear" || name == "bicubic" || opset == 20 ? name : "nearest"), ("padding_mode", padding),
                ("align_corners", alignCorners)],
        };

    private static readonly Gen<OperatorCheck> AffineGrids =
        from axes in Gen.Int[2, 3]
        from sizes in Gen.Long[1, 5].Array[axes]
        from alignCorners in Gen.Int[0, 1]
        from seed in Gen.Int[0, 1000]
        where alignCorners == 0 || sizes.All(size => size > 1)
        select new OperatorCheck(
            "AffineGrid", 20, Floats([2, axes, axes + 1], seed),
                Vector([2, 3, .. sizes]))
        { Attributes = [("align_corners", alignCorners)] };

    private static readonly Gen<OperatorCheck> Aligns =
        from mode in Choice.Of("avg", "max")
        from coordinates in Choice.Of("half_pixel", "output_half_pixel")
        from opset in Choice.Of(10, 16)
        from pooled in Gen.Long[1, 4].Array[2]
        from samples in Gen.Int[0, 3]
        from corners in Gen.Float[-2, 9].Array[4].Array[0, 4]
        from scale in Choice.Of(1f, 0.5f, 0.7f)
        from seed in Gen.Int[0, 1000]
        let regions = corners.SelectMany(
            c => new[] { Math.Min(c[0], c[2]), Math.Min(c[1], c[3]), Math.Max(c[0], c[2]), Math.Max(c[1], c[3]) })
        select new OperatorCheck("RoiAlign", opset,
            Floats([2, 3, 6, 7], seed), TensorData.FromArray([.. regions], new TensorShape(corners.Length, 4)),
                Longs([corners.Length], seed, 0, 2))
        {
            Attributes =
            [
                ("mode", mode), ("output_height", pooled[0]), ("output_width", pooled[1]),
                    ("sampling_ratio", samples), ("spatial_scale", scale),
                .. opset == 10 ? new (string, object)[] { } : [("coordinate_transformation_mode", coordinates)],
            ],
        };

    private static readonly Gen<OperatorCheck> RoiPools =
        from pooled in Gen.Long[1, 4].Array[2]
        from corners in Gen.Float[0, 9].Array[4].Array[1, 4]
        from scale in Choice.Of(1f, 0.5f, 0.7f)
        from seed in Gen.Int[0, 1000]
        let rows = corners.SelectMany(
            (c, i) => new[] { i % 2, Math.Min(c[0], c[2]), Math.Min(c[1], c[3]), Math.Max(c[0], c[2]), Math.Max(c[1], c[3]) })
        select new OperatorCheck(
            "MaxRoiPool", 1, Floats([2, 3, 8, 9], seed), TensorData.FromArray([.. rows], new TensorShape(corners.Length, 5)))
        {
            Attributes = [("pooled_shape", pooled), ("spatial_scale", scale)],
        };

    // Scores in tenths, so that many are equal.
    private static readonly Gen<OperatorCheck> Selections =
        from batches in Gen.Long[1, 2]
        from classes in Gen.Long[1, 2]
        from boxes in Gen.Long[1, 12]
        from centered in Gen.Int[0, 1]
        from most in Choice.Of<long?>(null, 0, 1, 3, 100)
        from overlap in Choice.Of<float?>(null, 0, 0.3f, 0.5f, 1)
        from least in Choice.Of<float?>(null, 0.2f, 0.5f)
        from seed in Gen.Int[0, 1000]
        let scores = Numbers(Longs([batches * classes * boxes], seed, 0, 11)).Select(v => (float)v / 10).ToArray()
        select new OperatorCheck("NonMaxSuppression", 11, Floats([batches, boxes, 4], seed, 0.1f, 3),
            TensorData.FromArray(scores, new TensorShape(batches, classes, boxes)),
            most is null ? null : Vector(most.Value), overlap is null ? null : Scalar(overlap.Value),
                least is null ? null : Scalar(least.Value))
        {
            Attributes = [("center_point_box", centered)],
        };

    private static readonly Gen<OperatorCheck> Blocks =
        from block in Gen.Long[1, 3]
        from sizes in Gen.Long[1, 3].Array[4]
        from form in Choice.Of("SpaceToDepth", "DCR", "CRD")
        select form == "SpaceToDepth"
            ? new OperatorCheck(
                form, 13, Floats([sizes[0], sizes[1], sizes[2] * block, sizes[3] * block], 1))
            { Attributes = [("blocksize", block)] }
            : new OperatorCheck(
                "DepthToSpace", 13, Floats([sizes[0], sizes[1] * block * block, sizes[2], sizes[3]], 1))
            {
                Attributes =
                    [("blocksize", block), ("mode", form)]
            };

    private static readonly Gen<OperatorCheck> Columns =
        from axes in Gen.Int[1, 3]
        from kernel in Gen.Long[1, 3].Array[axes]
        from strides in Gen.Long[1, 2].Array[axes]
        from dilations in Gen.Long[1, 2].Array[axes]
        from pads in Gen.Long[0, 2].Array[2 * axes]
        from room in Gen.Long[0, 3].Array[axes]
        from seed in Gen.Int[0, 1000]
        let reach = kernel.Select((k, i) => (k - 1) * dilations[i] + 1).ToArray()
        let image = room.Select((r, i) => Math.Max(1, reach[i] + r - pads[i] - pads[i + axes])).ToArray()
        let windows = image.Select((size, i) => (size + pads[i] + pads[i + axes] - reach[i]) / strides[i] + 1).ToArray()
        select new OperatorCheck("Col2Im", 18,
            Floats([2, 2 * new TensorShape(kernel).Count, new TensorShape(windows).Count], seed), Vector(image), Vector(kernel))
        {
            Attributes = [("strides", strides), ("dilations", dilations), ("pads", pads)],
        };

    [TestMethod]
    public void GridSample_EveryMode_AgreesWithOrt() => AllAgreeWithOrt(Samples, 500);

    // A line of three: half way between them, and outside; torch has no samples of lines.
    [TestMethod]
    public void GridSample_OfALine_Interpolates()
    {
        TensorData line = TensorData.FromArray([1f, 3, 7], new TensorShape(1, 1, 3)),
            places = TensorData.FromArray([-0.5f, 0.5f, 2], new TensorShape(1, 3, 1));
        var check = new OperatorCheck(
            "GridSample", 20, line, places)
        { Attributes = [("mode", "linear"), ("padding_mode", "border"), ("align_corners", 1)] };
        CollectionAssert.AreEqual(new double[] { 2, 5, 7 }, Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    public void AffineGrid_TwoAndThreeAxes_AgreesWithOrt() => AllAgreeWithOrt(AffineGrids);

    [TestMethod]
    public void RoiAlign_EveryMode_AgreesWithOrt() => AllAgreeWithOrt(Aligns, 300);

    [TestMethod]
    public void MaxRoiPool_AnyRegions_AgreesWithOrt() => AllAgreeWithOrt(RoiPools, 200);

    [TestMethod]
    public void NonMaxSuppression_AnyThresholds_AgreesWithOrt() => AllAgreeWithOrt(Selections, 300);

    [TestMethod]
    public void DepthToSpaceAndBack_AnyBlock_AgreesWithOrt() => AllAgreeWithOrt(Blocks);

    [TestMethod]
    public void Col2Im_TwoAxes_AgreesWithOrt() => AllAgreeWithOrt(Columns.Where(check => check.Inputs[1]!.Shape[0] == 2), 100);

    // ONNX Runtime puts dilated windows of one and three axes into wrong places; here every tap is put where it belongs.
    [TestMethod]
    public void Col2Im_AnyAxes_PutsEveryTapInItsPlace() => Drawn.Check(Columns, 100, check =>
    {
        double[] expected = ColumnsToImage(check);
        double[] actual = Numbers(check.RunTorch()[0]);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5, check.ToString());
    }, check => check.ToString());

    [TestMethod]
    public void SenselessOperands_AreRefused()
    {
        new OperatorCheck("GridSample", 20, Floats([1, 1, 2, 2], 1), Floats([2, 1, 1, 2], 1))
            .IsRefused("has image [1, 1, 2, 2] and grid [2, 1, 1, 2]");
        new OperatorCheck(
            "GridSample", 20, Floats([1, 1, 2, 2], 1), Floats([1, 1, 1, 2], 1))
        { Attributes = [("mode", "bilinear3")] }.IsRefused(
                "attribute 'mode' is 'bilinear3'");
        new OperatorCheck(
            "GridSample", 20, Floats([1, 1, 2, 2], 1), Floats([1, 1, 1, 2], 1))
        { Attributes = [("padding_mode", "zero")] }.IsRefused(
                "attribute 'padding_mode' is 'zero'");
        new OperatorCheck("GridSample", 20, Floats([1, 1, 0, 2], 1), Floats([1, 1, 1, 2], 1)).IsRefused("has image [1, 1, 0, 2]");
        new OperatorCheck("AffineGrid", 20, Floats([1, 2, 3], 1), Vector(1, 1, 1 << 30, 1 << 30)).IsRefused("would make a tensor of shape");
        new OperatorCheck("AffineGrid", 20, Floats([1, 2, 3], 1), Vector(1, 1)).IsRefused("cannot run on");
        new OperatorCheck("RoiAlign", 16, Floats([1, 1, 4, 4], 1), Floats([1, 4], 1), Vector(1)).IsRefused("has a region in image 1 of 1");
        new OperatorCheck("RoiAlign", 16, Floats([1, 1, 4, 4], 1), Floats([1, 4], 1), Vector(0, 0))
            .IsRefused("has 1 regions and 2 batch indices");
        new OperatorCheck(
            "RoiAlign", 16, Floats([1, 1, 4, 4], 1), Floats([1, 4], 1, float.PositiveInfinity, float.PositiveInfinity), Vector(0))
                .IsRefused("samples a region from");
        new OperatorCheck("RoiAlign", 16, Floats([1, 1, 4, 4], 1), Floats([1, 5], 1), Vector(0))
            .IsRefused("has regions of shape [1, 5], expected [R, 4]");
        new OperatorCheck(
            "MaxRoiPool", 1, Floats([1, 1, 4, 4], 1),
                Floats([1, 5], 1, 1, 1))
        { Attributes = [("pooled_shape", new long[] { 2, 2 })] }.IsRefused("has a region in image 1 of 1");
        new OperatorCheck("NonMaxSuppression", 11, Floats([1, 3, 4], 1), Floats([1, 1, 2], 1))
            .IsRefused("has boxes [1, 3, 4] and scores [1, 1, 2]");
        new OperatorCheck("DepthToSpace", 13, Floats([1, 3, 2, 2], 1)) { Attributes = [("blocksize", 2)] }.IsRefused(
            "has 3 channels, expected a multiple of 2²");
        new OperatorCheck("SpaceToDepth", 13, Floats([1, 3, 3, 2], 1)) { Attributes = [("blocksize", 2)] }.IsRefused(
            "has 3×2 pixels, expected multiples of 2");
        new OperatorCheck("SpaceToDepth", 13, Floats([1, 3, 2, 2], 1)).IsRefused("attribute 'blocksize' is 0, expected 1");
        new OperatorCheck("Col2Im", 18, Floats([1, 4, 1], 1), Vector(3, 3), Vector(2, 2))
            .IsRefused("has columns [1, 4, 1], expected [N, C·4, 2·2]");
        new OperatorCheck("Col2Im", 18, Floats([1, 4, 1], 1), Vector(3), Vector(2, 2)).IsRefused("for an image [3]");
    }

    private static double[] ColumnsToImage(OperatorCheck check)
    {
        long[] image = Long(1), kernel = Long(2), strides = Attribute("strides"),
            dilations = Attribute("dilations"), pads = Attribute("pads");
        double[] columns = Numbers(check.Inputs[0]!);
        long taps = new TensorShape(kernel).Count, pixels = new TensorShape(image).Count, count = check.Inputs[0]!.Shape[2];
        long[] windows = [.. image.Select(
            (size, i) => (size + pads[i] + pads[i + image.Length] - (kernel[i] - 1) * dilations[i] - 1) / strides[i] + 1)];
        double[] sum = new double[columns.Length / taps / count * pixels];
        for (long i = 0; i < columns.Length; i++)
        {
            long[] window = Coordinates(i % count, windows), tap = Coordinates(i / count % taps, kernel);
            long[] at = [.. window.Select((w, a) => w * strides[a] + tap[a] * dilations[a] - pads[a])];
            if (at.Zip(image).All(p => p.First >= 0 && p.First < p.Second))
                sum[i / count / taps * pixels + at.Zip(image).Aggregate(0L, (place, p) => place * p.Second + p.First)] += columns[i];
        }

        return sum;

        long[] Long(int input) => check.Inputs[input]!.As<long>().ToArray();
        long[] Attribute(string name) => (long[])check.Attributes.First(a => a.Name == name).Value;
    }

    private static long[] Coordinates(long index, long[] sizes)
    {
        long[] at = new long[sizes.Length];
        for (int i = sizes.Length - 1; i >= 0; i--)
            (index, at[i]) = (index / sizes[i], index % sizes[i]);
        return at;
    }
}
