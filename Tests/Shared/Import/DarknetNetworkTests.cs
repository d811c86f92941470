using System.Text;
using CnnOnnx.Import;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Import;

[TestClass]
public sealed class DarknetNetworkTests
{
    private const string Net = "[net]\nheight=4\nwidth=4\nchannels=1\n";

    private readonly TemporaryFolder _folder = new();

    private string Cfg => _folder.File("net.cfg");

    private string Weights => _folder.File("net.weights");

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    // OpenCV reads neither: shortcuts between maps of two shapes, and [crop].
    [TestMethod]
    [DataRow("resnet18", 11_523_496L)]
    public void Read_ResNet18_ComputesDarknetsFormulas(string name, long count)
    {
        DarknetFiles.WriteCfg(SharedData.Require("darknet", "cfg", name + ".cfg"), Cfg, 64);
        Assert.AreEqual(count, DarknetFiles.WriteWeights(Cfg, Weights));
        AssertComputes(Pixels(3 * 64 * 64));
    }

    // Layers, channels of the 8x8 input: each alone behind or before a convolution, which gives it values of both signs.
    [TestMethod]
    [DataRow("[maxpool]\nsize=2\nstride=2", 3)]
    [DataRow("[maxpool]\nsize=2\nstride=1", 3)]
    [DataRow("[maxpool]\nsize=3\nstride=2\npadding=1", 3)]
    [DataRow("[maxpool]\nsize=5\nstride=1", 3)]
    [DataRow("[convolutional]\nfilters=4\nsize=4\npad=1\nactivation=relu", 2)]
    [DataRow("[convolutional]\nfilters=16\nsize=1\nactivation=linear\n[reorg]\nstride=2", 2)]
    [DataRow("[upsample]\nstride=3", 2)]
    [DataRow("[crop]\ncrop_height=5\ncrop_width=3", 2)]
    [DataRow("[connected]\noutput=7\nactivation=leaky\n[softmax]\ngroups=1", 2)]
    [DataRow("[convolutional]\nfilters=6\nsize=3\nstride=2\npad=1\nactivation=leaky\n[shortcut]\nfrom=-2\nactivation=leaky", 2)]
    [DataRow("[upsample]\nstride=2\n[convolutional]\nfilters=3\nsize=1\nactivation=linear\n[shortcut]\nfrom=0\nactivation=linear", 2)]
    public void Read_OneLayer_ComputesDarknetsFormula(string layers, int channels)
    {
        File.WriteAllText(Cfg,
            $"[net]\nheight=8\nwidth=8\nchannels={channels}\n[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\npad=1\n"
            + $"activation=leaky\n{layers}\n");
        DarknetFiles.WriteWeights(Cfg, Weights);
        AssertComputes(Pixels(channels * 64));
    }

    [TestMethod]
    public void Read_YoloV3_HasFiveStagesOf1984Channels()
    {
        string cfg = SharedData.Require("darknet", "cfg", "yolov3.cfg");
        (OnnxModel model, DarknetGraph graph) = DarknetNetwork.Build(CfgFile.Read(cfg), new DarknetOptions());
        Assert.AreEqual(62_001_757L, graph.Values.Sum(v => v.Count));
        Assert.AreEqual("backbone_block1 shortcut_4, backbone_block2 shortcut_11, backbone_block3 shortcut_36, backbone_block4"
            + " shortcut_61, "
            + "backbone_block5 shortcut_74", string.Join(", ", model.Card.Stages!.Select(s => $"{s.Key} {s.Value}")));
        Assert.AreEqual(1984,
            graph.Outputs.Where(o => model.Card.Stages!.Any(s => s.Value == o.Name)).DistinctBy(o => o.Name).Sum(o => o.Channels));
        DetectionCard heads = model.Card.Detection!;
        Assert.AreEqual("yolov3 80: conv_81 32 116x90 156x198 373x326, conv_93 16 30x61 62x45 59x119, conv_105 8 10x13 16x30 33x23",
            $"{heads.Layout} {heads.Classes}: " + string.Join(", ", heads.Heads.Select(h =>
                $"{h.Tensor} {h.Stride} {string.Join(" ", h.Anchors.Select(a => $"{a[0]}x{a[1]}"))}")));
        Assert.AreEqual("608x608 rgb, letterbox, 0..1", model.Card.Input!.ToString());
    }

