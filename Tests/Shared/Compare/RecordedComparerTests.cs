using System.Collections.Frozen;
using CnnOnnx.Compare;
using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using static CnnOnnx.Tests.Compare.ModelFaults;

namespace CnnOnnx.Tests.Compare;

[TestClass]
public sealed class RecordedComparerTests
{
    [TestMethod]
    [DataRow("/conv1/Conv", "conv1")]
    [DataRow("/layer1/layer1.0/conv1/Conv", "layer1.0.conv1")]
    [DataRow("/features/features.1/conv/conv.0/conv.0.0/Conv", "features.1.conv.0.0")]
    [DataRow("/layer1/layer1.0/relu_1/Relu", "layer1.0.relu_1")]
    [DataRow("/Flatten", "")]
    [DataRow("Conv_3", null)]
    public void Of_NamesThatExportersGive_AreThoseOfModules(string node, string? module) =>
        Assert.AreEqual(module, ModuleNames.Of(new OnnxNode(new() { Name = node, OpType = "Conv" }, new GraphScope("x", OfOpset), node)));

    [TestMethod]
    public void Of_ScopesInMetadata_AreThoseOfModules()
    {
        var node = new NodeProto { Name = "node_conv2d", OpType = "Conv" };
        node.MetadataProps.Add(new StringStringEntryProto
        {
            Key = "pkg.torch.onnx.name_scopes",
            Value = "['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d']",
        });
        Assert.AreEqual("layer1.0.conv1", ModuleNames.Of(new OnnxNode(node, new GraphScope("x", OfOpset), node.Name)));
    }

    [TestMethod]
    public void AsHook_AModuleThatIsCalledAgain_CountsWhereTheHookSits() =>
        Assert.AreEqual("head.conv_1", ModuleNames.AsHook("head_1.conv", new HashSet<string> { "head.conv", "head_1.conv" }));

    [TestMethod]
    public void Compare_FoldedRepeatedAndNested_PairsAllThatHasAPlace()
    {
        OnnxModel model = Network();
        using var folder = new TemporaryFolder();
        ComparisonResult result = RecordedComparer.Compare(model, Record(folder.Path, model));

        Assert.AreEqual(VerdictKind.BitEqual, result.Verdict.Kind, result.Verdict.Detail);
        CollectionAssert.AreEqual(new[] { "block.bn → c1", "block.relu → r1", "block.conv2 → c2", "block.relu_1 → r2", "fc → y" },
            result.Pairs.Select(p => $"{p.Pair.A} → {p.Pair.B}").ToArray());
        Dictionary<string, string> alone = result.Unpaired.ToDictionary(u => u.Name, u => u.Reason);
        Assert.AreEqual("comes before 'block.bn', which is folded into the weights that make 'c1'", alone["block.conv"]);
        Assert.AreEqual("is the same place as 'block.relu_1', which is compared", alone["block"]);
        Assert.AreEqual("holds the same values as 'block.relu_1'", alone["dropout"]);
        Assert.AreEqual("is made by GlobalAveragePool, and nothing was recorded there", alone["p"]);
        Assert.IsTrue(result.Unpaired.Where(u => u.InA).All(u => u.IsExplained));
    }

    [TestMethod]
    public void Compare_AFault_IsNamedAtItsNode()
    {
        OnnxModel model = Network();
        using var folder = new TemporaryFolder();
        string recorded = Record(folder.Path, model);
        ComparisonResult result = RecordedComparer.Compare(Changed(model, m => Scale(m, "/block/conv2/Conv", 1, 2, 1.01f)), recorded);

        Assert.AreEqual("/block/conv2/Conv", result.Verdict.First?.Node, result.Verdict.Headline);
        Assert.HasCount(1, result.Pairs.Where(p => p.Finding == PairFinding.Introduced).ToArray());
        Assert.AreEqual(1.01, result.Maps!.Fit.Slope, 1e-4, "the worst channel is the scaled one");
        Assert.AreEqual(2, result.Maps.Worst[0].Channel);
        Assert.IsNotNull(result.Reproduction);
    }

    [TestMethod]
    public void Compare_ChannelsLast_IsTurned()
    {
        OnnxModel model = Network();
        using var folder = new TemporaryFolder();
        ComparisonResult result = RecordedComparer.Compare(model,
            Record(folder.Path, model, (key, t) => key == "block.conv2" ? Last(t) : t));
        PairComparison turned = result.Pairs.First(p => p.Pair.A == "block.conv2");
        Assert.IsTrue(turned.Cumulative.IsBitEqual, $"{turned.Pair} {turned.Shape} {turned.Cumulative}");
    }

    [TestMethod]
    public void Compare_NamesThatNobodyKnows_GoByTheValues()
    {
        OnnxModel model = Network();
        using var folder = new TemporaryFolder();
        ComparisonResult result = RecordedComparer.Compare(model,
            Record(folder.Path, model, rename: key => key == "input" ? key : "t" + key.GetHashCode(StringComparison.Ordinal)));
        Assert.AreEqual(VerdictKind.BitEqual, result.Verdict.Kind);
        CollectionAssert.IsSubsetOf(new[] { "c1", "r1", "c2", "r2", "y" }, result.Pairs.Select(p => p.Pair.B).ToArray());
    }

    [TestMethod]
    public void Compare_WithoutInputOrAnythingInCommon_SaysSoInOneLine()
    {
        OnnxModel model = Network();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "x.npz");
        Write(path, new() { ["a"] = TensorData.FromArray([1f, 2f], new TensorShape(2)) });
        string message = Assert.ThrowsExactly<BadInputException>(() => RecordedComparer.Compare(model, path)).Message;
        Assert.AreEqual($"{path}: has no tensor 'x' or 'input', which the model would be run on; it has a", message);

