using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class NormalizationOperatorsTests
{
    private static readonly Gen<OperatorCheck> Batches =
        from shape in Gen.Long[1, 5].Array[2, 5]
        from opset in Choice.Of(7, 9, 14, 15)
        from epsilon in Choice.Of(1e-5f, 1e-3f)
        from seed in Gen.Int[0, 1000]
        select Batch(opset, shape, seed) with { Attributes = [("epsilon", epsilon)] };

    private static readonly Gen<OperatorCheck> Layers =
        from shape in Gen.Long[1, 5].Array[1, 4]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from outputs in Choice.Of(1, 1, 3)
        from hasBias in Gen.Bool
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("LayerNormalization", 17,
            Floats(shape, seed), Floats(shape[(axis < 0 ? axis + shape.Length : axis)..], seed + 1),
            hasBias ? Floats(shape[(axis < 0 ? axis + shape.Length : axis)..], seed + 2) : null)
        {
            Attributes = [("axis", axis), ("epsilon", 1e-3f)],
            Outputs = outputs,
        };

    private static readonly Gen<OperatorCheck> Groups =
        from groups in Gen.Long[1, 3]
        from size in Gen.Long[1, 3]
        from rest in Gen.Long[1, 4].Array[1, 3]
        from opset in Choice.Of(18, 21)
        from seed in Gen.Int[0, 1000]
        let channels = groups * size
        let scaled = opset == 18 ? groups : channels
        select new OperatorCheck(
            "GroupNormalization", opset, Floats([2, channels, .. rest], seed), Floats([scaled], seed + 1), Floats([scaled], seed + 2))
        {
            Attributes = [("num_groups", groups), ("epsilon", 1e-3f)],
        };

    private static readonly Gen<OperatorCheck> Instances =
        from shape in Gen.Long[2, 5].Array[3, 5]
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(
            "InstanceNormalization", 6, Floats(shape, seed), Floats([shape[1]], seed + 1), Floats([shape[1]], seed + 2))
        {
            Attributes = [("epsilon", 1e-3f)],
        };

    // ONNX Runtime takes odd sizes only.
    private static readonly Gen<OperatorCheck> Responses =
        from shape in Gen.Long[1, 6].Array[4]
        from half in Gen.Int[0, 3]
        from bias in Choice.Of(1f, 2f)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("LRN", 13, Floats(shape, seed))
        {
            Attributes = [("size", 2 * half + 1), ("alpha", 0.01f), ("beta", 0.6f), ("bias", bias)],
        };

    private static readonly Gen<OperatorCheck> Norms =
        from shape in Gen.Long[1, 5].Array[1, 4]
        from axis in Gen.Int[-shape.Length, shape.Length - 1]
        from p in Gen.Int[1, 2]
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("LpNormalization", 1, Floats(shape, seed)) { Attributes = [("axis", axis), ("p", p)] };

    [TestMethod]
    public void BatchNormalization_AnyShape_AgreesWithOrt() => AllAgreeWithOrt(Batches);

    [TestMethod]
    public void LayerNormalization_AnyAxis_AgreesWithOrt() => AllAgreeWithOrt(Layers);

    // ONNX Runtime takes the variance as E[x²] − E[x]²: of values up to 2 it keeps 4 · 2⁻²³ of error, which beside epsilon 1e-3 is
    // 5e-4 of the variance, half of that of a standardised value, which is scaled by up to 2.
    [TestMethod]
    public void GroupNormalization_BothVersions_AgreesWithOrt() => AllAgreeWithOrt(Groups, absolute: 5e-4);

    [TestMethod]
    public void InstanceNormalization_AnyShape_AgreesWithOrt() => AllAgreeWithOrt(Instances);

    [TestMethod]
    public void Lrn_AnySize_AgreesWithOrt() => AllAgreeWithOrt(Responses);

    [TestMethod]
    public void LpNormalization_AnyAxis_AgreesWithOrt() => AllAgreeWithOrt(Norms);

    [TestMethod]
    public void Lrn_EvenSize_ReachesFurtherAhead()
    {
        // Size 2: no channel before, one after. Squares 1 4 9 → sums 5 13 9, halved and added to 1.
        var check = new OperatorCheck("LRN", 13, TensorData.FromArray([1f, 2, 3], new TensorShape(1, 3, 1, 1)))
        {
            Attributes = [("size", 2), ("alpha", 1f), ("beta", 1f), ("bias", 1f)],
        };
        double[] expected = [1 / 3.5, 2 / 7.5, 3 / 5.5];
        Assert.IsNull(Difference(
            check.RunTorch()[0], Converted.ToFloat(Converted.From(ElementType.Double, new TensorShape(1, 3, 1, 1), expected)), 1e-6, 0));
    }

    [TestMethod]
    public void LpNormalization_OfZeros_StaysZero() => CollectionAssert.AreEqual(
        new double[] { 0, 0 }, Numbers(new OperatorCheck("LpNormalization", 1, Floats([2], 1, 0, 0)).RunTorch()[0]));

    [TestMethod]
    public void BatchNormalization_TrainingMode_GivesRunningStatistics()
    {
        var check = Batch(15, [2, 1, 2], 1) with { Attributes = [("training_mode", 1), ("momentum", 0.75f)], Outputs = 3 };
        double[] x = Numbers(check.Inputs[0]!), mean = Numbers(check.Inputs[3]!), variance = Numbers(check.Inputs[4]!);
        double batchMean = x.Average(), batchVariance = x.Average(v => (v - batchMean) * (v - batchMean));
        TensorData[] results = check.RunTorch();
        Assert.AreEqual(0.75 * mean[0] + 0.25 * batchMean, Numbers(results[1])[0], 1e-6);
        Assert.AreEqual(0.75 * variance[0] + 0.25 * batchVariance, Numbers(results[2])[0], 1e-6);
        double expected =
            (x[0] - batchMean) / Math.Sqrt(batchVariance + 1e-5) * Numbers(check.Inputs[1]!)[0] + Numbers(check.Inputs[2]!)[0];
        Assert.AreEqual(expected, Numbers(results[0])[0], 1e-5);
    }

    // Until version 14 the number of outputs says it. Beside the statistics come the batch's own mean and inverse deviation.
    [TestMethod]
    [DataRow(9, 5)]
    [DataRow(13, 5)]
    [DataRow(14, 3)]
    [DataRow(15, 3)]
    public void BatchNormalization_StatisticsAmongItsOutputs_AgreesWithOrt(int opset, int outputs)
    {
        OperatorCheck check = Batch(opset, [2, 3, 4], 1) with { Outputs = outputs };
        (check with { Attributes = opset < 14 ? [] : [("training_mode", 1)] }).AgreesWithOrt();
    }

    [TestMethod]
    public void BatchNormalization_PerCell_HasStatisticsOfItsOwn()
    {
        // Until version 9, spatial = 0: scale, bias, mean and variance have the shape of a map.
        var check = new OperatorCheck("BatchNormalization", 7,
            Floats([2, 1, 2], 1), Floats([1, 2], 2), Floats([1, 2], 3), Floats([1, 2], 4), Floats([1, 2], 5, 0.5f, 2))
        {
            Attributes = [("spatial", 0)],
        };
        double[][] p = [.. check.Inputs.Select(i => Numbers(i!))];
        double[] expected = [.. p[0].Select((x, i) => (x - p[3][i % 2]) / Math.Sqrt(p[4][i % 2] + 1e-5) * p[1][i % 2] + p[2][i % 2])];
        TensorData result = Converted.ToDouble(check.RunTorch()[0]);
        Assert.IsNull(Difference(result, Converted.From(ElementType.Double, result.Shape, expected), 1e-5, 1e-6));
    }

    [TestMethod]
    public void BatchNormalization_HalfWithFloatParameters_AgreesWithFloat()
    {
        OperatorCheck whole = Batch(15, [2, 3, 4], 1);
        var half = whole with { Inputs = [Converted.ToHalf(whole.Inputs[0]!), .. whole.Inputs[1..]] };
        Assert.IsNull(Difference(Converted.ToFloat(half.RunTorch()[0]), whole.RunTorch()[0], 2e-3, 2e-3));
    }

    [TestMethod]
    [DataRow("GroupNormalization", 21, "num_groups", 2L, "the input has 3 channels, expected a multiple of num_groups, 2")]
    [DataRow("GroupNormalization", 21, "epsilon", 1L, "attribute 'epsilon' is Int, expected Float")]
    [DataRow("LRN", 13, "size", 0L, "attribute 'size' is 0, expected 1 to 16777216")]
    [DataRow("LpNormalization", 1, "p", 3L, "attribute 'p' is 3, expected 1 to 2")]
    [DataRow("LpNormalization", 1, "axis", 3L, "axis 3 is outside a tensor of 3 axes")]
    [DataRow("LayerNormalization", 17, "axis", -4L, "axis -4 is outside a tensor of 3 axes")]
    [DataRow("MeanVarianceNormalization", 13, "axes", new long[] { 0, -3 }, "names axis 0 twice")]
    public void Normalization_SenselessAttribute_IsRefused(string type, int opset, string attribute, object value, string message)
    {
        TensorData?[] parameters = type is "GroupNormalization" or "LayerNormalization" ? [Floats([3], 2), Floats([3], 3)] : [];
        var attributes = new Dictionary<string, object> { ["num_groups"] = 1L, [attribute] = value };
        new OperatorCheck(type, opset, [Floats([2, 3, 4], 1), .. parameters])
        {
            Attributes = [.. attributes.Where(a => type == "GroupNormalization" || a.Key != "num_groups").Select(a => (a.Key, a.Value))],
        }.IsRefused(message);
    }

    [TestMethod]
    public void BatchNormalization_ParametersOfOtherSizes_AreRefused()
    {
        OperatorCheck check = Batch(15, [2, 3, 4], 1);
        (check with { Inputs = [check.Inputs[0], .. Batch(15, [2, 2, 4], 1).Inputs[1..]] })
            .IsRefused("input 1 has 2 elements, expected 3 along one axis");
    }

    private static OperatorCheck Batch(int opset, long[] shape, int seed) => new("BatchNormalization", opset,
        Floats(shape, seed), Floats([shape[1]], seed + 1), Floats([shape[1]], seed + 2),
            Floats([shape[1]], seed + 3), Floats([shape[1]], seed + 4, 0.5f, 2));
}
