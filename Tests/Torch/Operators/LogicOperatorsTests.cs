using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class LogicOperatorsTests
{
    private static readonly Gen<OperatorCheck> Comparisons =
        from type in Choice.Of("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
        from shapes in Broadcast.Shapes(2)
        from isFloat in Gen.Bool
        from seed in Gen.Int[0, 1000]
        select isFloat
            ? new OperatorCheck(type, 16, Floats(shapes[0], seed), Floats(shapes[1], seed + 1))
            : new OperatorCheck(type, 16, Ints(shapes[0], seed, 0, 3), Ints(shapes[1], seed + 1, 0, 3));

    private static readonly Gen<OperatorCheck> Logic =
        from type in Choice.Of("And", "Or", "Xor", "Equal")
        from shapes in Broadcast.Shapes(2)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(type, 16, Bools(shapes[0], seed), Bools(shapes[1], seed + 1));

    private static readonly Gen<OperatorCheck> Bits =
        from type in Choice.Of("BitwiseAnd", "BitwiseOr", "BitwiseXor")
        from shapes in Broadcast.Shapes(2)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(
            type, 18, Ints(shapes[0], seed, int.MinValue, int.MaxValue), Ints(shapes[1], seed + 1, int.MinValue, int.MaxValue));

    private static readonly Gen<OperatorCheck> Shifts =
        from direction in Choice.Of("LEFT", "RIGHT")
        from type in Choice.Of(ElementType.UInt8, ElementType.UInt32, ElementType.UInt64)
        from values in Gen.ULong.Array[6]
        from counts in Gen.ULong[0, 7].Array[6]
        select new OperatorCheck(
            "BitShift", 11, Unsigned(type, values), Unsigned(type, counts))
        { Attributes = [("direction", direction)] };

    [TestMethod]
    public void Comparison_AnyShapes_AgreesWithOrt() => AllAgreeWithOrt(Comparisons, 200);

    [TestMethod]
    public void Logic_AnyShapes_AgreesWithOrt() => AllAgreeWithOrt(Logic);

    [TestMethod]
    public void Bitwise_AnyShapes_AgreesWithOrt() => AllAgreeWithOrt(Bits);

    [TestMethod]
    public void BitShift_AnyUnsignedType_AgreesWithOrt() => AllAgreeWithOrt(Shifts);

    [TestMethod]
    public void Not_And_BitwiseNot_AgreeWithOrt()
    {
        new OperatorCheck("Not", 1, Bools([5], 1)).AgreesWithOrt();
        new OperatorCheck("BitwiseNot", 18, Ints([5], 1, int.MinValue, int.MaxValue)).AgreesWithOrt();
    }

    [TestMethod]
    public void IsInf_EachSign_AgreesWithOrt()
    {
        TensorData x = TensorData.FromArray(
            [float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0f, float.MaxValue], new TensorShape(5));
        new OperatorCheck("IsNaN", 13, x).AgreesWithOrt();
        foreach ((int negative, int positive) in new[] { (0, 0), (0, 1), (1, 0), (1, 1) })
            new OperatorCheck(
                "IsInf", 10, x)
            { Attributes = [("detect_negative", negative), ("detect_positive", positive)] }.AgreesWithOrt();
    }

    [TestMethod]
    public void BitShift_WithoutDirection_IsRefused()
    {
        new OperatorCheck("BitShift", 11, Bytes([2], 1), Bytes([2], 1))
            .IsRefused("attribute 'direction' is missing, expected LEFT or RIGHT");
        new OperatorCheck("And", 7, Bools([2], 1), Bytes([2], 1)).IsRefused("inputs 0 and 1 are Bool and Byte, expected one type");
    }

    private static TensorData Unsigned(ElementType type, ulong[] values) => type switch
    {
        ElementType.UInt8 => Converted.From(type, new TensorShape(values.Length), Array.ConvertAll(values, v => (byte)v)),
        ElementType.UInt32 => Converted.From(type, new TensorShape(values.Length), Array.ConvertAll(values, v => (uint)v)),
        _ => Converted.From(type, new TensorShape(values.Length), values),
    };
}
