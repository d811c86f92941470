using System.Runtime.InteropServices;
using System.Text;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Tensors;

[TestClass]
public sealed class NpyFileTests
{
    // What numpy.save wrote: arange(6, float32) as (2, 3); arange(24, int16) as (2, 3, 4) in Fortran order; [[0, 1, 2]] as big-endian
    // float64; [True, False] in format 2.0; the scalar 7 of int64; zeros of shape (2, 0, 3), float16; [1 + 2j] as big-endian complex64.
    private const string Plain =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
            + "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=";
    private const string Fortran =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgI"
            + "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAwABAAQAAgAFAABAA0ABQARAAkAFQACAA4ABgASAAoAFgADAA8ABwATAAsAFwA=";
    private const string BigEndian =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
            + "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAD/wAAAAAAAAQAAAAAAAAAA=";
    private const string Version2 =
        "k05VTVBZAgB0AAAAeydkZXNjcic6ICd8YjEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
            + "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==";
    private const string Scalar =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
            + "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAAAAAAAAAA==";
    private const string Empty =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDAsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgI"
            + "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=";
    private const string BigComplex =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPmM4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
            + "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/gAAAQAAAAA==";

    [TestMethod]
    public void Read_FilesOfNumPy_GivesTypeShapeAndNumbers()
    {
        AssertReads(Plain, ElementType.Float, new(2, 3), new float[] { 0, 1, 2, 3, 4, 5 });
        AssertReads(Fortran, ElementType.Int16, new(2, 3, 4), Enumerable.Range(0, 24).Select(i => (short)i).ToArray());
        AssertReads(BigEndian, ElementType.Double, new(1, 3), new double[] { 0, 1, 2 });
        AssertReads(Version2, ElementType.Bool, new(2), new byte[] { 1, 0 });
        AssertReads(Scalar, ElementType.Int64, TensorShape.Scalar, new long[] { 7 });
        AssertReads(Empty, ElementType.Float16, new(2, 0, 3), Array.Empty<Half>());
        AssertReads(BigComplex, ElementType.Complex64, new(1), new[] { (1f, 2f) });
    }

    [TestMethod]
    public void Write_Floats_IsTheFormatByteForByte()
    {
        using var stream = new MemoryStream();
        NpyFile.Write(stream, ElementType.Float, new(2), MemoryMarshal.AsBytes<float>([1, -2]));
        // Magic, version 1.0, length 118 so that the numbers start at 128.
        string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".PadRight(117) + "\n";
        byte[] expected =
            [0x93, .. Encoding.ASCII.GetBytes("NUMPY"), 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0];
        CollectionAssert.AreEqual(expected, stream.ToArray());
    }

    [TestMethod]
    public void Write_EveryTypeThatNumPyHas_IsReadBack()
    {
        using var folder = new TemporaryFolder();
        byte[] noise = new byte[3 * 4 * 16];
        new Random(1).NextBytes(noise);
        foreach (ElementType type in Enum.GetValues<ElementType>().Where(NpyFile.CanWrite))
        {
            if (type == ElementType.BFloat16)
                continue;
            var shape = new TensorShape(3, 1, 4);
            var tensor = new TensorData(type, shape, noise.AsMemory(0, (int)type.SizeInBytes(shape.Count)));
            NpyFile.Write(folder.File("a.npy"), tensor);
            TensorData read = NpyFile.Read(folder.File("a.npy"));
            Assert.AreEqual((type, shape), (read.Type, read.Shape));
            CollectionAssert.AreEqual(tensor.Bytes.ToArray(), read.Bytes.ToArray());
        }
    }

    [TestMethod]
    public void Write_BFloat16_BecomesFloat32()
    {
        using var folder = new TemporaryFolder();
        NpyFile.Write(folder.File("a.npy"), new TensorData(ElementType.BFloat16, new(2), new byte[] { 0xc0, 0x3f, 0x00, 0xc0 }));
        TensorData read = NpyFile.Read(folder.File("a.npy"));
        Assert.AreEqual(ElementType.Float, read.Type);
        CollectionAssert.AreEqual(new[] { 1.5f, -2 }, read.As<float>().ToArray());
    }

