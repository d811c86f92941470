using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CsCheck;
using TorchSharp;
using static CnnOnnx.Tests.Operators.OperatorCheck;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class CreationOperatorsTests
{
    private static readonly Gen<OperatorCheck> Eyes =
        from shape in Gen.Long[1, 5].Array[2]
        from diagonal in Gen.Long[-6, 6]
        from type in Choice.Of<ElementType?>(null, ElementType.Float, ElementType.Int32, ElementType.Double)
        select new OperatorCheck("EyeLike", 9, Floats(shape, 1))
        {
            Attributes = [("k", diagonal), .. type is null ? new (string, object)[] { } : [("dtype", (long)type)]],
        };

    private static readonly Gen<OperatorCheck> OneHots =
        from shape in Gen.Long[1, 3].Array[1, 3]
        from axis in Gen.Int[-shape.Length - 1, shape.Length]
        from depth in Gen.Long[1, 5]
        from seed in Gen.Int[0, 100]
        select new OperatorCheck(
            "OneHot", 11, Longs(shape, seed, -8, 8), Vector(depth), Floats([2], seed))
        { Attributes = [("axis", axis)] };

    private static readonly Gen<OperatorCheck> Ranges =
        from start in Gen.Int[-20, 20]
        from limit in Gen.Int[-20, 20]
        from delta in Gen.Int[-7, 7]
        from isFloat in Gen.Bool
        where delta != 0
        select isFloat
            ? new OperatorCheck("Range", 11, Scalar(start * 0.7f), Scalar(limit * 0.9f), Scalar(delta * 0.3f))
            : new OperatorCheck("Range", 11, Number(start), Number(limit), Number(delta));

    private static readonly Gen<OperatorCheck> Triangles =
        from shape in Gen.Long[1, 4].Array[2, 4]
        from upper in Gen.Bool
        from diagonal in Choice.Of<long?>(null, -9, -2, -1, 0, 1, 3, 9)
        select new OperatorCheck(
            "Trilu", 14, Floats(shape, 1), diagonal is null ? null : Number(diagonal.Value))
        { Attributes = [("upper", upper ? 1 : 0)] };

    [TestMethod]
    public void EyeLike_AnyDiagonal_AgreesWithOrt() => AllAgreeWithOrt(Eyes);

    [TestMethod]
    public void OneHot_AnyAxisAndIndices_AgreesWithOrt() => AllAgreeWithOrt(OneHots);

    [TestMethod]
    public void Range_AnyDirection_AgreesWithOrt() => AllAgreeWithOrt(Ranges, 200);

    [TestMethod]
    public void Trilu_AnyDiagonal_AgreesWithOrt() => AllAgreeWithOrt(Triangles);

    [TestMethod]
    [DataRow("value_float", 2.5f)]
    [DataRow("value_int", 7L)]
    [DataRow("value_floats", new float[] { 1, 2.5f })]
    [DataRow("value_ints", new long[] { 1, -2, 3 })]
    public void Constant_EveryForm_AgreesWithOrt(string form, object value) =>
        new OperatorCheck("Constant", 13) { Attributes = [(form, value)] }.AgreesWithOrt();

    [TestMethod]
    public void Constant_OfEveryType_AgreesWithOrt()
    {
        foreach (TensorData value in new[] { Floats([2, 3], 1), Doubles([2], 1), Ints([0], 1, 0, 1), Bools([], 1), Bytes([3], 1),
            Converted.ToHalf(Floats([2], 1)) })
            new OperatorCheck("Constant", 13) { Attributes = [("value", value)] }.AgreesWithOrt();
    }

    [TestMethod]
    [DataRow(new long[] { 3 }, new long[] { 1, 4, 5 })]
    [DataRow(new long[] { 3, 2 }, new long[] { 0, 1, 1, 1, 1, 2 })]
    public void Constant_SparseValue_BecomesDense(long[] shape, long[] indices)
    {
        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(Sparse(shape, indices));
        TensorData dense = TorchTensors.ToData(module.Run([], ["y"])[0]);
        Assert.AreEqual(new TensorShape(2, 3), dense.Shape);
        CollectionAssert.AreEqual(new double[] { 0, 10, 0, 0, 11, 12 }, Numbers(dense));
    }

    [TestMethod]
    public void Constant_SparseValueOutside_IsRefused()
    {
        OnnxException fault = Assert.ThrowsExactly<OnnxException>(() => new OnnxModule(Sparse([3], [1, 4, 6])));
        Assert.Contains("has a sparse value at 6 of [2, 3]", fault.Message);
    }

    [TestMethod]
    public void ConstantOfShape_AnyShapeAndValue_AgreesWithOrt()
    {
        new OperatorCheck("ConstantOfShape", 9, Vector(2, 3)).AgreesWithOrt();
        new OperatorCheck("ConstantOfShape", 9, Vector()).AgreesWithOrt();
        new OperatorCheck("ConstantOfShape", 9, Vector(2, 0)) { Attributes = [("value", Vector(5))] }.AgreesWithOrt();
    }

    [TestMethod]
    public void SenselessOperands_AreRefused()
    {
        new OperatorCheck("Constant", 13).IsRefused("has no value that can be held, expected one of value, sparse_value");
        new OperatorCheck("Constant", 13) { Attributes = [("value_string", "x")] }.IsRefused("has no value that can be held");
        new OperatorCheck("ConstantOfShape", 9, Vector(-1)).IsRefused("a size is negative");
        // Memory may hold it; what follows would take minutes.
        new OperatorCheck("ConstantOfShape", 9, Vector(1L << 15, (1L << 15) + 1))
            .IsRefused("1073774592 elements, expected at most 1073741824");
        new OperatorCheck("ConstantOfShape", 9, Vector(1L << 31, 1L << 31)).IsRefused("would make a tensor of shape");
        new OperatorCheck("ConstantOfShape", 9, Vector(1)) { Attributes = [("value", Vector(1, 2))] }.IsRefused(
            "has a value of shape [2], expected one element");
        new OperatorCheck("Range", 11, Number(0), Number(1), Number(0)).IsRefused("counts from 0 to 1 in steps of 0, which has no end");
        new OperatorCheck("Range", 11, Scalar(0), Scalar(float.PositiveInfinity), Scalar(1)).IsRefused("which has no end");
        new OperatorCheck("Range", 11, Number(0), Number(long.MaxValue), Number(1)).IsRefused("would make a tensor of shape");
        new OperatorCheck("Range", 11, Vector(0, 1), Number(3), Number(1)).IsRefused("input 0 has 2 elements, expected 1");
        new OperatorCheck("OneHot", 11, Vector(1), Number(1L << 50), Floats([2], 1)).IsRefused("would make a tensor of shape");
        new OperatorCheck("OneHot", 11, Vector(1), Number(3), Floats([1], 1)).IsRefused("cannot run on");
        new OperatorCheck("EyeLike", 9, Floats([2], 1)).IsRefused("input 0 has 1 axes, expected 2");
        new OperatorCheck("Trilu", 14, Floats([2], 1)).IsRefused("input 0 has 1 axes, expected at least 2");
    }

    private static TensorData Number(long value) => TensorData.FromArray([value], TensorShape.Scalar);

    // Elements 10, 11, 12 of a tensor of shape [2, 3].
    private static OnnxModel Sparse(long[] indicesShape, long[] indices)
    {
        ModelProto proto = new OperatorCheck("Constant", 13) { Attributes = [("value_int", 0)] }.Model().Proto.Clone();
        proto.Graph.Node[0].Output[0] = proto.Graph.Output[0].Name = "y";
        proto.Graph.Node[0].Attribute.Clear();
        proto.Graph.Node[0].Attribute.Add(new AttributeProto
        {
            Name = "sparse_value",
            Type = AttributeProto.Types.AttributeType.SparseTensor,
            SparseTensor = new SparseTensorProto
            {
                Dims = { 2, 3 },
                Values = new TensorProto { DataType = (int)ElementType.Float, Dims = { 3 }, FloatData = { 10, 11, 12 } },
                Indices = new TensorProto { DataType = (int)ElementType.Int64, Dims = { indicesShape }, Int64Data = { indices } },
            },
        });
        return new OnnxModel(proto, "sparse");
    }
}
