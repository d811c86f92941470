using System.Text.Json;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Dump;

/// <summary>What a dump leaves in its folder.</summary>
[TestClass]
public sealed class DumpFolderTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Dump_LeNet_WritesTheFilesOfTheContract()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        var run = ProgramRun.Visualizer("dump", model, picture, "--out", _folder.File("out"), "--raw", "npz");

        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("device: CPU", run.Error);
        Assert.Contains("preprocessing: 28x28 gray, stretch, 0..1 (model card)", run.Error);
        Assert.Contains("(from 'logits', softmax applied)", run.Output);
        Assert.EndsWith($"{_folder.File("out", "index.html")}{Environment.NewLine}", run.Output);
        foreach (string file in new[] { "index.html", "manifest.json", "activations.npz", "input.png", "mosaics/0001_relu_conv1_Relu.png",
            "mosaics/0011_logits_Gemm.png" })
            Assert.IsTrue(File.Exists(_folder.File("out", file)), file);
        Assert.HasCount(5, Directory.GetFiles(_folder.File("out", "kernels")));
        Assert.IsFalse(Directory.Exists(_folder.File("out", "channels")));
    }

    [TestMethod]
    public void Dump_Manifest_SaysWhatWasDone()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        ProgramRun.Visualizer("dump", model, picture, "--out", _folder.File("out"), "--scale", "layer", "--colormap", "turbo");
        JsonElement manifest = Manifest("out");

        Assert.AreEqual(model, manifest.GetProperty("model").GetProperty("file").GetString());
        string sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(model)));
        Assert.AreEqual(sha256, manifest.GetProperty("model").GetProperty("sha256").GetString());
        Assert.AreEqual(picture, manifest.GetProperty("input").GetProperty("file").GetString());
        Assert.AreEqual("gray", manifest.GetProperty("preprocessing").GetProperty("channels").GetString());
        Assert.AreEqual(("CPU", "extended"),
            (manifest.GetProperty("device").GetString(), manifest.GetProperty("optimization").GetString()));
        Assert.IsLessThan(1e-5, manifest.GetProperty("exposureDifference")[0].GetProperty("largest").GetDouble());
        JsonElement[] tensors = [.. manifest.GetProperty("tensors").EnumerateArray()];
        Assert.HasCount(12, tensors);

        using var session = ActivationSession.Open(model);
        using Mat read = Cv2.ImRead(picture);
        using Activations seen = session.Run(read);
        TensorStatistics expected = seen["relu_conv1"].Statistics;
        JsonElement relu = tensors[1];
        Assert.AreEqual("1 relu_conv1 Relu relu_conv1 float32",
            string.Join(' ', new[] { "index", "name", "op", "node", "dtype" }.Select(p => relu.GetProperty(p).ToString())));
        Assert.AreEqual("[1, 6, 28, 28]", $"[{string.Join(", ", relu.GetProperty("shape").EnumerateArray())}]");
        Assert.AreEqual(expected.Max, relu.GetProperty("max").GetSingle());
        // The manifest's numbers are merged from the channels', so double sums run in another order.
        Assert.AreEqual(expected.Mean, relu.GetProperty("mean").GetDouble(), 1e-12);
        Assert.AreEqual(expected.Std, relu.GetProperty("std").GetDouble(), 1e-12);
        Assert.AreEqual(expected.ZeroShare, relu.GetProperty("zeros").GetDouble());
        Assert.AreEqual((0L, 0L), (relu.GetProperty("nan").GetInt64(), relu.GetProperty("inf").GetInt64()));
        Assert.AreEqual("layer turbo",
            $"{relu.GetProperty("scale").GetProperty("mode")} {relu.GetProperty("scale").GetProperty("colormap")}");
        Assert.AreEqual("mosaics/0001_relu_conv1_Relu.png", relu.GetProperty("picture").GetProperty("file").GetString());
    }

    [TestMethod]
    public void Dump_Raw_HoldsTheNumbersUnderTheOnnxNames()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        ProgramRun.Visualizer("dump", model, picture, "--out", _folder.File("out"), "--raw");
        using var session = ActivationSession.Open(model);
        using Mat read = Cv2.ImRead(picture);
        using Activations seen = session.Run(read);
        using NpzReader archive = NpzReader.Open(_folder.File("out", "activations.npz"));
        CollectionAssert.AreEqual(seen.Select(a => a.Name).ToArray(), archive.Keys.ToArray());
        foreach (Activation map in seen)
            CollectionAssert.AreEqual(map.Values.ToArray(), archive.Read(map.Name).As<float>().ToArray(), map.Name);
    }

    // Separators, the parent folder, a device of Windows, more than a file system takes, equal without case, equal after cleaning.
    [TestMethod]
    public void Dump_HostileNames_StayInTheFolderAndApart()
    {
        string[] names = ["../../evil", "a/b", "a\\b", "a:b", "..", "CON", "CON.txt", "same", "SAME", "x?y*z",
            "<img src=x onerror=alert(1)>", "日本", new string('n', 300), new string('n', 299)];
        string model = SmallNetworks.Named(names).SaveTo(_folder);
        var run = ProgramRun.Visualizer("dump", model, TestPictures.Write(_folder.File("p.png")), "--out", _folder.File("out"),
            "--each-channel", "--raw");

        Assert.AreEqual(0, run.ExitCode, run.Error);
        JsonElement[] tensors = [.. Manifest("out").GetProperty("tensors").EnumerateArray()];
        CollectionAssert.AreEqual(names, tensors[..^1].Select(t => t.GetProperty("name").GetString()).ToArray());
        string[] files = [.. tensors.Select(t => t.GetProperty("picture").GetProperty("file").GetString()!),
            .. tensors.SelectMany(t => t.GetProperty("channels").EnumerateArray()).Select(c => c.GetString()!)];
        Assert.HasCount(2 * tensors.Length, files.Distinct(StringComparer.OrdinalIgnoreCase));
        string root = _folder.File("out") + Path.DirectorySeparatorChar;
        foreach (string file in files)
        {
            Assert.StartsWith(root, Path.GetFullPath(_folder.File("out", file)));
            Assert.IsTrue(File.Exists(_folder.File("out", file)), file);
            Assert.IsLessThanOrEqualTo(200, Path.GetFileName(file).Length);
        }

        string page = File.ReadAllText(_folder.File("out", "index.html"));
        Assert.DoesNotContain("<img src=x", page);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", page);
        using NpzReader archive = NpzReader.Open(_folder.File("out", "activations.npz"));
        Assert.HasCount(tensors.Length, archive.Keys);
    }

    [TestMethod]
    public void Dump_EachChannel_WritesPlainMaps()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        ProgramRun.Visualizer("dump", model, picture, "--each-channel", "--out", _folder.File("out"), "--ops", "Conv,Gemm");
        Assert.HasCount(6, Directory.GetFiles(_folder.File("out", "channels", "conv1")));
        Assert.HasCount(16, Directory.GetFiles(_folder.File("out", "channels", "conv2")));
        Assert.IsFalse(Directory.Exists(_folder.File("out", "channels", "logits")));
        using Mat map = Cv2.ImRead(_folder.File("out", "channels", "conv2", "out015.png"));
        Assert.AreEqual((10, 10), (map.Width, map.Height));
    }

    [TestMethod]
    public void Dump_OneChannelOfOneTensor_IsAllThatIsDrawn()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        var run = ProgramRun.Visualizer("dump", model, picture, "--out", _folder.File("out"), "--tensor", "relu_conv1", "--channel", "5");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.AreEqual("out005.png", Path.GetFileName(Directory.GetFiles(_folder.File("out", "channels", "relu_conv1")).Single()));
        Assert.IsFalse(Directory.Exists(_folder.File("out", "mosaics")));
        Assert.IsFalse(Directory.Exists(_folder.File("out", "kernels")));
        Assert.Contains("relu_conv1", File.ReadAllText(_folder.File("out", "index.html")));
    }

    [TestMethod]
    public void Dump_SeveralInputs_HaveAFolderEachAndOnePageAbove()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        string first = TestPictures.Write(_folder.File("p.png")), second = TestPictures.Write(_folder.File("deeper", "p.png"), seed: 2);
        NpyFile.Write(_folder.File("t.npy"), TensorData.FromArray(new float[784], new TensorShape(1, 28, 28)));
        var run = ProgramRun.Visualizer("dump", model, first, second, _folder.File("t.npy"), _folder.File("none.png"), "--out",
            _folder.File("out"));

        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains($"error: {_folder.File("none.png")}: no such file, expected a picture", run.Error);
        foreach (string sub in new[] { "p", "p~2", "t" })
            Assert.AreEqual(12, Manifest("out", sub).GetProperty("tensors").GetArrayLength());
        Assert.AreEqual("../kernels/0000_conv1.weight.png", Manifest("out", "p").GetProperty("kernels")[0].GetProperty("file").GetString());
        Assert.IsFalse(Directory.Exists(_folder.File("out", "p", "kernels")));
        Assert.Contains("href=\"p~2/index.html\"", File.ReadAllText(_folder.File("out", "index.html")));
    }

    [TestMethod]
    public void Dump_Json_IsAllOfStdout()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        var run = ProgramRun.Visualizer("dump", model, picture, "--out", _folder.File("out"), "--json", "--quiet");
        JsonElement entry = JsonDocument.Parse(run.Output).RootElement.GetProperty("inputs")[0];
        Assert.AreEqual(12, entry.GetProperty("tensors").GetInt32());
        Assert.AreEqual(5, entry.GetProperty("scores").GetProperty("top").GetArrayLength());
        Assert.AreEqual("", run.Error);
    }

    private JsonElement Manifest(params ReadOnlySpan<string> parts) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.File(parts), "manifest.json"))).RootElement;
}
