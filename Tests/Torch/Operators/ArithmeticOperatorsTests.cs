using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class ArithmeticOperatorsTests
{
    private static readonly Gen<OperatorCheck> Binaries =
        from type in Choice.Of("Add", "Sub", "Mul", "Div", "Pow", "Mod")
        from element in Choice.Of(ElementType.Float, ElementType.Int32, ElementType.Int64)
        from shapes in Broadcast.Shapes(2)
        from seed in Gen.Int[0, 1000]
        let isFloat = element == ElementType.Float
        let right = Values(element, shapes[1], seed + 1, type == "Pow" ? 0 : 1, 4)
        let left = Values(element, shapes[0], seed, type == "Pow" ? 0 : -9, 9)
        select new OperatorCheck(type, 13, left, seed % 2 == 0 && type is "Div" or "Mod" ? Negative(right) : right)
        {
            Attributes = type == "Mod" ? [("fmod", isFloat || seed % 3 == 0 ? 1 : 0)] : [],
        };

    private static readonly Gen<OperatorCheck> Powers =
        from types in Choice.Of(
            (ElementType.Float, ElementType.Int64), (ElementType.Int64, ElementType.Float),
            (ElementType.Int32, ElementType.Int64), (ElementType.Float, ElementType.Int32))
        from shapes in Broadcast.Shapes(2)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck("Pow", 15, Values(types.Item1, shapes[0], seed, 1, 5), Values(types.Item2, shapes[1], seed + 1, 0, 4));

    private static readonly Gen<OperatorCheck> Variadics =
        from type in Choice.Of("Sum", "Mean", "Min", "Max")
        from count in Gen.Int[1, 4]
        from shapes in Broadcast.Shapes(count)
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(type, 13, [.. shapes.Select((shape, i) => Floats(shape, seed + i))]);

    // From where to where each function is defined.
    private static readonly Gen<OperatorCheck> Unaries =
        from function in Choice.Of(
            ("Neg", -9f, 9f), ("Abs", -9f, 9f), ("Sign", -1f, 1f), ("Reciprocal", 0.5f, 3f),
                ("Sqrt", 0f, 9f), ("Exp", -5f, 5f), ("Log", 0.1f, 9f),
            ("Floor", -9f, 9f), ("Ceil", -9f, 9f), ("Round", -9f, 9f), ("Sin", -9f, 9f), ("Cos", -9f, 9f),
                ("Tan", -1f, 1f), ("Asin", -1f, 1f),
            ("Acos", -1f, 1f), ("Atan", -9f, 9f), ("Sinh", -3f, 3f), ("Cosh", -3f, 3f), ("Asinh", -9f, 9f),
                ("Acosh", 1f, 9f), ("Atanh", -0.9f, 0.9f))
        from shape in Gen.Long[0, 5].Array[0, 4]
        from isDouble in Gen.Bool
        from seed in Gen.Int[0, 1000]
        let x = Floats(shape, seed, function.Item2, function.Item3)
        // ONNX Runtime has few of these in double.
        let hasDouble = isDouble && function.Item1 is "Neg" or "Abs" or "Sqrt" or "Exp" or "Log" or "Floor" or "Ceil"
        select new OperatorCheck(function.Item1, 13, hasDouble ? Converted.ToDouble(x) : x);

    [TestMethod]
    public void Binary_AnyShapesAndTypes_AgreesWithOrt() => AllAgreeWithOrt(Binaries, 400);

    [TestMethod]
    public void Pow_OfTwoTypes_AgreesWithOrt() => AllAgreeWithOrt(Powers, 100);

    [TestMethod]
    public void Variadic_AnyShapes_AgreesWithOrt() => AllAgreeWithOrt(Variadics, 200);

    [TestMethod]
    public void Unary_AnyShape_AgreesWithOrt() => AllAgreeWithOrt(Unaries, 300);

    [TestMethod]
    public void Round_Halves_GoToTheEvenNeighbour() => CollectionAssert.AreEqual(new double[] { -2, -2, 0, 0, 2, 2 },
        Numbers(new OperatorCheck("Round", 11, TensorData.FromArray([-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f], new TensorShape(6)))
            .RunTorch()[0]));

    [TestMethod]
    public void Div_OfIntegers_CutsTowardsZero()
    {
        long[] result = new OperatorCheck("Div", 14, Vector(7, -7, 7, -7, long.MinValue), Vector(2, 2, -2, -2, -1))
            .RunTorch()[0].As<long>().ToArray();
        CollectionAssert.AreEqual(new[] { 3, -3, -3, 3, long.MinValue }, result);
    }

    [TestMethod]
    public void Mod_OfIntegers_HasTheSignThatFmodSays()
    {
        TensorData dividend = Vector(7, -7, 7, -7, long.MinValue), divisor = Vector(3, 3, -3, -3, -1);
        CollectionAssert.AreEqual(
            new long[] { 1, 2, -2, -1, 0 }, new OperatorCheck("Mod", 13, dividend, divisor).RunTorch()[0].As<long>().ToArray());
        var fmod = new OperatorCheck("Mod", 13, dividend, divisor) { Attributes = [("fmod", 1)] };
        CollectionAssert.AreEqual(new long[] { 1, -1, 1, -1, 0 }, fmod.RunTorch()[0].As<long>().ToArray());
    }

    [TestMethod]
    public void Add_OfUnsignedIntegers_WrapsAround()
    {
        TensorData a = Converted.From(ElementType.UInt16, new TensorShape(2), new ushort[] { 65535, 7 });
        CollectionAssert.AreEqual(
            new ushort[] { 65534, 14 }, new OperatorCheck("Add", 14, a, a).RunTorch([ElementType.UInt16])[0].As<ushort>().ToArray());
        TensorData b = Converted.From(ElementType.UInt64, new TensorShape(1), new[] { ulong.MaxValue });
        CollectionAssert.AreEqual(
            new[] { ulong.MaxValue - 1 }, new OperatorCheck("Add", 14, b, b).RunTorch([ElementType.UInt64])[0].As<ulong>().ToArray());
    }

    [TestMethod]
    public void Add_BeforeVersion7_AlignsAtTheGivenAxis()
    {
        var check = new OperatorCheck("Add", 6, Floats([2, 3, 4], 1), Floats([3], 2)) { Attributes = [("broadcast", 1), ("axis", 1)] };
        double[] x = Numbers(check.Inputs[0]!), y = Numbers(check.Inputs[1]!);
        CollectionAssert.AreEqual(x.Select((v, i) => (double)((float)v + (float)y[i / 4 % 3])).ToArray(), Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    public void Div_OfIntegersByZero_IsRefused()
    {
        foreach (string type in new[] { "Div", "Mod" })
            foreach (TensorData zeros in new[] { Ints([3], 1, 0, 1), Longs([3], 1, 0, 1), Bytes([3], 1, 0, 1) })
                new OperatorCheck(type, 14, zeros, zeros).IsRefused("divides an integer by zero");
    }

    [TestMethod]
    public void Binary_OperandsThatDoNotFit_AreRefused()
    {
        new OperatorCheck("Add", 14, Floats([2], 1), Longs([2], 1, 0, 9))
            .IsRefused("inputs 0 and 1 are Float32 and Int64, expected one type");
        new OperatorCheck("Add", 14, Floats([2], 1), Floats([3], 1)).IsRefused("cannot run on Float32[2], Float32[3]");
        new OperatorCheck("Add", 14, Floats([200000, 1], 1), Floats([200000], 2))
            .IsRefused("would make a tensor of shape [200000, 200000]");
        new OperatorCheck("Max", 13, Floats([200000, 1], 1), Floats([200000], 2))
            .IsRefused("would make a tensor of shape [200000, 200000]");
        new OperatorCheck("Mod", 13, Floats([2], 1), Floats([2], 1))
            .IsRefused("inputs are Float32 and attribute 'fmod' is 0, expected 1 as for all but integers");
    }

    private static TensorData Values(ElementType type, long[] shape, int seed, int min, int max) =>
        type == ElementType.Float ? Floats(shape, seed, min, max) : type == ElementType.Int32
            ? Ints(shape, seed, min, max) : Longs(shape, seed, min, max);

    private static TensorData Negative(TensorData data) => data.Type switch
    {
        ElementType.Float => Converted.From(data.Type, data.Shape, Array.ConvertAll(data.As<float>().ToArray(), v => -v)),
        ElementType.Int32 => Converted.From(data.Type, data.Shape, Array.ConvertAll(data.As<int>().ToArray(), v => -v)),
        _ => Converted.From(data.Type, data.Shape, Array.ConvertAll(data.As<long>().ToArray(), v => -v)),
    };
}
