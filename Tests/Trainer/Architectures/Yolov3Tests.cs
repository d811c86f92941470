using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Import;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Import;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Architectures;

[TestClass]
public sealed class Yolov3Tests
{
    private const int CocoClasses = 80;

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Build_500ClassesAt416_HasThePapersHeadsAndStages()
    {
        Architecture yolo = ArchitectureTable.Find("yolov3")!;
        OnnxModel model = yolo.Build(yolo.Input, 500);

        CollectionAssert.AreEqual(
            new[] { "head.32 float32[N, 1515, 13, 13]", "head.16 float32[N, 1515, 26, 26]", "head.8 float32[N, 1515, 52, 52]" },
            model.Graph.Outputs.Take(3)
                .Select(o => $"{o.Name} {o.ElementType.DisplayName()}[{string.Join(", ", o.Shape!.Value)}]").ToArray());
        string[] stages = [.. Enumerable.Range(1, 5).Select(i => $"backbone_block{i}")];
        CollectionAssert.AreEqual(stages.Concat(["head_32", "head_16", "head_8"]).ToArray(),
            model.Card.Stages!.Select(s => s.Key).ToArray());
        long[] channels = [.. model.Card.Stages!.Take(5)
            .Select(s => model.Graph.Outputs.First(o => o.Name == s.Value).Shape!.Value[1].Size!.Value)];
        CollectionAssert.AreEqual(new long[] { 64, 128, 256, 512, 1024 }, channels);
        Assert.AreEqual(1984, channels.Sum());
        Assert.AreEqual(23, model.Graph.Nodes.Count(n => n.OpType == "Add"));
        Assert.AreEqual("416x416 rgb, letterbox, 0..1", model.Card.Input!.ToString());
        Assert.AreEqual("10,13 16,30 33,23 | 30,61 62,45 59,119 | 116,90 156,198 373,326", string.Join(" | ", model.Card.Detection!.Heads
            .Reverse().Select(head => string.Join(' ', head.Anchors.Select(a => $"{a[0]},{a[1]}")))));
        Assert.AreEqual("yolov3", DetectionReader.Find(model)!.Layout);
    }

