using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Formats;

[TestClass]
public sealed class SafeTensorsFileTests
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("t.safetensors");

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    // By the format's own description: length, JSON, then the elements in little endian, aligned to 8 bytes.
    [TestMethod]
    public void Write_File_HasTheLayoutThatOthersRead()
    {
        Write();

        byte[] file = File.ReadAllBytes(Path);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        JsonNode header = JsonNode.Parse(Encoding.UTF8.GetString(file, 8, length))!;

        Assert.AreEqual(0, length % 8);
        Assert.AreEqual("""{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}""", header["w"]!.ToJsonString());
        Assert.AreEqual("""{"dtype":"I64","shape":[],"data_offsets":[8,16]}""", header["n"]!.ToJsonString());
        Assert.AreEqual("""{"key":"text"}""", header["__metadata__"]!.ToJsonString());
        CollectionAssert.AreEqual(Convert.FromHexString("0000803F000000400700000000000000"), file[(8 + length)..]);
    }

    [TestMethod]
    public void Read_PartOfATensor_IsThosePartsBytes()
    {
        Write();
        using SafeTensorsFile file = SafeTensorsFile.Open(Path);
        byte[] second = new byte[4];
        file.Read("w", 4, second);
        Assert.AreEqual(2f, BitConverter.ToSingle(second));
        Assert.AreEqual("F32 [1, 2], I64 []", string.Join(", ", file.Tensors.Values.OrderBy(t => t.Type).Select(t => t.ToString())));
        Assert.AreEqual("text", file.Texts["key"]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => file.Read("w", 5, second));
    }

    [TestMethod]
    public void Open_CutAnywhere_IsOneLine()
    {
        Write();
        byte[] good = File.ReadAllBytes(Path);
        for (int length = 0; length < good.Length; length++)
        {
            string message = Fault(good[..length]);
            Assert.DoesNotContain("\n", message);
            StringAssert.StartsWith(message, "FILE: ");
        }

        Assert.AreEqual("FILE: ends early; the file is cut off", Fault(good[..^1]));
    }

    // Header, what the line begins with.
    [TestMethod]
    [DataRow("[]", "FILE: is not a safetensors file, or it is damaged (")]
    [DataRow("{{{{", "FILE: is not a safetensors file, or it is damaged (")]
    [DataRow("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""",
        "FILE: is not a safetensors file, or it is damaged ('w' is F32 [2] in bytes [0, 4], expected 8 bytes)")]
    [DataRow("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""",
        "FILE: is not a safetensors file, or it is damaged ('w' is F32 [2] in bytes [-8, 0], expected 8 bytes)")]
    [DataRow("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "FILE: is not a safetensors file, or it is damaged (")]
    [DataRow("""{"w":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""",
        "FILE: is not a safetensors file, or it is damaged ('w' is F32 [-1, -2], expected a type of ")]
    [DataRow("""{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""",
        "FILE: is not a safetensors file, or it is damaged (")]
    [DataRow("""{"w":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""",
        "FILE: is not a safetensors file, or it is damaged ('w' is F33 [2], expected a type of BF16, BOOL, ")]
    [DataRow("""{"w":{"shape":[2],"data_offsets":[0,8]}}""", "FILE: is not a safetensors file, or it is damaged (")]
    [DataRow("""{"w":{"dtype":"F32","shape":[3000000000],"data_offsets":[0,12000000000]}}""", "FILE: ends early; the file is cut off")]
    [DataRow("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        "FILE: is not a safetensors file, or it is damaged (")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        "FILE: is not a safetensors file, or it is damaged ('b' begins at byte 0 of the elements, expected 4: it lies over")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        "FILE: is not a safetensors file, or it is damaged ('a' begins at byte 4 of the elements, expected 0: there is a hole")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        "FILE: is not a safetensors file, or it is damaged (4 bytes follow the last tensor, expected none)")]
    public void Open_HeaderThatDoesNotFitTheFile_IsRefused(string header, string expected)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        StringAssert.StartsWith(Fault([.. length, .. json, .. new byte[8]]), expected);
    }

    // Memory is not spent on what a file only claims.
    [TestMethod]
    [DataRow(long.MaxValue)]
    [DataRow(-1L)]
    [DataRow(90_000_000L)]
    public void Open_HeaderLongerThanTheFile_IsRefused(long claimed)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, claimed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.AreEqual("FILE: is not a safetensors file, or it is damaged", Fault([.. length, .. "{}"u8]));
        Assert.IsLessThan(1_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Write() => SafeTensorsFile.Write(Path,
        [new("w", ElementType.Float, new TensorShape(1, 2)), new("n", ElementType.Int64, TensorShape.Scalar)],
        new Dictionary<string, string> { ["key"] = "text" },
        (tensor, file) => file.Write(Convert.FromHexString(tensor.Name == "w" ? "0000803F00000040" : "0700000000000000")));

    private string Fault(byte[] content)
    {
        File.WriteAllBytes(Path, content);
        return Assert.ThrowsExactly<BadInputException>(() => SafeTensorsFile.Open(Path)).Message.Replace(Path, "FILE");
    }
}