    // The card in the file's metadata is a contract: other programs read it.
    [TestMethod]
    public void Save_Detector_WritesTheCard()
    {
        File.WriteAllText(Cfg, Net + "[convolutional]\nfilters=6\nsize=1\nstride=2\nactivation=linear\n"
            + "[yolo]\nmask=1\nanchors=1,2, 3,4\nclasses=1\nnum=2\nscale_x_y=1.05\n");
        DarknetFiles.WriteWeights(Cfg, Weights);
        OnnxModel model = Saved(new DarknetOptions { Labels = ["cat"] });
        Assert.AreEqual("""{"layout":"yolov3","classes":1,"class_offset":0,"heads":[{"tensor":"conv_0","stride":2,"anchors":[[3,4]],"""
            + "\"scale_x_y\":1.05,\"new_coords\":false}]}", model.Metadata["cnnonnx.detection"]);
        Assert.AreEqual("3x4", string.Join("x", model.Card.Detection!.Heads[0].Anchors[0]));
        Assert.AreEqual("cat", model.Card.Labels!.Single());
    }

    [TestMethod]
    public void Read_EveryHeader_GivesTheSameWeights()
    {
        File.WriteAllText(Cfg, Net + "[connected]\noutput=2\nactivation=linear\n");
        byte[][] headers =
        [
            [.. Ints(0, 2, 0), .. new byte[8]],
            [.. Ints(0, 2, 5), .. new byte[8]],
            [.. Ints(0, 1, 0), .. new byte[4]],
            // One fork counts pictures in eight bytes here, the original in four.
            [.. Ints(0, 1, 0), .. new byte[8]],
        ];
        foreach (byte[] header in headers)
        {
            DarknetFiles.WriteWeights(Cfg, Weights, header);
            OnnxModel model = Saved();
            CollectionAssert.AreEqual(File.ReadAllBytes(Weights)[header.Length..][..8],
                model.Graph.Initializer["fc_0.bias"].Load().Bytes.ToArray());
        }
    }

    // Versions beyond 1000 mark matrices that are stored by columns.
    [TestMethod]
    public void Read_TransposedFile_TurnsTheMatrix()
    {
        File.WriteAllText(Cfg, Net + "[connected]\noutput=2\nactivation=linear\n");
        File.WriteAllBytes(Weights,
            [.. Ints(1001, 0, 0), .. new byte[4], .. Enumerable.Range(0, 34).SelectMany(i => BitConverter.GetBytes((float)i))]);
        float[] matrix = Saved().Graph.Initializer["fc_0.weight"].Load().ToFloats();
        CollectionAssert.AreEqual(Enumerable.Range(0, 32).Select(i => (float)(2 + (i % 16 * 2) + (i / 16))).ToArray(), matrix);
    }

    // Epsilon, what the card's file has.
    [TestMethod]
    [DataRow(1e-6)]
    [DataRow(1e-5)]
    public void Read_Epsilon_IsThatOfTheNodes(double epsilon)
    {
        File.WriteAllText(Cfg, Net + "[convolutional]\nbatch_normalize=1\nfilters=2\nsize=1\nactivation=linear\n");
        DarknetFiles.WriteWeights(Cfg, Weights);
        OnnxModel model = Saved(new DarknetOptions { BatchNormEpsilon = epsilon });
        Assert.AreEqual((float)epsilon, model.Graph.Nodes.Single(n => n.OpType == "BatchNormalization").Float("epsilon", 0));
    }