    // Darknet's published file has 62,001,757 numbers for 80 classes, darknet53.conv.74 has 40,620,640.
    [TestMethod]
    public void Build_80Classes_HasAsManyWeightsAsDarknetsFiles()
    {
        Architecture yolo = ArchitectureTable.Find("yolov3")!;
        OnnxGraph graph = yolo.Build(yolo.Input, CocoClasses).Graph;
        long Count(Func<string, bool> isMeant) => Weights(graph).Where(i => isMeant(i.Name)).Sum(i => i.Shape.Count);
        Assert.AreEqual(62_001_757L, Count(_ => true));
        Assert.AreEqual(40_620_640L, Count(name => name.StartsWith("backbone", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Build_Narrow_RunsAtOtherSizesAndGivesEveryParameterAGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel model = Narrow(7, 64);
        using var module = new OnnxModule(model);
        WeightInit.Fill(module, "kaiming");
        string[] heads = [.. model.Card.Detection!.Heads.Select(head => head.Tensor)];
        foreach (int side in new[] { 64, 96 })
        {
            Tensor[] outputs = module.Run([("input", rand(2, 3, side, side))], heads);
            foreach ((Tensor output, int stride) in outputs.Zip([32, 16, 8]))
                CollectionAssert.AreEqual(new long[] { 2, 36, side / stride, side / stride }, output.shape);
            cat([.. outputs.Select(o => o.flatten())]).square().mean().backward();
        }

        foreach ((string parameter, Parameter weight) in module.named_parameters())
            Assert.IsTrue(weight.grad is { } gradient && gradient.abs().sum().ToDouble() > 0, $"{parameter} has no gradient.");
    }

    [TestMethod]
    public void Find_Names_HaveWidthsWithinBounds()
    {
        Assert.AreEqual("yolov3-0.125", ArchitectureTable.NameOf("yolov3", 0.125));
        Assert.AreEqual("'lenet' has one width only; got a width of 0.5 as well, which is for mobilenetv2 or yolov3",
            Assert.ThrowsExactly<BadInputException>(() => ArchitectureTable.NameOf("lenet", 0.5)).Message);
        Assert.AreEqual("'yolov3-0.01' has the width 0.01, expected one from 0.1 to 4",
            Assert.ThrowsExactly<BadInputException>(() => ArchitectureTable.Find("yolov3-0.01")).Message);
        Assert.AreEqual("yolov3-0.125: pictures of 100x200 do not fit, each of its heads halves sides that the next ones double again; "
            + "expected multiples of 32, such as 96x192", Assert.ThrowsExactly<BadInputException>(() =>
            ArchitectureTable.Find("yolov3-0.125")!.Build(new InputSpec { Size = new(200, 100) }, 3)).Message);
        Assert.AreEqual("yolov3-0.125: got 2 anchors, expected 9", Assert.ThrowsExactly<BadInputException>(() =>
            ArchitectureTable.Find("yolov3-0.125")!.Build(new InputSpec { Size = new(64, 64) }, 3, [new(3, 3), new(9, 9)])).Message);
    }

    // Darknet's cfg with an eighth of the filters and the weights of its file, read by their places: OpenCV referees that reading.
    [TestMethod]
    public void Forward_NarrowWithDarknetsWeights_IsThatOfTheCfg() => Compare(narrow: true, 96);

    [TestMethod]
    [TestCategory("Long")]
    public void Forward_WholeWithDarknetsWeights_IsThatOfTheCfg() => Compare(narrow: false, 64);

    [TestMethod]
    public void Open_PartsOfAFile_AreTakenUpToAConvolution()
    {
        (string cfg, string weights) = Darknet(narrow: true, 64);
        OnnxModel model = Narrow(CocoClasses, 64);
        byte[] all = File.ReadAllBytes(weights);
        long backbone = Weights(model.Graph).Where(i => i.Name.StartsWith("backbone", StringComparison.Ordinal)).Sum(i => i.Shape.Count);
        string part = _folder.File("narrow.conv.74"), cut = _folder.File("cut.weights");
        File.WriteAllBytes(part, all[..(20 + (4 * (int)backbone))]);
        File.WriteAllBytes(cut, all[..^40]);

        using (var places = DarknetPlaces.Open(model, part))
        {
            Assert.AreEqual($"{backbone:N0} weights of Darknet 0.2.0 for the first 52 convolutions; the others begin with random ones",
                places.Remark);
            Assert.IsNotNull(places.Values("backbone.5.3.wide.conv.weight"));
            Assert.IsNull(places.Values("neck.32.0.conv.weight"));
        }

        long count = (all.Length - 20) / 4;
        Assert.AreEqual($"{cut}: has {count - 10} weights, the network takes {count} or those of its first convolutions: it is cut off "
            + "within a layer, or belongs to another network or width",
            Assert.ThrowsExactly<BadInputException>(() => DarknetPlaces.Open(model, cut)).Message);
        long other = Weights(Narrow(3, 64).Graph).Sum(i => i.Shape.Count);
        Assert.AreEqual($"{weights}: has {count} weights, the network takes {other} or those of its first convolutions: it tells 80 "
            + "classes apart, 3 are asked for; expected the same classes, or a file of the backbone alone",
            Assert.ThrowsExactly<BadInputException>(() => DarknetPlaces.Open(Narrow(3, 64), weights)).Message);
    }

    private void Compare(bool narrow, int side)
    {
        (string cfg, string weights) = Darknet(narrow, side);
        string theirs = _folder.File("theirs.onnx"), ours = _folder.File("ours.onnx");
        // Architectures add 1e-5 to variances, as most weights were trained with.
        using (WeightedModel model = DarknetNetwork.Read(cfg, weights, new DarknetOptions { BatchNormEpsilon = 1e-5 }))
            model.Save(theirs);
        OnnxModel built = narrow ? Narrow(CocoClasses, side)
            : ArchitectureTable.Find("yolov3")!.Build(new InputSpec { Size = new(side, side), Resize = ResizeMode.Letterbox }, CocoClasses);
        using (var places = DarknetPlaces.Open(built, weights))
        {
            Assert.IsTrue(places.IsWhole);
            built.Save(ours, i => places.Bytes(i.Name));
        }

        var random = new Random(1);
        TensorData picture = TensorData.FromArray([.. Enumerable.Range(0, 3 * side * side).Select(_ => random.NextSingle())],
            new TensorShape(1, 3, side, side));
        (float[][] expected, DetectionCard their) = Heads(theirs, picture);
        (float[][] found, DetectionCard our) = Heads(ours, picture);
        for (int h = 0; h < 3; h++)
        {
            Assert.AreEqual(their.Heads[h].Stride, our.Heads[h].Stride);
            CollectionAssert.AreEqual(their.Heads[h].Anchors.SelectMany(a => a).ToArray(),
                our.Heads[h].Anchors.SelectMany(a => a).ToArray());
            Assert.HasCount(expected[h].Length, found[h]);
            // the same sums in the same engine, perhaps fused otherwise
            float magnitude = expected[h].Max(Math.Abs), difference = expected[h].Zip(found[h], (a, b) => Math.Abs(a - b)).Max();
            Assert.IsLessThan(1e-5f * Math.Max(1, magnitude), difference, $"head {h}, of {magnitude}");
            Assert.IsGreaterThan(0.1f, magnitude);
        }
    }

    private static (float[][] Heads, DetectionCard Card) Heads(string path, TensorData picture)
    {
        var model = OnnxModel.Read(path);
        DetectionCard card = model.Card.Detection!;
        using var session = ActivationSession.Open(model, new() { Tensors = [.. card.Heads.Select(head => head.Tensor)] });
        using Activations seen = session.Run(picture);
        return ([.. card.Heads.Select(head => seen[head.Tensor].Values.ToArray())], card);
    }

    private (string Cfg, string Weights) Darknet(bool narrow, int side)
    {
        string cfg = _folder.File("net.cfg"), weights = _folder.File("net.weights");
        DarknetFiles.WriteCfg(SharedData.Require("darknet", "cfg", "yolov3.cfg"), cfg, side);
        if (narrow)
            DarknetFiles.Narrow(cfg, 8, CocoClasses);
        DarknetFiles.WriteWeights(cfg, weights);
        return (cfg, weights);
    }

    private static IEnumerable<OnnxTensor> Weights(OnnxGraph graph) =>
        graph.Initializers.Where(i => !i.Name.StartsWith("scales", StringComparison.Ordinal));

    private static OnnxModel Narrow(int classes, int side) =>
        ArchitectureTable.Find("yolov3-0.125")!.Build(new InputSpec { Size = new(side, side), Resize = ResizeMode.Letterbox }, classes);
}
