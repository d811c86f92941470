using System.IO.Compression;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Formats;

[TestClass]
public sealed class WeightFileTests
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("weights");

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    // The vectors are what PyTorch 1.13 writes.
    [TestMethod]
    public void Open_FilesOfTorchSave_GiveTheTensor()
    {
        foreach (byte[] file in new[] { Pickled.Zip(Pickled.Weights, ("data/0", Pickled.OneToFour)), Pickled.Legacy })
        {
            using WeightFile weights = Open(file);
            Assert.AreEqual("w: float32[2, 2]", string.Join(" ", weights.Tensors));
            CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, weights.Tensors[0].Load().ToFloats());
        }
    }

    // Tensors and elements by PyTorch's own count.
    [TestMethod]
    [DataRow("FastestDet_AP05_0.253207.pth", 420, 252938L)]
    [DataRow("captum_cifar_torchvision.pt", 10, 62006L)]
    [DataRow("cifar10_resnet20-12fca82f.th", 97, 271098L)]
    [DataRow("espnet_cityscapes_p2_q3.pth", 134, 205141L)]
    [DataRow("fashion_mnist_simple_cnn.pth", 10, 914698L)]
    [DataRow("mobilenetv2_on_cifar10_simp.pth", 268, 111928L)]
    [DataRow("ultraface_version-RFB-320.pth", 244, 281135L)]
    [DataRow("ultraface_version-slim-320.pth", 184, 264757L)]
    [DataRow("winml_cifar10_myFirstModel.pth", 30, 50474L)]
    [DataRow("yunet_n.pth", 208, 77890L)]
    public void Open_RealCheckpoints_GiveAllTensors(string name, int tensors, long elements)
    {
        using WeightFile weights = WeightFile.Open(SharedData.Require("pytorch-weights", name));
        Assert.HasCount(tensors, weights.Tensors);
        Assert.AreEqual(elements, weights.Tensors.Sum(t => t.Shape.Count));
        Assert.IsTrue(weights.Tensors.All(t => !t.Load().ToFloats().Any(float.IsNaN)));
    }

    // x.t()[1:] of a tensor [2, 3]: offset 1, sizes [2, 2], strides [1, 3].
    [TestMethod]
    public void Open_TransposedView_IsReadByItsStrides()
    {
        byte[] elements = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];
        using WeightFile weights = Open(Pickled.Zip(Pickled.Tensor("FloatStorage", 6, 1, [2, 2], [1, 3]), ("data/0", elements)));
        CollectionAssert.AreEqual(new float[] { 1, 4, 2, 5 }, weights.Tensors[0].Load().ToFloats());
    }

    [TestMethod]
    public void Open_BigEndian_IsTurned()
    {
        byte[] big = [.. Pickled.OneToFour.Chunk(4).SelectMany(element => element.Reverse())];
        using WeightFile weights = Open(Pickled.Zip(Pickled.Weights, ("data/0", big), ("byteorder", "big"u8.ToArray())));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, weights.Tensors[0].Load().ToFloats());
    }

    // A pickle that would run a command anywhere else: to this reader it is a record of a name and an argument.
    [TestMethod]
    [DataRow("os", "system")]
    [DataRow("posix", "system")]
    [DataRow("builtins", "eval")]
    [DataRow("subprocess", "Popen")]
    public void Open_PickleThatCallsFunctions_RunsNothing(string module, string function)
    {
        string mark = _folder.File("mark");
        byte[] call = [.. Pickled.Global(module, function), .. Pickled.Text($"touch {mark}"), 0x85, (byte)'R'];
        byte[] pickle = [0x80, 2, .. call, (byte)'0', .. Pickled.Weights[2..]];
        using WeightFile weights = Open(Pickled.Zip(pickle, ("data/0", Pickled.OneToFour)));
        Assert.HasCount(1, weights.Tensors);
        Assert.IsFalse(File.Exists(mark));
        StringAssert.Contains(Fault(Pickled.Zip([0x80, 2, .. call, (byte)'.'])), "holds no tensors of a network");
        Assert.IsFalse(File.Exists(mark));
    }

    [TestMethod]
    public void Open_SeveralSets_AsksWhich()
    {
        byte[] inner = Pickled.Weights[2..^1];
        byte[] pickle = [0x80, 2, (byte)'}', (byte)'(', .. Pickled.Text("generator"), .. inner, .. Pickled.Text("critic"), .. inner,
            .. Pickled.Text("optimizer"), .. inner, (byte)'u', (byte)'.'];
        byte[] file = Pickled.Zip(pickle, ("data/0", Pickled.OneToFour));
        Assert.AreEqual("FILE: holds 2 sets of tensors, 'generator' (1), 'critic' (1); expected the name of one of them", Fault(file));
        using WeightFile chosen = WeightFile.Open(Path, "critic");
        Assert.AreEqual("w: float32[2, 2]", string.Join(" ", chosen.Tensors));
    }

    // Pickle in the archive, what is said.
    [TestMethod]
    public void Open_ViewsBeyondTheirStorage_AreRefused()
    {
        string Of(long elements, long offset, long[] sizes, long[] strides, string key = "0") =>
            Fault(Pickled.Zip(Pickled.Tensor("FloatStorage", elements, offset, sizes, strides, key), ("data/0", Pickled.OneToFour)));

        StringAssert.Contains(Of(4, 1, [2, 2], [2, 1]), "takes more than the 4 elements of storage '0'");
        StringAssert.Contains(Of(4, 0, [-1, 2], [2, 1]), "are no tensor");
        StringAssert.Contains(Of(4, 0, [1L << 62, 2], [0, 0]), "has more elements than can be counted");
        StringAssert.Contains(Of(4, 0, [1L << 33], [0]), "repeats the 4 elements of storage '0'");
        StringAssert.Contains(Of(4, long.MaxValue, [2], [1]), "has more elements than can be counted");
        StringAssert.Contains(Of(5, 0, [2], [1]), "storage '0' has 16 bytes, expected 20");
        StringAssert.Contains(Of(1L << 62, 0, [2], [1]), "a storage of 4611686018427387904 elements");
        StringAssert.Contains(Of(4, 0, [2], [1], "../x"), "storage '../x' is not in the archive");
    }

    // Bytes, what the line has in it.
    [TestMethod]
    [DataRow("8002582c0000a0", "asks for 2684354604 bytes")]
    [DataRow("80028b000000a02e", "asks for 2684354560 bytes")]
    [DataRow("80029600000000000000402e", "asks for")]
    [DataRow("80024b01", "ends without its STOP")]
    [DataRow("80022e", "takes a value where there is none")]
    [DataRow("8002742e", "goes back to a mark where there is none")]
    [DataRow("80026800", "takes value 0 of those that were kept")]
    [DataRow("80024b014b02622e", "gives a state to Int64")]
    [DataRow("80024b01ff2e", "has opcode 0xff")]
    [DataRow("80027d71006800680073", "ends without its STOP")]
    public void Open_BrokenPickles_AreOneLineWithTheirPlace(string pickle, string expected)
    {
        byte[] file = Pickled.Zip(Convert.FromHexString(pickle));
        long before = GC.GetAllocatedBytesForCurrentThread();
        string fault = Fault(file);
        Assert.IsLessThan(4_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
        StringAssert.Contains(fault, expected);
        StringAssert.Contains(fault, "pickle at byte");
    }

    [TestMethod]
    public void Open_BombsAndBrokenArchives_AreRefused()
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open();
            for (int i = 0; i < 100; i++)
                entry.Write(new byte[1 << 20]);
        }

        StringAssert.Contains(Fault(packed.ToArray()), "weights do not shrink so far");
        byte[] file = Pickled.Zip(Pickled.Weights, ("data/0", Pickled.OneToFour));
        StringAssert.Contains(Fault(file[..^30]), "has no list of files at its end; it is cut off");
        StringAssert.Contains(Fault(Pickled.Zip(Pickled.Weights)), "storage '0' is not in the archive");
        StringAssert.Contains(Fault(Pickled.Zip(Pickled.Weights, ("data/0", Pickled.OneToFour), ("constants.pkl", []))), "is a TorchScript"
            + " program");
        StringAssert.Contains(Fault(Pickled.Zip(Pickled.Weights, ("data/0", Pickled.OneToFour), ("../x", []))), "leads out of the archive");
        StringAssert.Contains(Fault(Pickled.Zip(Pickled.Weights, ("data/0", Pickled.OneToFour), ("data/0", Pickled.OneToFour))), "two"
            + " files of the name");
    }

    // File, what it is said to be.
    [TestMethod]
    [DataRow("89504E470D0A1A0A", "is a PNG picture")]
    [DataRow("FFD8FFE0", "is a JPEG picture")]
    [DataRow("08071207", "is perhaps an ONNX model, which is a network with its weights; expected weights alone")]
    [DataRow("5B6E65745D0A", "is a Darknet cfg, which has no weights; give it as the network and its .weights as the weights")]
    [DataRow("00000000020000000000000000000000000000000000803F", "is perhaps a Darknet file of weights, which have places and no names; "
        + "give the network's .cfg instead of a graph or an architecture")]
    [DataRow("", "is empty (0 bytes), expected a PyTorch checkpoint or a safetensors file")]
    [DataRow("0102", "is no file of weights that is known here, expected a PyTorch checkpoint or a safetensors file")]
    public void Open_OtherFiles_AreNamed(string file, string expected) =>
        Assert.AreEqual("FILE: " + expected, Fault(Convert.FromHexString(file)));

    [TestMethod]
    public void Open_IndexOfShards_JoinsThem()
    {
        WriteShard("a.safetensors", "x", 1);
        WriteShard("b.safetensors", "y", 2);
        using (WeightFile weights = Open("""{"metadata":{},"weight_map":{"y":"b.safetensors","x":"a.safetensors"}}"""u8.ToArray()))
        {
            Assert.AreEqual("safetensors in 2 files", weights.Format);
            CollectionAssert.AreEqual(new float[] { 2, 1 }, weights.Tensors.SelectMany(t => t.Load().ToFloats()).ToArray());
        }

        StringAssert.Contains(Fault("""{"weight_map":{"y":"../b.safetensors"}}"""u8.ToArray()), "expected the name of a file beside the index");
        StringAssert.Contains(Fault("""{"weight_map":{"z":"b.safetensors"}}"""u8.ToArray()), "has no tensor 'z'");
        StringAssert.Contains(Fault("""{"weight_map":{"z":"weights"}}"""u8.ToArray()), "is an index itself");
        StringAssert.Contains(Fault("{}"u8.ToArray()), "no index of weights");
    }

    private void WriteShard(string name, string tensor, float value) => SafeTensorsFile.Write(_folder.File(name),
        [new(tensor, ElementType.Float, new TensorShape(1))], new Dictionary<string, string>(), (_, file) =>
            file.Write(BitConverter.GetBytes(value)));

    private WeightFile Open(byte[] content)
    {
        File.WriteAllBytes(Path, content);
        return WeightFile.Open(Path);
    }

    private string Fault(byte[] content)
    {
        string message = Assert.ThrowsExactly<BadInputException>(() => Open(content).Dispose()).Message;
        Assert.DoesNotContain("\n", message);
        return message.Replace(Path, "FILE").Replace(_folder.Path, "FOLDER");
    }
}
