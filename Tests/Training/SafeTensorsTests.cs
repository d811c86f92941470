using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class SafeTensorsTests
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("t.ckpt");

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void ReadInto_WhatWasWritten_IsTheSameToTheBit()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] written = [randn(3, 4), tensor(float.NaN), arange(7, ScalarType.Int64), randn(2, 3).t(), zeros(0, 5), tensor(new byte[] { 1, 2, 255 })];
        SafeTensors.Write(Path, Named(written), "key", "text \"ü\"");

        Tensor[] read = [.. written.Select(t => zeros_like(t))];
        SafeTensors.ReadInto(Path, Named(read));

        Assert.AreEqual("text \"ü\"", SafeTensors.ReadText(Path, "key"));
        for (int i = 0; i < written.Length; i++)
            Assert.IsTrue(read[i].equal(written[i]).logical_or(written[i].isnan()).all().ToBoolean(), $"t{i}");
    }

    // By the format's own description: length, JSON, then the elements in little endian, aligned to 8 bytes.
    [TestMethod]
    public void Write_File_HasTheLayoutThatOthersRead()
    {
        using DisposeScope scope = NewDisposeScope();
        SafeTensors.Write(Path, [("w", tensor(new[,] { { 1f, 2f } })), ("n", tensor(7L))], "key", "text");

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
    public void ReadInto_OtherShapeOrNoSuchTensor_SaysWhatWasFound()
    {
        using DisposeScope scope = NewDisposeScope();
        SafeTensors.Write(Path, [("w", zeros(2, 3))], "key", "");
        Expect($"{Path}: 'w' is F32 [2, 3], expected F32 [3, 2]", ("w", zeros(3, 2)));
        Expect($"{Path}: 'w' is F32 [2, 3], expected I64 [2, 3]", ("w", zeros([2, 3], ScalarType.Int64)));
        Expect($"{Path}: 'v' is nothing, expected F32 [2]", ("v", zeros(2)));
    }

    [TestMethod]
    public void ReadText_BrokenFiles_AreOneLine()
    {
        using DisposeScope scope = NewDisposeScope();
        SafeTensors.Write(Path, [("w", zeros(100))], "key", "text");
        byte[] good = File.ReadAllBytes(Path);
        foreach (byte[] bad in new[] { [], good[..5], good[..40], [.. Enumerable.Repeat((byte)0xFF, 100)], [.. good[..8], .. Enumerable.Repeat((byte)'{', good.Length - 8)] })
        {
            File.WriteAllBytes(Path, bad);
            var fault = Assert.ThrowsExactly<BadInputException>(() => SafeTensors.ReadText(Path, "key"));
            StringAssert.StartsWith(fault.Message, $"{Path}: ");
        }

        File.WriteAllBytes(Path, good[..^10]);
        Expect($"{Path}: ends early; the file is cut off", ("w", zeros(100)));
    }

    private void Expect(string message, (string, Tensor) tensor) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => SafeTensors.ReadInto(Path, [tensor])).Message);

    private static (string, Tensor)[] Named(Tensor[] tensors) => [.. tensors.Select((t, i) => ($"t{i}", t))];
}
