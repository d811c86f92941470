using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class ActivationOperatorsTests
{
    // Attributes that are not the defaults.
    private static readonly (string Type, int Opset, (string, object)[] Attributes)[] Functions =
    [
        ("Relu", 14, []),
        ("LeakyRelu", 16, [("alpha", 0.3f)]),
        ("ThresholdedRelu", 10, [("alpha", 0.7f)]),
        ("Elu", 6, [("alpha", 0.6f)]),
        ("Selu", 6, [("alpha", 1.2f), ("gamma", 1.5f)]),
        ("Celu", 12, [("alpha", 0.6f)]),
        ("Sigmoid", 13, []),
        ("HardSigmoid", 6, [("alpha", 0.4f), ("beta", 0.3f)]),
        ("HardSwish", 14, []),
        ("Tanh", 13, []),
        ("Softplus", 1, []),
        ("Softsign", 1, []),
        ("Gelu", 20, [("approximate", "tanh")]),
        ("Mish", 18, []),
        ("Shrink", 9, [("bias", 0.2f), ("lambd", 0.8f)]),
        ("Erf", 13, []),
    ];

    private static readonly Gen<OperatorCheck> Any =
        from function in Choice.Of(Functions)
        from shape in Gen.Long[0, 5].Array[0, 4]
        from isDefault in Gen.Bool
        from range in Choice.Of(1f, 4f, 40f)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(function.Type, function.Opset, Floats(shape, seed, -range, range))
        {
            Attributes = isDefault ? [] : function.Attributes,
        };

    private static readonly Gen<OperatorCheck> Slopes =
        from shape in Gen.Long[1, 4].Array[1, 4]
        from dropped in Gen.Int[0, shape.Length]
        from single in Gen.Bool.Array[shape.Length]
        from seed in Gen.Int[0, 1000]
        let slope = shape.Select((size, axis) => single[axis] ? 1 : size).Skip(dropped).ToArray()
        select new OperatorCheck("PRelu", 16, Floats(shape, seed), Floats(slope, seed + 1));

    private static readonly Gen<OperatorCheck> Bounds =
        from shape in Gen.Long[1, 4].Array[0, 3]
        from opset in Choice.Of(11, 13)
        from min in Gen.Float[-1, 1]
        from max in Gen.Float[-1, 1]
        from which in Gen.Int[0, 3]
        from constants in Choice.Of<int[]>([], [1, 2])
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(
            "Clip", opset, Floats(shape, seed), which is 0 or 1 ? Scalar(min) : null, which is 0 or 2 ? Scalar(max) : null)
        {
            Constants = constants,
        };

    [TestMethod]
    public void Activation_AnyShape_AgreesWithOrt() => AllAgreeWithOrt(Any, 400);

    [TestMethod]
    public void PRelu_SlopeOfAnyShape_AgreesWithOrt() => AllAgreeWithOrt(Slopes, 150);

    [TestMethod]
    public void Clip_AnyBounds_AgreesWithOrt() => AllAgreeWithOrt(Bounds, 150);

    [TestMethod]
    public void Clip_OfIntegers_StaysExact()
    {
        TensorData x = Vector(long.MinValue, -3, 7, long.MaxValue);
        TensorData clipped = new OperatorCheck("Clip", 12, x, Whole(-(1L << 60) - 1), Whole((1L << 60) + 1)).RunTorch()[0];
        CollectionAssert.AreEqual(new[] { -(1L << 60) - 1, -3, 7, (1L << 60) + 1 }, clipped.As<long>().ToArray());
    }

    [TestMethod]
    public void Clip_BeforeVersion11_HasItsBoundsInAttributes()
    {
        new OperatorCheck("Clip", 6, Floats([5], 1)) { Attributes = [("min", -0.5f), ("max", 0.5f)] }.AgreesWithOrt();
        new OperatorCheck("Clip", 6, Floats([5], 1)) { Attributes = [("min", 0.5f)] }.AgreesWithOrt();
        new OperatorCheck("Clip", 6, Floats([9], 1, -9, 9)) { Attributes = [("min", 0f), ("max", 6f)] }.AgreesWithOrt();
    }

    [TestMethod]
    public void PRelu_BeforeVersion7_HasASlopeForEachChannel()
    {
        var check = new OperatorCheck("PRelu", 6, Floats([1, 2, 3], 1, -2, -1), TensorData.FromArray([2f, 3f], new TensorShape(2)));
        double[] x = Numbers(check.Inputs[0]!);
        CollectionAssert.AreEqual(x.Select((v, i) => (double)((float)v * (i < 3 ? 2f : 3f))).ToArray(), Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    public void Swish_AnyFactor_IsInputTimesSigmoid()
    {
        TensorData x = Doubles([20], 1, -5, 5);
        foreach (float alpha in new[] { 1f, 1.5f })
        {
            double[] expected = [.. Numbers(x).Select(v => v / (1 + Math.Exp(-alpha * v)))];
            TensorData result = new OperatorCheck("Swish", 24, x) { Attributes = [("alpha", alpha)] }.RunTorch()[0];
            Assert.IsNull(Difference(result, Converted.From(ElementType.Double, x.Shape, expected), 1e-12, 1e-12));
        }
    }

    [TestMethod]
    public void Activation_OfHalf_AgreesWithFloat()
    {
        foreach ((string type, int opset, (string, object)[] attributes) in Functions)
        {
            TensorData x = Floats([50], 1, -3, 3);
            TensorData whole = new OperatorCheck(type, opset, x) { Attributes = attributes }.RunTorch()[0];
            foreach ((TensorData low, double tolerance) in new[] { (Converted.ToHalf(x), 4e-3), (Converted.ToBFloat16(x), 3e-2) })
            {
                TensorData result = new OperatorCheck(type, opset, low) { Attributes = attributes }.RunTorch()[0];
                Assert.AreEqual(low.Type, result.Type, type);
                // Operands are rounded to 11 and 8 bits; functions with a step there are left out by chance of the seed.
                Assert.IsNull(Difference(Converted.ToFloat(result), whole, tolerance, tolerance), type);
            }
        }
    }

    [TestMethod]
    [DataRow("Celu", 12, "alpha", 0f, "attribute 'alpha' is 0, expected another number")]
    [DataRow("Gelu", 20, "approximate", "erf", "attribute 'approximate' is 'erf', expected none, tanh")]
    [DataRow("LeakyRelu", 6, "alpha", 1L, "attribute 'alpha' is Int, expected Float")]
    public void Activation_SenselessAttribute_IsRefused(string type, int opset, string attribute, object value, string message) =>
        new OperatorCheck(type, opset, Floats([3], 1)) { Attributes = [(attribute, value)] }.IsRefused(message);

    [TestMethod]
    public void Clip_BoundsOfAnotherTypeOrShape_AreRefused()
    {
        new OperatorCheck("Clip", 13, Floats([3], 1), Whole(1)).IsRefused("inputs 0 and 1 are Float32 and Int64, expected one type");
        new OperatorCheck("Clip", 13, Floats([3], 1), Floats([2], 1)).IsRefused("input 1 has 2 elements, expected one number");
    }

    private static TensorData Whole(long value) => TensorData.FromArray([value], TensorShape.Scalar);
}