    [TestMethod]
    public void Write_TypeThatNumPyHasNot_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var tensor = new TensorData(ElementType.Int4, new(2), new byte[1]);
        Assert.AreEqual("NumPy has no element type int4",
            Assert.ThrowsExactly<BadInputException>(() => NpyFile.Write(folder.File("a.npy"), tensor)).Message);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    [DataRow("", "is not a NumPy array (.npy)")]
    [DataRow("PK\u0003\u0004 and so on", "is not a NumPy array (.npy)")]
    [DataRow("\u0093NUMPY\u0004\0", "NumPy array format 4.0, expected 1.0, 2.0 or 3.0")]
    [DataRow("\u0093NUMPY\u0001\0\u00ff\0{'descr'", "the array ends early")]
    [DataRow("\u0093NUMPY\u0002\0\u00ff\u00ff\u00ff\u00ff", "the header takes 4294967295 bytes, expected at most 65536")]
    public void Read_OtherBytes_SaysWhatIsWrong(string latin1, string why) => AssertRefused(Encoding.Latin1.GetBytes(latin1), why);

    [TestMethod]
    [DataRow("'<U2'", "(1,)", "element type 'U2'; expected one of b1, c16, c8, f2, f4")]
    [DataRow("'|O'", "(1,)", "element type 'O'; expected one of b1,")]
    [DataRow("[('a', '<f4')]", "(1,)", "expected a plain element type")]
    [DataRow("'<f4'", "(3,)", "the array ends early")]
    [DataRow("'<f4'", "(4294967296, 4294967296)", "the shape (4294967296, 4294967296) is too large")]
    [DataRow("'<f4'", "(99999999999999999999,)", "the shape (99999999999999999999,) is too large")]
    [DataRow("'<f4'", "(1000000, 1000000)", "float32[1000000, 1000000] takes 4000000000000 bytes")]
    [DataRow("'<f4'", "(4 6)", "expected a plain element type, an order and a shape")]
    [DataRow("'<f4'", "(4,,6)", "expected a plain element type, an order and a shape")]
    [DataRow("'<f4'", "(-1,)", "expected a plain element type, an order and a shape")]
    public void Read_HeaderThatCannotBe_SaysWhatIsWrong(string descr, string shape, string why)
    {
        string header = $"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n";
        AssertRefused([0x93, .. Encoding.ASCII.GetBytes("NUMPY"), 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header),
            .. new byte[8]], why);
    }

    [TestMethod]
    public void Read_ArraysOfRealTestData_AreAllRead()
    {
        string[] files = Directory.GetFiles(SharedData.Require("opencv-onnx-layers"), "*.npy", SearchOption.AllDirectories);
        Assert.IsNotEmpty(files);
        foreach (string file in files)
            Assert.IsGreaterThan(0, NpyFile.Read(file).Shape.Count);
    }

    private static void AssertReads<T>(string base64, ElementType type, TensorShape shape, T[] values) where T : unmanaged
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.npy"), Convert.FromBase64String(base64));
        TensorData read = NpyFile.Read(folder.File("a.npy"));
        Assert.AreEqual((type, shape), (read.Type, read.Shape));
        CollectionAssert.AreEqual(values, read.As<T>().ToArray());
    }

    private static void AssertRefused(byte[] bytes, string why)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.npy");
        File.WriteAllBytes(path, bytes);
        var fault = Assert.ThrowsExactly<BadInputException>(() => NpyFile.Read(path));
        Assert.StartsWith(path + ": ", fault.Message);
        Assert.Contains(why, fault.Message);
        Assert.DoesNotContain("\n", fault.Message);
    }
}
