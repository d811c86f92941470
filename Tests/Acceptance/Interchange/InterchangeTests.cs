using System.Text.Json;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Tests.Interchange;

/// <summary>The files that a dump of a small model writes for other programs.</summary>
[TestClass]
public sealed class InterchangeTests
{
    [TestMethod]
    public void Netron_Entries_AreOnePerTargetAndName()
    {
        using var folder = new TemporaryFolder();
        DumpManifest manifest = Dump(folder);
        JsonElement root = Read(folder, "netron-attachment.json");

        Assert.AreEqual("netron:attachment", root.GetProperty("signature").GetString());
        var entries = root.GetProperty("metrics").EnumerateArray()
            .Select(e => (Kind: e.GetProperty("kind").GetString(), Target: e.GetProperty("target").GetString(),
                Name: e.GetProperty("name").GetString(),
                Value: e.GetProperty("value").GetDouble())).ToArray();
        Assert.AreEqual(entries.Length, entries.DistinctBy(e => (e.Kind, e.Target, e.Name)).Count());
        Assert.AreEqual(manifest.Tensors[0].Mean, entries.Single(e => e is { Kind: "value", Target: "c", Name: "mean" }).Value, 1e-12);
        Assert.AreEqual(1, entries.Count(e => e is { Kind: "node", Name: "zeros" } && e.Target == manifest.Tensors[1].Node));
        Assert.IsTrue(root.GetProperty("metadata").EnumerateArray().All(e => e.GetProperty("target").GetString() == ""));
    }

    [TestMethod]
    [DataRow("mean")]
    [DataRow("zeros")]
    public void ModelExplorer_Results_AreByTensorForWhateverGraphIsOpen(string run)
    {
        using var folder = new TemporaryFolder();
        DumpManifest manifest = Dump(folder);
        JsonElement graph = Read(folder, $"model-explorer-node-data-{run}.json");
        Assert.AreEqual($"{run} in small", graph.GetProperty("name").GetString());

        foreach (TensorRecord tensor in manifest.Tensors)
            Assert.AreEqual(run == "mean" ? tensor.Mean : tensor.Zeros,
                graph.GetProperty("results").GetProperty(tensor.Name).GetProperty("value").GetDouble(), 1e-12);
        CollectionAssert.AreEqual(new[] { 0.0, 0.5, 1.0 },
            graph.GetProperty("gradient").EnumerateArray().Select(g => g.GetProperty("stop").GetDouble()).ToArray());
    }

    [TestMethod]
    public void Npy_OfEachTensor_HoldsItsValues()
    {
        using var folder = new TemporaryFolder();
        DumpManifest manifest = Dump(folder);
        TensorData array = NpyFile.Read(folder.File(manifest.Tensors[0].Array!));
        Assert.AreEqual(new TensorShape(1, 1, 2, 2), array.Shape);
        CollectionAssert.AreEqual(new[] { 303f, 348, 483, 528 }, array.ToFloats());
    }

    [TestMethod]
    public void Manifest_AndStatistics_HaveNumbersOfTensorsAndChannels()
    {
        using var folder = new TemporaryFolder();
        DumpManifest manifest = Dump(folder);

        DumpManifest read = JsonSerializer.Deserialize(File.ReadAllText(folder.File("manifest.json")), ManifestJson.Readable.DumpManifest)!;
        CollectionAssert.AreEqual(manifest.Tensors[0].Percentiles, read.Tensors[0].Percentiles);
        CollectionAssert.AreEqual(manifest.Tensors[0].ByChannel.Max.Values, read.Tensors[0].ByChannel.Max.Values);
        Assert.AreEqual(manifest.Tensors[0].Picture!.Tiles, read.Tensors[0].Picture!.Tiles);
        string[] lines = File.ReadAllLines(folder.File("stats.csv"));
        Assert.StartsWith("tensor,channel,op,node,dtype,shape,count,min,max,mean,std,zeros,nan,inf,p1,", lines[0]);
        Assert.StartsWith("c,,Conv,c,float32,1x1x2x2,4,303,528,415.5,", lines[1]);
        Assert.StartsWith("c,0,Conv,c,float32,1x1x2x2,4,303,528,415.5,", lines[2]);
        Assert.HasCount(1 + 2 + 2, lines);
    }

    // x is 0 to 15.
    private static DumpManifest Dump(TemporaryFolder folder)
    {
        string model = SmallModels.ConvRelu().Write(folder.File("small.onnx"));
        string input = folder.File("x.npy");
        NpyFile.Write(input, TensorData.FromArray([.. Enumerable.Range(0, 16).Select(i => (float)i)], new TensorShape(1, 1, 4, 4)));
        var options = new DumpOptions { Activation = new ActivationOptions(), Npy = true, Interchange = true };
        using var dumper = new Dumper(model, options, new Dictionary<string, TensorData>(), folder.Path);
        using ModelInput given = ModelInput.Read(input);
        return dumper.Dump(given, folder.Path);
    }

    private static JsonElement Read(TemporaryFolder folder, string file) =>
        JsonDocument.Parse(File.ReadAllText(folder.File(file))).RootElement;
}