    // Cfg behind [net], what the line says. The file of weights has 100 values.
    [TestMethod]
    [DataRow("[convolutional]\nfilters=2\nactivation=linear", "WEIGHTS: has 100 weights, the network takes 4: it belongs to another cfg")]
    [DataRow("[connected]\noutput=2\nactivation=linear\n[connected]\noutput=99\nactivation=linear", "WEIGHTS: has 100 weights, the network "
        + "takes 331: it ends in layer 1 ([connected], fc_1.bias); it is cut off, holds the first layers only, or belongs to another cfg")]
    [DataRow("[lstm]", "CFG: line 5, [lstm] (layer 0): layers of this kind are not read, expected one of activation, avg, ")]
    [DataRow("[convolutional]\nactivation=mash", "CFG: line 5, [convolutional] (layer 0): activation is 'mash', expected one of elu,"
        + " hardtan,")]
    [DataRow("[convolutional]\nfilters=-2", "CFG: line 5, [convolutional] (layer 0): filters is '-2', expected a whole number from 1 to"
        + " 1000000")]
    [DataRow("[convolutional]\nsize=nine", "CFG: line 5, [convolutional] (layer 0): size is 'nine', expected a whole number from 1")]
    [DataRow("[convolutional]\nfilters=1000000\nsize=1000000", "CFG: line 5, [convolutional] (layer 0): has 1000000000000000000 weights in"
        + " one")]
    [DataRow("[convolutional]\nsize=9", "CFG: line 5, [convolutional] (layer 0): nothing is left of 1x4x4")]
    [DataRow("[upsample]\nstride=999999", "CFG: line 5, [upsample] (layer 0): its output would be 1x3999996x3999996")]
    [DataRow("[route]\nlayers=3", "CFG: line 5, [route] (layer 0): takes layer 3, expected one of the 0 before it")]
    [DataRow("[maxpool]\nsize=2\nstride=2\n[upsample]\n[route]\nlayers=-1,-2", "CFG: line 9, [route] (layer 2): joins 1x4x4 and 1x2x2,"
        + " expected maps")]
    [DataRow("[yolo]\nclasses=1\nanchors=1,2", "CFG: line 5, [yolo] (layer 0): the layer before it has 1 channels, expected 6 for 1"
        + " anchors")]
    [DataRow("[dropout]", "CFG: line 1, [net]: the network has no layer that computes something")]
    public void Read_WhatDoesNotFit_IsOneLineWithItsPlace(string layers, string expected)
    {
        File.WriteAllText(Cfg, Net + layers + "\n");
        File.WriteAllBytes(Weights, [.. Ints(0, 2, 0), .. new byte[8 + 400]]);
        string message = Assert.ThrowsExactly<BadInputException>(() => DarknetNetwork.Read(Cfg, Weights).Dispose()).Message;
        StringAssert.StartsWith(message.Replace(Cfg, "CFG").Replace(Weights, "WEIGHTS"), expected);
        Assert.DoesNotContain("\n", message);
    }

    // Text of the file, what the line says.
    [TestMethod]
    [DataRow("", "CFG: has no section, expected [net] and layers; it is no Darknet cfg")]
    [DataRow("[conv]\n", "CFG: begins with [conv], expected [net]; it is no Darknet cfg")]
    [DataRow("x=1\n", "CFG: line 1 is before any section, expected [net] first; it is no Darknet cfg")]
    [DataRow("[net]\nheight=4\nwidth=4", "CFG: has no layer behind [net]")]
    public void Read_NoCfg_IsSaid(string text, string expected)
    {
        File.WriteAllText(Cfg, text, Encoding.ASCII);
        Assert.AreEqual(expected, Assert.ThrowsExactly<BadInputException>(() => CfgFile.Read(Cfg)).Message.Replace(Cfg, "CFG"));
    }

    private static byte[] Ints(params int[] numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];

    private static float[] Pixels(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())];
    }

    private void AssertComputes(float[] pixels)
    {
        OnnxModel model = Saved();
        using var session = ActivationSession.Open(model, new() { Tensors = [model.Graph.Outputs[0].Name] });
        var shape = new TensorShape([1, .. model.Graph.Inputs[0].Shape!.Value.Skip(1).Select(d => d.Size!.Value)]);
        using Activations seen = session.Run(TensorData.FromArray(pixels, shape));
        float[] ours = seen[0].Values.ToArray(), theirs = DarknetReading.Run(Cfg, Weights, pixels);
        Assert.HasCount(theirs.Length, ours);
        // Float32 sums of some thousand products against sums in double.
        Assert.IsLessThan(2e-4f * Math.Max(1, theirs.Max(Math.Abs)), theirs.Zip(ours, (a, b) => Math.Abs(a - b)).Max());
    }

    private OnnxModel Saved(DarknetOptions? options = null)
    {
        string path = _folder.File("net.onnx");
        using (WeightedModel model = DarknetNetwork.Read(Cfg, Weights, options))
            model.Save(path);
        return OnnxModel.Read(path);
    }
}
