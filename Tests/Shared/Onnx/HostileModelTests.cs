using System.Diagnostics;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using Google.Protobuf;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Every way in which a file can lie: one line that names the file and the fault, never a crash.</summary>
[TestClass]
public sealed class HostileModelTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("cycle", "node 'c' (Conv, opset 17): is part of a cycle: it needs its own result")]
    [DataRow("missing initializer", "node 'c' (Conv, opset 17): uses 'w', which no input, initializer or node defines")]
    [DataRow("duplicate output", "node 'y' (Relu, opset 17): makes 'c', which is defined already")]
    [DataRow("duplicate initializer", "two initializers are named 'w'")]
    [DataRow("duplicate input", "two inputs are named 'x'")]
    [DataRow("output of nothing", "output 'z' of graph 'small' is made by no node")]
    [DataRow("no opset", "names no operator set (opset_import), expected at least ai.onnx")]
    [DataRow("no graph", "has no graph, so it is not an ONNX model")]
    [DataRow("unknown type", "tensor 'w' has element type 99, which ONNX does not define")]
    [DataRow("too few bytes", "tensor 'w' has 35 bytes, expected 36 for its shape")]
    [DataRow("negative dimension", "tensor 'w' has a negative size in its shape [1, 1, -3, 3]")]
    [DataRow("overflowing dimensions", "tensor 'w' has a shape whose size overflows")]
    [DataRow("huge dimensions", "tensor 'w' has 36 bytes, expected 4398046511104 for its shape")]
    public void Read_BrokenModel_SaysWhatIsWrong(string fault, string message)
    {
        string path = BrokenModels.Make(fault).Write(_folder.File("m.onnx"));

        var thrown = Assert.ThrowsExactly<OnnxException>(() => OnnxModel.Read(path));
        Assert.AreEqual($"{path}: {message}", thrown.Message);
    }

    [TestMethod]
    public void Attribute_OfTheWrongKind_IsNamed()
    {
        ModelProto proto = SmallModels.ConvRelu();
        proto.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "group", Type = AttributeProto.Types.AttributeType.Float, F = 1 });
        OnnxModel model = OnnxModel.Read(proto.Write(_folder.File("m.onnx")));

        var thrown = Assert.ThrowsExactly<OnnxException>(() => model.Graph.Nodes[0].Int("group", 1));
        Assert.EndsWith("node 'c' (Conv, opset 17): attribute 'group' is Float, expected Int", thrown.Message);
    }

    [TestMethod]
    [DataRow("strides", 0L, "attribute 'strides' is 0, expected 1 to 65536")]
    [DataRow("kernel_shape", 1L << 40, "attribute 'kernel_shape' is 1099511627776, expected 1 to 16777216")]
    [DataRow("pads", long.MinValue, "attribute 'pads' is -9223372036854775808, expected -65536 to 65536")]
    public void Read_AttributeThatWouldEndTheRuntime_IsRefused(string name, long value, string message)
    {
        ModelProto proto = SmallModels.ConvRelu();
        proto.Graph.Node[0].Attribute.Add(
            new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { value, 1 } });
        Assert.EndsWith($"node 'c' (Conv, opset 17): {message}", Refusal(proto.Write(_folder.File("m.onnx"))));
    }

    [TestMethod]
    [DataRow("../secret.bin")]
    [DataRow("sub/../../secret.bin")]
    [DataRow("/etc/hostname")]
    [DataRow("link.bin")]
    [DataRow("")]
    [DataRow("missing.bin")]
    public void Load_ExternalDataOutsideTheFolder_IsRefused(string location)
    {
        string secret = _folder.File("secret.bin");
        File.WriteAllBytes(secret, new byte[36]);
        string inside = _folder.File("inside");
        Directory.CreateDirectory(inside);
        File.CreateSymbolicLink(Path.Combine(inside, "link.bin"), secret);
        OnnxModel model = OnnxModel.Read(BrokenModels.WithExternal(location, 0, 36).Write(Path.Combine(inside, "m.onnx")));

        Assert.ThrowsExactly<OnnxException>(() => model.Graph.Initializers[0].Load());
    }

    [TestMethod]
    [DataRow(0, 36, true)]
    [DataRow(4, 36, true)]
    [DataRow(5, 36, false)]
    [DataRow(0, 35, false)]
    public void Load_ExternalDataBesideTheModel_IsReadWhenItIsAllThere(int offset, int length, bool works)
    {
        File.WriteAllBytes(_folder.File("w.bin"), new byte[40]);
        OnnxModel model = OnnxModel.Read(BrokenModels.WithExternal("w.bin", offset, length).Write(_folder.File("m.onnx")));

        if (works)
            Assert.AreEqual(36, model.Graph.Initializers[0].Load().Bytes.Length);
        else
            Assert.ThrowsExactly<OnnxException>(() => model.Graph.Initializers[0].Load());
    }

    [TestMethod]
    public void Read_EveryTruncation_FailsOrReads()
    {
        byte[] whole = SmallModels.ConvRelu().ToByteArray();
        string path = _folder.File("m.onnx");
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole.AsSpan(0, length));
            ReadOrRefuse(path);
        }
    }

    [TestMethod]
    public void Read_TenThousandMutations_FailOrRead()
    {
        byte[] whole = SmallModels.ConvRelu().ToByteArray();
        var random = new Random(1);
        string path = _folder.File("m.onnx");
        int refused = 0;
        for (int i = 0; i < 10_000; i++)
        {
            byte[] mutated = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, mutated);
            refused += ReadOrRefuse(path) ? 0 : 1;
        }

        // Many flips hit names and weights and leave a valid model; a reader that accepted everything would be no reader.
        Assert.IsInRange(1_000, 9_500, refused);
    }

    [TestMethod]
    public void Read_GraphsNestedTenThousandDeep_IsRefused()
    {
        string path = _folder.File("m.onnx");
        File.WriteAllBytes(path, SmallModels.Nested(10_000));
        Assert.IsFalse(ReadOrRefuse(path));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("n")]
    public void Read_AMillionNodes_StaysWithinSeconds(string nameOfAll)
    {
        ModelProto chain = SmallModels.Chain(1_000_000);
        foreach (NodeProto node in chain.Graph.Node)
            node.Name = nameOfAll;
        string path = chain.Write(_folder.File("m.onnx"));
        long started = Stopwatch.GetTimestamp();
        OnnxModel model = OnnxModel.Read(path);
        Assert.HasCount(1_000_000, model.Graph.Nodes);
        // Linear work takes about three seconds; anything quadratic would take hours.
        Assert.IsLessThan(60, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    [TestMethod]
    public void Read_NegativeModels_AreRefusedOrReadAsTheirFaultAllows()
    {
        string folder = SharedData.Require("onnx-models", "negative");
        Assert.Contains("not an ONNX model", Refusal(Path.Combine(folder, "corrupt-model.onnx")));
        Assert.Contains("names no operator set", Refusal(Path.Combine(folder, "super_resolution_no_opset.onnx")));
        // Its operators are unknown, its file is sound: it can be read and listed.
        Assert.IsNotEmpty(OnnxModel.Read(Path.Combine(folder, "wechat_qrcode_detect_PriorBox.onnx")).Graph.Nodes);
    }

    private static string Refusal(string path) => Assert.ThrowsExactly<OnnxException>(() => OnnxModel.Read(path)).Message;

    private static bool ReadOrRefuse(string path)
    {
        try
        {
            OnnxModel model = OnnxModel.Read(path);
            foreach (OnnxTensor tensor in model.Graph.Initializers)
                if (tensor.HasData && tensor.ElementType != ElementType.String)
                    tensor.Load();
            return true;
        }
        catch (OnnxException refused)
        {
            Assert.DoesNotContain('\n', refused.Message);
            return false;
        }
    }
}
