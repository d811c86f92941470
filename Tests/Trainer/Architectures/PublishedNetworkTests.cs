using System.Security.Cryptography;
using System.Text;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Trainer.Architectures;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Architectures;

/// <summary>Networks that torchvision has, too. Its numbers come from torchvision 0.14.1 with torch 1.13.1.</summary>
[TestClass]
public sealed class PublishedNetworkTests
{
    [TestMethod]
    [DataRow("mobilenetv2", 3_504_872)]
    [DataRow("mobilenetv2-0.5", 1_968_680)]
    [DataRow("mobilenetv2-0.75", 2_636_424)]
    [DataRow("mobilenetv2-1.4", 6_108_776)]
    [DataRow("vgg16", 138_357_544)]
    public void Build_ThousandClasses_HasAsManyParametersAsTorchvisions(string name, long expected)
    {
        Dictionary<string, TensorRole> roles = TensorRoles.Of(Model(name, 224, 1000).Graph, Model(name, 224, 1000).Graph.Nodes);
        Assert.AreEqual(expected, Model(name, 224, 1000).Graph.Initializers.Where(t => roles[t.Name] == TensorRole.Weight)
            .Sum(t => t.Shape.Count));
    }

    // SHA-256 over the sorted lines "name [shape]" of the state_dict, without the counts of batches, which ONNX does not have.
    [TestMethod]
    [DataRow("mobilenetv2", 262, "07C1A8796C1AA659704BFF922A9FD79773DD549DEF1A80747D38E220C211DB05")]
    [DataRow("vgg16", 32, "26A44A8D3CAB16C67A2E446A90410CE627919F48CA28949D4A95F218CCDA926F")]
    public void Build_ThousandClasses_HasTheNamesAndShapesOfTorchvisionsStateDict(string name, int count, string expected)
    {
        OnnxGraph graph = Model(name, 224, 1000).Graph;
        Dictionary<string, TensorRole> roles = TensorRoles.Of(graph, graph.Nodes);
        string[] lines = [.. graph.Initializers.Where(t => roles[t.Name] != TensorRole.Constant)
            .Select(t => $"{t.Name} {t.Shape}").Order(StringComparer.Ordinal)];

        Assert.HasCount(count, lines);
        Assert.AreEqual(
            expected, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)))), string.Join('\n', lines));
    }

    [TestMethod]
    [DataRow("mobilenetv2", "features.0.2", "N, 32, 112, 112")]
    [DataRow("mobilenetv2", "features.3", "N, 24, 56, 56")]
    [DataRow("mobilenetv2", "features.7.conv.3", "N, 64, 14, 14")]
    [DataRow("mobilenetv2", "features.16", "N, 160, 7, 7")]
    [DataRow("mobilenetv2", "features.18.2", "N, 1280, 7, 7")]
    [DataRow("mobilenetv2", "logits", "N, 1000")]
    [DataRow("vgg16", "features.4", "N, 64, 112, 112")]
    [DataRow("vgg16", "features.30", "N, 512, 7, 7")]
    [DataRow("vgg16", "avgpool", "N, 512, 7, 7")]
    [DataRow("vgg16", "logits", "N, 1000")]
    public void Build_UsualInput_HasTorchvisionsShapes(string name, string tensor, string expected) => Assert.AreEqual(
        expected, string.Join(", ", Model(name, 224, 1000).Graph.Outputs.Single(o => o.Name == tensor).Shape!.Value));

    // Every weight is filled by its place, biases are 0; torchvision's network, filled alike, gives these scores in float64. 64x64
    // leaves VGG16 a map of 2x2, of which its pool makes 7x7 with windows that are not alike. In float32 torchvision's own scores
    // are off by 4e-6 of the largest; other orders of sums may be a few times worse.
    [TestMethod]
    [DataRow("mobilenetv2-0.5", new[] { -5.621337, -2.944328, -1.262518, 1.441677, 2.782832, 0.245786, 5.203372 })]
    [DataRow("vgg16", new[] { -20.694869, -1.428632, 7.199496, 14.231387, 7.587895, -12.290273, 25.920594 })]
    public void Build_FilledWeights_GivesTorchvisionsScores(string name, double[] expected)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using var module = new OnnxModule(Model(name, 64, 7));
        const int period = 9973;
        Tensor pattern = tensor([.. Enumerable.Range(0, period).Select(i => ((((i * i * 7L) + (i * 3L)) % period) - 4986) / 4986f)]);
        foreach ((string _, Parameter weight) in module.named_parameters().Where(p => p.parameter.dim() > 1))
        {
            long inputs = weight.numel() / weight.size(0);
            using Tensor values = pattern.repeat((weight.numel() / period) + 1).narrow(0, 0, weight.numel()).mul_(Math.Sqrt(6.0 / inputs));
            weight.copy_(values.view(weight.shape));
        }

        module.eval();
        Tensor picture = tensor([.. Enumerable.Range(0, 3 * 64 * 64).Select(i => ((((i * 31) + 5) % 101) / 50f) - 1)]).view(1, 3, 64, 64);

        float[] scores = module.forward(picture).data<float>().ToArray();

        double tolerance = 3e-5 * expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], scores[i], tolerance);
    }

    // What a learning rate that falls from block to block counts: residual blocks as a whole, and layers.
    [TestMethod]
    [DataRow("mobilenetv2", 32, "features.3.conv.0.0.weight", 3)]
    [DataRow("vgg16", 15, "features.10.weight", 1)]
    public void NetworkBlocks_PublishedNetwork_AreLayersAndResidualBlocks(string name, int expected, string weight, int together)
    {
        OnnxGraph graph = Model(name, 64, 7).Graph;
        IReadOnlyList<IReadOnlyList<string>> blocks = CnnOnnx.Torch.Training.NetworkBlocks.Of(graph, graph.Producer("logits")!.Inputs[0]);
        Assert.HasCount(expected, blocks);
        IReadOnlyList<string> block = blocks.First(weights => weights.Contains(weight));
        Assert.AreEqual(together, block.Count(w => graph.Initializer[w].Shape.Rank == 4));
    }

    [TestMethod]
    [DataRow("mobilenetv2-0")]
    [DataRow("mobilenetv2-5")]
    public void Find_WidthOutOfRange_SaysWhichAreNot(string name) =>
        StringAssert.EndsWith(Assert.ThrowsExactly<BadInputException>(() => ArchitectureTable.Find(name)).Message,
            "expected one from 0.1 to 4");

    [TestMethod]
    [DataRow("mobilenetv2-")]
    [DataRow("mobilenetv2-wide")]
    [DataRow("mobilenetv3")]
    public void Find_AnotherName_FindsNothing(string name) => Assert.IsNull(ArchitectureTable.Find(name));

    private static OnnxModel Model(string name, int side, int classes)
    {
        Architecture row = ArchitectureTable.Find(name)!;
        return row.Build(row.Input with { Size = new(side, side) }, classes);
    }
}
