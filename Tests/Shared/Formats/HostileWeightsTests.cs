using System.Text;
using CnnOnnx.Formats;
using CnnOnnx.Import;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Import;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Formats;

/// <summary>
/// Small files of weights with bits turned over and ends cut off: a line or a sound result, never more memory than they deserve.
/// </summary>
[TestClass]
public sealed class HostileWeightsTests
{
    private const int Files = 600;

    // A file of some hundred bytes, and the copies of it that its readers make; limits of the code alone would allow gigabytes.
    private const long MostBytes = 24 << 20;

    private const string Cfg = """
        [net]
        height=16
        width=16
        channels=3
        [convolutional]
        batch_normalize=1
        filters=4
        size=3
        stride=2
        pad=1
        activation=leaky
        [convolutional]
        filters=8
        size=1
        activation=linear
        [shortcut]
        from=-2
        [maxpool]
        size=2
        stride=1
        [upsample]
        stride=2
        [route]
        layers=-1
        [convolutional]
        filters=12
        size=1
        activation=linear
        [yolo]
        mask=0,1
        anchors=1,2, 3,4
        classes=1
        num=2
        """;

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Open_DamagedZip_IsALineOrSound() => Damage(Pickled.Zip(Pickled.Weights, ("data/0", Pickled.OneToFour)), Read);

    [TestMethod]
    public void Open_DamagedLegacyFile_IsALineOrSound() => Damage(Pickled.Legacy, Read);

    [TestMethod]
    public void Open_DamagedSafeTensors_IsALineOrSound()
    {
        string path = _folder.File("sound.safetensors");
        SafeTensorsFile.Write(path, [new("a", ElementType.Float, new TensorShape(2, 3)), new("b", ElementType.Float16, new TensorShape(4))],
            new Dictionary<string, string> { ["format"] = "pt" }, (tensor, file) => file.Write(new byte[tensor.Bytes]));
        Damage(File.ReadAllBytes(path), Read);
    }

    [TestMethod]
    public void Open_DamagedIndex_IsALineOrSound() =>
        Damage("""{"metadata":{"total_size":4},"weight_map":{"w":"sound.safetensors"}}"""u8.ToArray(), Read);

    [TestMethod]
    public void Read_DamagedCfg_IsALineOrSound()
    {
        string cfg = _folder.File("sound.cfg"), weights = _folder.File("sound.weights");
        File.WriteAllText(cfg, Cfg);
        _ = DarknetFiles.WriteWeights(cfg, weights);
        Damage(Encoding.ASCII.GetBytes(Cfg), path => DarknetNetwork.Read(path, weights).Dispose());
    }

    [TestMethod]
    public void Read_DamagedDarknetWeights_AreALineOrSound()
    {
        string cfg = _folder.File("sound.cfg"), weights = _folder.File("sound.weights"), made = _folder.File("made.onnx");
        File.WriteAllText(cfg, Cfg);
        _ = DarknetFiles.WriteWeights(cfg, weights);
        Damage(File.ReadAllBytes(weights), path =>
        {
            using WeightedModel model = DarknetNetwork.Read(cfg, path);
            model.Save(made);
        }, files: 200);
    }

    private static void Read(string path)
    {
        using WeightFile weights = WeightFile.Open(path);
        foreach (WeightTensor tensor in weights.Tensors)
            _ = tensor.Load();
    }

    private void Damage(byte[] sound, Action<string> read, int files = Files)
    {
        string path = _folder.File("damaged");
        var random = new Random(11);
        int refused = 0;
        for (int i = 0; i < files; i++)
        {
            byte[] damaged = i % 4 == 0 ? sound[..random.Next(sound.Length)] : [.. sound];
            for (int flips = i % 4 == 0 ? 0 : 1 + random.Next(3); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(path);
            }
            catch (Exception fault) when (fault is BadInputException or FileNotFoundException)
            {
                refused++;
                Assert.DoesNotContain("\n", fault.Message);
                StringAssert.Contains(fault.Message, _folder.Path, $"file {i}");
            }

            Assert.IsLessThan(MostBytes, GC.GetAllocatedBytesForCurrentThread() - before, $"file {i}");
        }

        // A check that refuses nothing checks nothing.
        Assert.IsGreaterThan(files / 5, refused);
    }
}