        Write(path, new() { ["input"] = Input(), ["a"] = TensorData.FromArray([1f, 2f], new TensorShape(2)) });
        message = Assert.ThrowsExactly<BadInputException>(() => RecordedComparer.Compare(model, path)).Message;
        StringAssert.EndsWith(message, "have no tensor in common: 'a' is neither a module of the model nor one of its tensors; "
            + "pairs can be given by name");

        string recorded = Record(folder.Path, model);
        message = Assert.ThrowsExactly<BadInputException>(() =>
            RecordedComparer.Compare(model, recorded, new CompareOptions { Tensors = ["nothing*"] })).Message;
        Assert.AreEqual("no pair has one of the names nothing*; there are 5 pairs, such as 'fc'", message);
        message = Assert.ThrowsExactly<BadInputException>(() =>
            RecordedComparer.Compare(model, recorded, new CompareOptions { Pairs = [("fc", "z")] })).Message;
        Assert.AreEqual("torch has no tensor 'z' to pair", message);
    }

    [TestMethod]
    public void Compare_TensorsOfNaN_AreOutOfTolerance()
    {
        OnnxModel model = Network();
        using var folder = new TemporaryFolder();
        ComparisonResult result = RecordedComparer.Compare(model, Record(folder.Path, model, (key, t) => key == "fc"
            ? TensorData.FromArray([.. Enumerable.Repeat(float.NaN, (int)t.Shape.Count)], t.Shape) : t));
        Assert.AreEqual(VerdictKind.Differs, result.Verdict.Kind);
        Assert.AreEqual("/fc/Gemm", result.Verdict.First?.Node);
    }

    private static readonly FrozenDictionary<string, long> OfOpset = new Dictionary<string, long> { [""] = 17 }.ToFrozenDictionary();

    private static TensorData Input()
    {
        var random = new Random(1);
        return TensorData.FromArray([.. Enumerable.Range(0, 3 * 9 * 9).Select(_ => random.NextSingle() - 0.5f)],
            new TensorShape(1, 3, 9, 9));
    }

    // As an exporter writes a block of conv, bn, relu, conv2 and relu again, with bn folded into conv, and a dropout that is gone.
    private static OnnxModel Network()
    {
        var random = new Random(2);
        var builder = new GraphBuilder("torch");
        string x = builder.Input("x", ElementType.Float, 1, 3, 9, 9);
        builder.Initializer("w1", Weights(4, 3, 3, 3));
        builder.Initializer("w2", Weights(4, 4, 3, 3));
        builder.Initializer("w3", Weights(5, 4));
        Node("Conv", "/block/conv/Conv", [x, "w1"], "c1");
        Node("Relu", "/block/relu/Relu", ["c1"], "r1");
        Node("Conv", "/block/conv2/Conv", ["r1", "w2"], "c2");
        Node("Relu", "/block/relu_1/Relu", ["c2"], "r2");
        Node("GlobalAveragePool", "/GlobalAveragePool", ["r2"], "p");
        Node("Flatten", "/Flatten", ["p"], "f");
        builder.Node("Gemm", "", "/fc/Gemm", ["f", "w3"], ["y"], ("transB", 1L));
        builder.Output("y", ElementType.Float, 1, 5);
        return builder.Build();

        void Node(string type, string name, string[] inputs, string output) => builder.Node(type, "", name, inputs, [output]);
        TensorData Weights(params long[] shape) => TensorData.FromArray(
            [.. Enumerable.Range(0, (int)new TensorShape(shape).Count).Select(_ => random.NextSingle() - 0.5f)], new TensorShape(shape));
    }

    // What hooks on the modules of the unfolded network write: the convolution's own result is another than the folded one's.
    private static string Record(string folder, OnnxModel model, Func<string, TensorData, TensorData>? change = null,
        Func<string, string>? rename = null)
    {
        using ActivationSession session = ActivationSession.Open(model, new CompareOptions().A);
        using Activations run = session.Run(Input());
        Dictionary<string, TensorData> recorded = new()
        {
            ["input"] = Input(),
            ["block.conv"] = TensorData.FromArray([.. run["c1"].Values.ToArray().Select(v => 2 * v + 1)], run["c1"].Shape),
        };
        foreach ((string key, string tensor) in new[] { ("block.bn", "c1"), ("block.relu", "r1"), ("block.conv2", "c2"),
            ("block.relu_1", "r2"), ("block", "r2"), ("dropout", "r2"), ("fc", "y") })
            recorded[key] = new TensorData(run[tensor].ElementType, run[tensor].Shape, run[tensor].Raw.ToArray());
        string path = Path.Combine(folder, "activations.npz");
        Write(path, recorded.ToDictionary(r => rename?.Invoke(r.Key) ?? r.Key, r => change?.Invoke(r.Key, r.Value) ?? r.Value));
        return path;
    }

    private static void Write(string path, Dictionary<string, TensorData> tensors) => AtomicFile.Write(path, stream =>
    {
        using var npz = new NpzWriter(stream);
        foreach ((string key, TensorData tensor) in tensors)
            npz.Add(key, tensor);
    });

    private static TensorData Last(TensorData tensor)
    {
        float[] room = [];
        float[] turned = PairedValues.Turned(tensor.As<float>(), tensor.Shape, isChannelsLast: false, ref room).ToArray();
        return TensorData.FromArray(turned, new TensorShape(1, tensor.Shape[2], tensor.Shape[3], tensor.Shape[1]));
    }
}
