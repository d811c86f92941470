using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class PadOperatorsTests
{
    // Pads of −2 to 4 around sizes of 3 to 5: always more than one element is left. ONNX Runtime reflects once only.
    private static readonly Gen<OperatorCheck> Pads =
        from shape in Gen.Long[3, 5].Array[1, 4]
        from mode in Choice.Of("constant", "reflect", "edge", "wrap")
        from opset in Choice.Of(10, 11, 13, 18, 19)
        where mode != "wrap" || opset >= 19
        from pads in Gen.Long[-1, mode == "constant" ? 4 : 1].Array[2 * shape.Length]
        from value in Choice.Of<float?>(null, 1.5f)
        from some in Gen.Bool
        from axes in Gen.Shuffle(Enumerable.Range(-shape.Length, shape.Length).Select(i => (long)i).ToArray())
        let withAxes = opset >= 18 && some
        select opset == 10
            ? new OperatorCheck("Pad", opset, Floats(shape, 1)) { Attributes = [("mode", mode), ("pads", pads), ("value", value ?? 0)] }
            : new OperatorCheck(
                "Pad", opset, [Floats(shape, 1), Vector(pads), value is null ? null
                    : Scalar(value.Value), .. withAxes ? new[] { Vector(axes) } : []])
            {
                Attributes = [("mode", mode)],
            };

    [TestMethod]
    public void Pad_EveryModeAndVersion_AgreesWithOrt() => AllAgreeWithOrt(Pads, 500);

    [TestMethod]
    public void Pad_OfIntegers_AgreesWithOrt() =>
        new OperatorCheck("Pad", 13, Longs([2, 3], 1, -9, 9), Vector(1, 0, 0, 2), TensorData.FromArray([7L], TensorShape.Scalar))
            .AgreesWithOrt();

    // numpy.pad([0, 1, 2], 5, "reflect") and "wrap": farther than the tensor is long.
    [TestMethod]
    [DataRow("reflect", new double[] { 1, 2, 1, 0, 1, 2, 1, 0, 1, 2 })]
    [DataRow("wrap", new double[] { 2, 0, 1, 2, 0, 1, 2, 0, 1, 2 })]
    [DataRow("edge", new double[] { 0, 0, 0, 0, 1, 2, 2, 2, 2, 2 })]
    public void Pad_FartherThanTheTensor_RepeatsThePattern(string mode, double[] expected)
    {
        TensorData data = TensorData.FromArray([0f, 1, 2], new TensorShape(3));
        TensorData padded =
            new OperatorCheck(
                "Pad", 19, data, Vector(mode == "edge" ? 3 : mode == "wrap" ? 4 : 3, 4))
            { Attributes = [("mode", mode)] }.RunTorch()[0];
        CollectionAssert.AreEqual(expected, Numbers(padded)[..expected.Length]);
    }

    [TestMethod]
    public void CenterCropPad_AnySizes_AgreesWithItsDefinition() =>
        Drawn.Check(Gen.Select(Gen.Long[1, 6], Gen.Long[1, 6]), 50, c =>
        {
            (long size, long wanted) = c;
            double[] data = [.. Enumerable.Range(1, (int)size).Select(i => (double)i)];
            TensorData result =
                new OperatorCheck("CenterCropPad", 18, Converted.From(ElementType.Double, new TensorShape(size), data), Vector(wanted))
                    .RunTorch()[0];
            // onnx.ai/onnx/operators/onnx__CenterCropPad.html: an odd element is lost or won at the end.
            long margin = Math.Abs(size - wanted) / 2;
            double[] expected = size >= wanted
                ? data[(int)margin..(int)(margin + wanted)]
                : [.. Enumerable.Repeat(0.0, (int)margin), .. data, .. Enumerable.Repeat(0.0, (int)(wanted - size - margin))];
            CollectionAssert.AreEqual(expected, Numbers(result));
        });

    [TestMethod]
    public void Pad_SenselessOperands_IsRefused()
    {
        new OperatorCheck("Pad", 13, Floats([2, 3], 1), Vector(1, 1)).IsRefused("has 2 pads for 2 axes, expected two for each");
        new OperatorCheck("Pad", 13, Floats([3], 1), Vector(-2, -2)).IsRefused("takes -2 and -2 away from size 3 of axis 0");
        new OperatorCheck("Pad", 13, Floats([3], 1), Vector(1L << 40, 0)).IsRefused("would make a tensor of shape");
        new OperatorCheck("Pad", 13, Floats([3], 1), Vector(long.MaxValue, long.MaxValue)).IsRefused("would make a tensor of shape");
        new OperatorCheck("Pad", 13, Floats([3], 1), Vector(long.MinValue, 0)).IsRefused("away from size 3 of axis 0");
        new OperatorCheck("Pad", 13, Floats([3], 1), Vector(1, 1)) { Attributes = [("mode", "mirror")] }.IsRefused(
            "attribute 'mode' is 'mirror', expected constant, edge, reflect, wrap");
        new OperatorCheck("Pad", 13, Floats([0], 1), Vector(1, 1)) { Attributes = [("mode", "edge")] }.IsRefused(
            "pads axis 0 by edge, but it is empty");
        new OperatorCheck("Pad", 10, Floats([3], 1)).IsRefused("has no attribute 'pads'");
    }
}
