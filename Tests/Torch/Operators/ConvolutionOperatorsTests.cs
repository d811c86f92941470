using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class ConvolutionOperatorsTests
{
    private static readonly Gen<OperatorCheck> Convolutions =
        from window in WindowGen.Any
        from groups in Gen.Long[1, 3]
        from inputs in Gen.Long[1, 3]
        from outputs in Gen.Long[1, 3]
        from batch in Gen.Long[1, 2]
        from hasBias in Gen.Bool
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("Conv", 11,
            Floats([batch, groups * inputs, .. window.Sizes], seed),
            Floats([groups * outputs, inputs, .. window.Kernel], seed + 1),
            hasBias ? Floats([groups * outputs], seed + 2) : null)
        {
            Attributes = [.. window.Attributes, ("group", groups)],
        };

    private static readonly Gen<OperatorCheck> Transposed =
        from window in WindowGen.Any
        from groups in Gen.Long[1, 2]
        from inputs in Gen.Long[1, 2]
        from outputs in Gen.Long[1, 2]
        from sizes in Gen.Long[1, 4].Array[window.Kernel.Length]
        from extra in Gen.Long[0, 2].Array[window.Kernel.Length]
        from placement in Choice.Of("", "", "output_padding", "output_shape")
        from hasBias in Gen.Bool
        from seed in Gen.Int[0, 1000]
        let natural = window.Strides.Select((s, i) => s * (sizes[i] - 1) + (window.Kernel[i] - 1) * window.Dilations[i] + 1).ToArray()
        let padding = extra.Select((e, i) => Math.Min(e, window.Strides[i] - 1)).ToArray()
        let shape = natural.Select((n, i) => Math.Max(1, n - extra[i])).ToArray()
        // What pads leave of each axis has to be something.
        where placement == "output_shape" || window.AutoPad != "NOTSET"
            || natural.Select((n, i) => n - window.Pads[i] - window.Pads[i + natural.Length]).All(left => left > 0)
        // SAME with an output larger than what the windows reach is not defined.
        where placement == "output_shape" || !window.AutoPad.StartsWith("SAME", StringComparison.Ordinal)
            || natural.Select((n, i) => n >= sizes[i] * window.Strides[i]).All(reached => reached)
        select new OperatorCheck("ConvTranspose", 11,
            Floats([1, groups * inputs, .. sizes], seed),
            Floats([groups * inputs, outputs, .. window.Kernel], seed + 1),
            hasBias ? Floats([groups * outputs], seed + 2) : null)
        {
            Attributes =
            [
                .. window.Attributes, ("group", groups),
                .. placement == "output_padding" ? new (string, object)[] { (placement, padding) }
                    : placement == "output_shape" ? [(placement, shape)] : [],
            ],
        };

    [TestMethod]
    public void Conv_AnyWindow_AgreesWithOrt() => AllAgreeWithOrt(Convolutions, 300);

    [TestMethod]
    public void ConvTranspose_AnyWindow_AgreesWithOrt() => AllAgreeWithOrt(Transposed, 300);

    [TestMethod]
    public void Conv_OfHalf_AgreesWithFloat()
    {
        TensorData x = Floats([1, 2, 5, 5], 1), w = Floats([3, 2, 3, 3], 2);
        TensorData whole = new OperatorCheck("Conv", 11, x, w).RunTorch()[0];
        TensorData half = new OperatorCheck("Conv", 11, Converted.ToHalf(x), Converted.ToHalf(w)).RunTorch()[0];
        Assert.AreEqual(ElementType.Float16, half.Type);
        // Operands of up to 2 are rounded to 11 bits, products of them are summed 18 times.
        Assert.IsNull(Difference(Converted.ToFloat(half), whole, relative: 2e-3, absolute: 1e-2));
    }

    [TestMethod]
    [DataRow("strides", new long[] { 0, 1 }, "attribute 'strides' is 0, expected 1 to 65536")]
    [DataRow("strides", new long[] { 1 }, "attribute 'strides' is [1], expected a value for each of 2 spatial axes")]
    [DataRow("dilations", new long[] { 1, -1 }, "attribute 'dilations' is -1, expected 1 to 16777216")]
    [DataRow("pads", new long[] { 0, 0, -1, 0 }, "attribute 'pads' is -1, expected 0 to 16777216")]
    [DataRow("pads", new long[] { 0, 0, 0 }, "attribute 'pads' is [0], expected a value for each of 2 spatial axes")]
    [DataRow("pads", new long[] { 16000000, 16000000, 16000000, 16000000 }, "attribute 'pads' is 16000000, expected -65536 to 65536")]
    [DataRow("kernel_shape", new long[] { 2, 2 }, "attribute 'kernel_shape' is [2, 2], but the weights have [3, 3]")]
    [DataRow("dilations", new long[] { 9, 9 }, "a window of 19 cells does not fit into 5 + 0 along axis 2")]
    [DataRow("group", 0L, "attribute 'group' is 0, expected 1 to 16777216")]
    [DataRow("group", 3L, "cannot run on")]
    [DataRow("auto_pad", "SAME", "attribute 'auto_pad' is 'SAME', expected NOTSET, VALID, SAME_UPPER, SAME_LOWER")]
    [DataRow("auto_pad", 1L, "attribute 'auto_pad' is Int, expected String")]
    public void Conv_SenselessAttribute_IsRefused(string attribute, object value, string message) =>
        new OperatorCheck("Conv", 11, Floats([1, 2, 5, 5], 1), Floats([1, 2, 3, 3], 2)) { Attributes = [(attribute, value)] }.IsRefused(
            message);

    [TestMethod]
    public void Conv_OperandsThatDoNotFit_AreRefused()
    {
        new OperatorCheck("Conv", 11, Floats([1, 2], 1), Floats([1, 2], 2))
            .IsRefused("the input has 2 axes, expected [N, C] and 1 to 3 spatial ones");
        new OperatorCheck("Conv", 11, Floats([1, 2, 5], 1), Floats([1, 2, 3, 3], 2))
            .IsRefused("the weights have 4 axes, expected 3 as the input has");
        new OperatorCheck("Conv", 11, Floats([1, 3, 5], 1), Floats([1, 2, 3], 2))
            .IsRefused("cannot run on Float32[1, 3, 5], Float32[1, 2, 3]");
        new OperatorCheck("Conv", 11, Floats([1, 2, 5], 1), null).IsRefused("input 1 is left out, but the operator needs it");
    }

    [TestMethod]
    [DataRow("strides", new long[] { 16000000, 16000000 }, "attribute 'strides' is 16000000, expected 1 to 65536")]
    [DataRow("output_padding", new long[] { 1 }, "attribute 'output_padding' has 1 values, expected 2")]
    [DataRow("output_shape", new long[] { 0, 0 }, "attribute 'output_shape' is 0, expected 1 to 16777216")]
    [DataRow("pads", new long[] { 9, 9, 9, 9 }, "a size is negative")]
    public void ConvTranspose_SenselessAttribute_IsRefused(string attribute, object value, string message) =>
        new OperatorCheck(
            "ConvTranspose", 11, Floats([1, 2, 5, 5], 1), Floats([2, 1, 3, 3], 2))
        { Attributes = [(attribute, value)] }.IsRefused(message);
}
