using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class PoolingOperatorsTests
{
    private static readonly Gen<OperatorCheck> Averages =
        from window in WindowGen.Any
        from countPadding in Gen.Int[0, 1]
        from ceil in Gen.Int[0, 1]
        from seed in Gen.Int[0, 1000]
        select Pool("AveragePool", 19, window, seed, ("count_include_pad", countPadding), ("ceil_mode", ceil));

    private static readonly Gen<OperatorCheck> Maxima =
        from window in WindowGen.Any
        from ceil in Gen.Int[0, 1]
        from seed in Gen.Int[0, 1000]
        select Pool("MaxPool", 12, window, seed, ("ceil_mode", ceil));

    private static readonly Gen<OperatorCheck> MaximaWithIndices =
        from maximum in Maxima
        from order in Gen.Int[0, 1]
        select maximum with { Outputs = 2, Attributes = [.. maximum.Attributes, ("storage_order", order)] };

    private static readonly Gen<OperatorCheck> MaximaOfBytes =
        from maximum in Maxima
        from isSigned in Gen.Bool
        from seed in Gen.Int[0, 1000]
        let bytes = Bytes([.. maximum.Inputs[0]!.Shape.Dims], seed)
        select maximum with { Inputs = [isSigned ? new TensorData(ElementType.Int8, bytes.Shape, bytes.Bytes) : bytes] };

    private static readonly Gen<OperatorCheck> Norms =
        from window in WindowGen.Any
        from p in Gen.Int[1, 3]
        from ceil in Gen.Int[0, 1]
        from seed in Gen.Int[0, 1000]
        select Pool("LpPool", 18, window, seed, ("p", p), ("ceil_mode", ceil));

    private static readonly Gen<OperatorCheck> Globals =
        from type in Choice.Of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
        from shape in Gen.Long[1, 5].Array[3, 5]
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(type, 13, Floats(shape, seed)) { Attributes = type == "GlobalLpPool" ? [("p", seed % 3 + 1)] : [] };

    // Windows beside each other, so that no cell is the largest of two.
    private static readonly Gen<OperatorCheck> Unpooled =
        from axes in Gen.Int[1, 3]
        from kernel in Gen.Long[1, 3].Array[axes]
        from sizes in Gen.Long[1, 3].Array[axes]
        from seed in Gen.Int[0, 1000]
        let cells = kernel.Zip(sizes, (k, s) => k * s).Aggregate(6L, (a, b) => a * b)
        let shape = new long[] { 2, 3 }.Concat(sizes).ToArray()
        let order = Enumerable.Range(0, (int)cells).Select(i => (long)i).ToArray()
        select new OperatorCheck("MaxUnpool", 11, Floats(shape, seed), Shuffled(order, shape, seed))
        {
            Attributes = [("kernel_shape", kernel), ("strides", kernel)],
        };

    [TestMethod]
    public void AveragePool_AnyWindow_AgreesWithOrt() => AllAgreeWithOrt(Averages, 400);

    [TestMethod]
    public void MaxPool_AnyWindow_AgreesWithOrt() => AllAgreeWithOrt(Maxima, 300);

    [TestMethod]
    public void MaxPool_WithIndices_AgreesWithOrt() => AllAgreeWithOrt(MaximaWithIndices, 300);

    [TestMethod]
    public void MaxPool_OfBytes_AgreesWithOrt() => AllAgreeWithOrt(MaximaOfBytes);

    [TestMethod]
    public void LpPool_AnyWindow_AgreesWithOrt() => AllAgreeWithOrt(Norms, 300);

    [TestMethod]
    public void GlobalPool_AnyShape_AgreesWithOrt() => AllAgreeWithOrt(Globals);

    [TestMethod]
    public void MaxUnpool_AnyIndices_AgreesWithOrt() => AllAgreeWithOrt(Unpooled);

    [TestMethod]
    public void AveragePool_CeilWindowBeyondPadding_CountsWhatIsThere()
    {
        // Opset 19: a map of 1 2 3 4 5, windows of 3 every 2 with one cell of padding: |_ 1 2| 2 3 4| 4 5 _|.
        var check = new OperatorCheck("AveragePool", 19, TensorData.FromArray([1f, 2, 3, 4, 5], new TensorShape(1, 1, 5)))
        {
            Attributes = [("kernel_shape", new[] { 3 }), ("strides", new[] { 2 }), ("pads", new[] { 1, 1 }), ("ceil_mode", 1)],
        };
        CollectionAssert.AreEqual(new double[] { 1.5, 3, 4.5 }, Numbers(check.RunTorch()[0]));
        check = check with { Attributes = [.. check.Attributes, ("count_include_pad", 1)] };
        CollectionAssert.AreEqual(new double[] { 1, 3, 3 }, Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    [DataRow("AveragePool", "kernel_shape", null, "attribute 'kernel_shape' is missing")]
    [DataRow("MaxPool", "kernel_shape", new long[] { 9, 9 }, "a window of 9 cells does not fit into 5 + 0 along axis 2")]
    [DataRow("MaxPool", "kernel_shape", new long[] { 2 }, "attribute 'kernel_shape' is [2], expected a value for each of 2 spatial axes")]
    [DataRow("MaxPool", "storage_order", 7L, "attribute 'storage_order' is 7, expected 0 or 1")]
    [DataRow("AveragePool", "pads", new long[] { 16000000, 16000000, 16000000, 16000000 },
        "attribute 'pads' is 16000000, expected -65536 to 65536")]
    [DataRow("LpPool", "p", 0L, "attribute 'p' is 0")]
    [DataRow("LpPool", "ceil_mode", -1L, "attribute 'ceil_mode' is -1, expected 0 or 1")]
    public void Pool_SenselessAttribute_IsRefused(string type, string attribute, object? value, string message)
    {
        var attributes = new Dictionary<string, object?> { ["kernel_shape"] = new long[] { 2, 2 }, [attribute] = value };
        new OperatorCheck(type, 19, Floats([1, 2, 5, 5], 1))
        {
            Attributes = [.. attributes.Where(a => a.Value is not null).Select(a => (a.Key, a.Value!))],
        }.IsRefused(message);
    }

    [TestMethod]
    public void MaxUnpool_IndexOutsideTheMap_IsRefused()
    {
        var check = new OperatorCheck("MaxUnpool", 11, Floats([1, 1, 2], 1), TensorData.FromArray([0, 4], new TensorShape(1, 1, 2)))
        {
            Attributes = [("kernel_shape", new[] { 2 }), ("strides", new[] { 2 })],
        };
        check.IsRefused("an index lies outside the 4 cells before pooling");
        (check with { Inputs = [check.Inputs[0], Vector(1)] }).IsRefused("has 1 indices for 2 values");
    }

    private static OperatorCheck Pool(string type, int opset, WindowGen window, int seed, params (string, object)[] more) =>
        new(type, opset, Floats([2, 2, .. window.Sizes], seed))
        {
            Attributes =
            [("kernel_shape", window.Kernel), .. window.Attributes, .. more]
        };

    private static TensorData Shuffled(long[] order, long[] shape, int seed)
    {
        new Random(seed).Shuffle(order);
        var target = new TensorShape(shape);
        return TensorData.FromArray(order[..(int)target.Count], target);
    }
}
