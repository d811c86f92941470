using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CsCheck;
using TorchSharp;
using static CnnOnnx.Tests.Operators.OperatorCheck;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class QuantizationOperatorsTests
{
    private static readonly Gen<OperatorCheck> Quantizations =
        from q in Parameters(ElementType.UInt8, ElementType.Int8, ElementType.UInt16, ElementType.Int16)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(
            "QuantizeLinear", q.Opset, Floats(q.Shape, seed, -4, 4), q.Scale, q.ZeroPoint)
        { Attributes = q.Attributes };

    private static readonly Gen<OperatorCheck> Dequantizations =
        from q in Parameters(ElementType.UInt8, ElementType.Int8, ElementType.UInt16, ElementType.Int16, ElementType.Int32)
        from seed in Gen.Int[0, 1000]
        let data = Integers(q.ZeroPoint?.Type ?? ElementType.UInt8, q.Shape, seed, 0, 127)
        select new OperatorCheck("DequantizeLinear", q.Opset, data, q.Scale, q.ZeroPoint) { Attributes = q.Attributes };

    private static readonly Gen<OperatorCheck> Ranges =
        from shape in Gen.Long[1, 5].Array[1, 3]
        from least in Choice.Of(-3f, -1f, 0f, 0.5f)
        from most in Choice.Of(0f, 1f, 5f)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("DynamicQuantizeLinear", 11, Floats(shape, seed, least, most)) { Outputs = 3 };

    private static readonly Gen<OperatorCheck> Products =
        from m in Gen.Long[1, 4]
        from k in Gen.Long[1, 5]
        from n in Gen.Long[1, 4]
        from perColumn in Gen.Bool
        from zeros in Gen.Int[0, 2]
        from rightType in Choice.Of(ElementType.UInt8, ElementType.Int8)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("MatMulInteger", 10, Bytes([m, k], seed), Integers(rightType, [k, n], seed + 1, 0, 127),
            zeros > 0 ? Bytes([], seed) : null, zeros > 1 ? Integers(rightType, perColumn ? [n] : [], seed, 0, 127) : null);

    private static readonly Gen<OperatorCheck> Convolutions =
        from c in Convolved
        from zeros in Gen.Int[0, 2]
        select new OperatorCheck(
            "ConvInteger", 10, c.Input, c.Weight, zeros > 0 ? c.InputZero : null, zeros > 1 ? c.WeightZero
                : null)
        { Attributes = c.Attributes };

    private static readonly Gen<OperatorCheck> QuantizedConvolutions =
        from c in Convolved
        from perChannel in Gen.Bool
        from hasBias in Gen.Bool
        from scale in Gen.Float[0.01f, 0.2f].Array[3]
        from seed in Gen.Int[0, 1000]
        let outputs = c.Weight.Shape[0]
        select new OperatorCheck("QLinearConv", 10, c.Input, Scalar(scale[0]), c.InputZero,
            c.Weight, perChannel ? Floats([outputs], seed, 0.01f, 0.2f) : Scalar(scale[1]), perChannel
                ? Integers(c.Weight.Type, [outputs], 0, 0, 1) : c.WeightZero,
            Scalar(scale[2]), Bytes([], seed), hasBias ? Ints([outputs], seed, -99, 99) : null)
        {
            Attributes = c.Attributes,
            Constants = [1, 2, 3, 4, 5, 6, 7],
        };

    private static readonly Gen<OperatorCheck> QuantizedProducts =
        from m in Gen.Long[1, 4]
        from k in Gen.Long[1, 5]
        from n in Gen.Long[1, 4]
        from perColumn in Gen.Bool
        from scale in Gen.Float[0.01f, 0.2f].Array[3]
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("QLinearMatMul", 10, Bytes([m, k], seed), Scalar(scale[0]), Bytes([], seed),
            Bytes([k, n], seed + 1), perColumn ? Floats([n], seed, 0.01f, 0.2f) : Scalar(scale[1]), Bytes(perColumn ? [n] : [], seed),
            Scalar(scale[2]), Bytes([], seed))
        {
            Constants = [1, 2, 4, 5, 6, 7],
        };

    private static Gen<(
        TensorData Input, TensorData InputZero, TensorData Weight, TensorData WeightZero, (string, object)[] Attributes)> Convolved =>
        from groups in Gen.Long[1, 2]
        from inputs in Gen.Long[1, 2]
        from outputs in Gen.Long[1, 2]
        from stride in Gen.Long[1, 2]
        from pads in Gen.Long[0, 1].Array[4]
        from type in Choice.Of(ElementType.UInt8, ElementType.Int8)
        from seed in Gen.Int[0, 1000]
        select (Bytes([1, groups * inputs, 5, 6], seed), Bytes([], seed),
            Integers(type, [groups * outputs, inputs, 3, 2], seed + 1, type == ElementType.Int8 ? -128 : 0, 127),
                Integers(type, [], seed, 0, 127),
            new (string, object)[] { ("group", groups), ("strides", new[] { stride, stride }), ("pads", pads) });

    [TestMethod]
    public void QuantizeLinear_EveryTypeAndSpread_AgreesWithOrt() => AllAgreeWithOrt(Quantizations, 400);

    [TestMethod]
    public void DequantizeLinear_EveryTypeAndSpread_AgreesWithOrt() => AllAgreeWithOrt(Dequantizations, 400);

    [TestMethod]
    public void QuantizeLinear_AtHalves_RoundsToEvenAndSaturates()
    {
        TensorData halves = TensorData.FromArray([0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 1000, -1000], new TensorShape(7));
        var check = new OperatorCheck(
            "QuantizeLinear", 13, halves, Scalar(1), Converted.From<byte>(ElementType.UInt8, TensorShape.Scalar, [100]));
        CollectionAssert.AreEqual(new double[] { 100, 102, 102, 100, 98, 255, 0 }, Numbers(check.RunTorch()[0]));
        check.AgreesWithOrt();
    }

    [TestMethod]
    public void DynamicQuantizeLinear_AnyRange_AgreesWithOrt() => AllAgreeWithOrt(Ranges);

    [TestMethod]
    public void DynamicQuantizeLinear_OfZeros_AgreesWithOrt() =>
        new OperatorCheck("DynamicQuantizeLinear", 11, Floats([3], 1, 0, 0)) { Outputs = 3 }.AgreesWithOrt();

    [TestMethod]
    public void MatMulInteger_AnyZeroPoints_AgreesWithOrt() => AllAgreeWithOrt(Products, 200);

    // ONNX Runtime has no zero point for each row.
    [TestMethod]
    public void MatMulInteger_ZeroPointForEachRow_MovesTheRow()
    {
        TensorData Matrix(params byte[] values) => Converted.From(ElementType.UInt8, new TensorShape(values.Length / 2, 2), values);
        var check = new OperatorCheck(
            "MatMulInteger", 10, Matrix(5, 6, 7, 8), Matrix(1, 0, 0, 1),
                Converted.From<byte>(ElementType.UInt8, new TensorShape(2), [5, 8]));
        CollectionAssert.AreEqual(new double[] { 0, 1, -1, 0 }, Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    public void ConvInteger_AnyWindow_AgreesWithOrt() => AllAgreeWithOrt(Convolutions, 200);

    // One step apart is allowed: the runtimes multiply by the scales in another order.
    [TestMethod]
    public void QLinearConv_AnyWindow_AgreesWithOrt() => AllWithinOneStep(QuantizedConvolutions);

    [TestMethod]
    public void QLinearMatMul_AnyScales_AgreesWithOrt() => AllWithinOneStep(QuantizedProducts);

    // d/dx of dequantize(quantize(x)) is 1 inside the range of the type and 0 where the value is saturated.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void DequantizeLinear_AfterQuantizeLinear_LetsTheGradientThrough(bool hasZeroPoint)
    {
        string[] parameters = hasZeroPoint ? ["s", "z"] : ["s"];
        var graph = new CnnOnnx.Onnx.GraphBuilder("pair", 13);
        graph.Input("x", ElementType.Float, 4);
        graph.Initializer("s", Scalar(0.1f));
        graph.Initializer("z", Converted.From<byte>(ElementType.UInt8, TensorShape.Scalar, [100]));
        graph.Node("QuantizeLinear", "q", ["x", .. parameters]);
        graph.Node("DequantizeLinear", "y", ["q", .. parameters]);
        graph.Output("y", ElementType.Float, 4);

        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(graph.Build());
        // Without a zero point the range is 0 to 25.5.
        Tensor x = tensor(hasZeroPoint ? new[] { -20f, -3.33f, 15.49f, 15.6f } : [-0.1f, 3.33f, 25.49f, 25.6f], requires_grad: true);
        Tensor y = module.forward(x);
        Assert.IsTrue(allclose(y, tensor(hasZeroPoint ? new[] { -10f, -3.3f, 15.5f, 15.5f } : [0, 3.3f, 25.5f, 25.5f]), atol: 1e-5));
        y.sum().backward();
        CollectionAssert.AreEqual(new[] { 0f, 1, 1, 0 }, x.grad!.data<float>().ToArray());
    }

    [TestMethod]
    public void SenselessOperands_AreRefused()
    {
        new OperatorCheck("QuantizeLinear", 13, Floats([2, 3], 1), Floats([2], 1))
            .IsRefused("has a scale or zero point of shape [2] for [2, 3], axis 1, blocks of 0");
        new OperatorCheck("QuantizeLinear", 21, Floats([2, 3], 1), Floats([2, 2], 1)) { Attributes = [("block_size", 1)] }.IsRefused(
            "of shape [2, 2] for [2, 3], axis 1, blocks of 1");
        new OperatorCheck("QuantizeLinear", 13, Floats([2, 3], 1), Floats([3], 1)) { Attributes = [("axis", 2)] }.IsRefused(
            "axis 2 is outside a tensor of 2 axes");
        new OperatorCheck("QuantizeLinear", 13, Floats([2], 1), Scalar(1), Floats([], 1))
            .IsRefused("quantises to Float32, expected 8 or 16 bits");
        new OperatorCheck("DynamicQuantizeLinear", 11, Floats([0], 1)) { Outputs = 3 }.IsRefused("has an empty input, which has no range");
        new OperatorCheck("MatMulInteger", 10, Bytes([2, 3], 1), Bytes([2, 3], 1)).IsRefused("cannot run on");
    }

    // Per tensor, per position of an axis, in blocks of an axis (since version 21).
    private static Gen<(int Opset, long[] Shape, TensorData Scale, TensorData? ZeroPoint, (string, object)[] Attributes)> Parameters(
        params ElementType[] types) =>
        from type in Choice.Of(types)
        from spread in Choice.Of("tensor", "axis", "block")
        from shape in Gen.Long[1, 6].Array[1, 3]
        from axis in Gen.Int[0, shape.Length - 1]
        from block in Gen.Long[1, 3]
        from hasZeroPoint in Gen.Bool
        from seed in Gen.Int[0, 1000]
        let opset = spread == "block" || type is ElementType.UInt16 or ElementType.Int16 ? 21 : 13
        let parameter = spread == "tensor" ? [] : spread == "axis" ? new[] { shape[axis] }
            : shape.Select((size, i) => i == axis ? (size + block - 1) / block : size).ToArray()
        where spread != "block" || new TensorShape(parameter).Count > 1
        // Before blocks, a missing zero point means uint8; of int32 it is always 0.
        let zero = hasZeroPoint || type != ElementType.UInt8 ? Integers(type, parameter, seed, 0, type == ElementType.Int32 ? 1 : 100)
            : null
        select (opset, shape, Floats(parameter, seed, 0.02f, 0.1f), zero,
            new (string, object)[] { ("axis", axis) }.Concat(spread == "block" ? [("block_size", block)] : []).ToArray());

    private static TensorData Integers(ElementType type, long[] shape, int seed, int min, int max)
    {
        int[] values = Ints(shape, seed, min, max).As<int>().ToArray();
        var of = new TensorShape(shape);
        return type switch
        {
            ElementType.UInt8 => Converted.From(type, of, Array.ConvertAll(values, v => (byte)v)),
            ElementType.Int8 => Converted.From(type, of, Array.ConvertAll(values, v => (sbyte)v)),
            ElementType.UInt16 => Converted.From(type, of, Array.ConvertAll(values, v => (ushort)v)),
            ElementType.Int16 => Converted.From(type, of, Array.ConvertAll(values, v => (short)v)),
            _ => Converted.From(type, of, values),
        };
    }

    private static void AllWithinOneStep(Gen<OperatorCheck> cases) => Drawn.Check(cases, 200, check =>
    {
        TensorData expected = check.RunOrt()[0], actual = check.RunTorch()[0];
        Assert.AreEqual((expected.Type, expected.Shape), (actual.Type, actual.Shape));
        foreach ((double e, double a) in Numbers(expected).Zip(Numbers(actual)))
            Assert.AreEqual(e, a, 1, check.ToString());
    }, check => check.ToString());
}
