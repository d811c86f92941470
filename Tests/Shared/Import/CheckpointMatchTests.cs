using CnnOnnx.Formats;
using CnnOnnx.Import;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Import;

/// <summary>Small graphs and checkpoints: what identifies a layer, what is refused, what folding computes.</summary>
[TestClass]
public sealed class CheckpointMatchTests
{
    private static readonly string[] Norm = ["weight", "bias", "running_mean", "running_var"];

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Onto_NormsInTheGraph_AreFilledByName()
    {
        OnnxModel made = Made(Graph("conv1.weight", folded: false), Checkpoint("module."), out IReadOnlyList<string> remarks);
        Assert.AreEqual(0.5f, Values(made, "bn1.running_mean")[0]);
        Assert.AreEqual(3f, Values(made, "conv1.weight")[0]);
        Assert.AreEqual("7 of 8 tensors of the safetensors fill 7 initializers; 3 layers by their names | BatchNormalization is not"
            + " folded: 1 nodes "
            + "of it keep the graph's epsilon | 1 tensors of the checkpoint have no place in the graph: 'module.extra' [1]",
            string.Join(" | ", remarks));
    }

    // weight·s and β − μ·s with s = γ/√(σ² + ε), by hand: γ = 2, σ² = 0.25 − ε, so s = 4; β = 1, μ = 0.5.
    [TestMethod]
    [DataRow("/features/features.0/Conv")]
    [DataRow("conv")]
    public void Onto_FoldedNorms_AreMultipliedIn(string node)
    {
        OnnxModel graph = Graph("onnx::Conv_12", folded: true, node);
        string first = node == "conv" ? "conv1" : "features.0", second = node == "conv" ? "bn1" : "features.1";
        string checkpoint = Checkpoint("", (first, second), variance: 0.25f - 1e-3f);
        OnnxModel made = Made(graph, checkpoint, out IReadOnlyList<string> remarks, new CheckpointOptions { BatchNormEpsilon = 1e-3 });
        Assert.AreEqual(12f, Values(made, "onnx::Conv_12")[0], 1e-4f);
        Assert.AreEqual(-1f, Values(made, "onnx::Conv_12.bias")[0], 1e-4f);
        StringAssert.Contains(string.Join(" | ", remarks), "BatchNormalization is folded into 1 layers, with 1e-3 added to the variance,"
            + " as asked for");
        StringAssert.Contains(string.Join(" | ", remarks), node == "conv" ? "1 layers by shapes that occur once"
            : "1 layers by the names of their nodes");
    }

    // The checkpoint has a normalisation behind conv1 that the network does not use: the graph holds conv1's numbers as they are.
    [TestMethod]
    public void Onto_NormThatIsNotUsed_IsNotFolded()
    {
        var graph = new GraphBuilder("unused");
        string x = graph.Input("x", ElementType.Float, 1, 1, 1, 1);
        string w = graph.Initializer("conv1.weight", TensorData.FromArray([3f, 5], new TensorShape(2, 1, 1, 1)));
        string b = graph.Initializer("conv1.bias", TensorData.FromArray([1f, 2], new TensorShape(2)));
        graph.Output(graph.Node("Conv", "y", [x, w, b]), ElementType.Float, 1, 2, 1, 1);
        OnnxModel made = Made(graph.Build(), Write(("conv1.weight", [2, 1, 1, 1], [3, 5]), ("conv1.bias", [2], [1, 2]),
            ("bn1.weight", [2], [2, 2]), ("bn1.bias", [2], [1, 1]), ("bn1.running_mean", [2], [0, 0]), ("bn1.running_var", [2], [4, 4])),
            out IReadOnlyList<string> remarks);
        CollectionAssert.AreEqual(new float[] { 3, 5 }, Values(made, "conv1.weight"));
        StringAssert.Contains(remarks[^1], "4 tensors of the checkpoint have no place in the graph: 'bn1.");
    }

    // Two layers of one shape and no name: nothing says which is which, unless the order is asked for.
    [TestMethod]
    public void Onto_NothingButOrder_IsRefusedUnlessAskedFor()
    {
        var graph = new GraphBuilder("twins");
        string x = graph.Input("x", ElementType.Float, 1, 2, 4, 4);
        foreach (string name in new[] { "12", "14" })
            x = graph.Node("Conv", "c" + name, [x, graph.Weight(name, 2, 2, 1, 1)]);
        graph.Output(x, ElementType.Float, 1, 2, 4, 4);
        OnnxModel model = graph.Build();
        string path = Write(("a.weight", [2, 2, 1, 1], [1, 1, 1, 1]), ("b.weight", [2, 2, 1, 1], [2, 2, 2, 2]));
        using (WeightFile weights = WeightFile.Open(path))
        {
            UnmatchedWeightsException fault = Assert.ThrowsExactly<UnmatchedWeightsException>(() => CheckpointImport.Onto(model, weights));
            Assert.AreEqual("FILE: does not fill 2 of 2 weights of twins: '12' [2, 2, 1, 1] of Conv 'c12', '14' [2, 2, 1, 1] of Conv"
                + " 'c14'; left in "
                + "the checkpoint: 'a.weight' [2, 2, 1, 1], 'b.weight' [2, 2, 1, 1]; it belongs to another network, or the graph has lost"
                + " the names",
                fault.Message.Replace(path, "FILE"));
        }

        OnnxModel made = Made(model, path, out IReadOnlyList<string> remarks, new CheckpointOptions { ByOrder = true });
        Assert.AreEqual(2f, Values(made, "14")[0]);
        StringAssert.Contains(remarks[0], "2 layers in order, as was asked for");
    }

    [TestMethod]
    public void Onto_MissingTensor_NamesItAndTheNearest()
    {
        string path = Write(("conv_1.weight", [2, 1, 1, 1], [1, 2]), ("fc.weight", [3, 2], new float[6]), ("fc.bias", [3], new float[3]));
        using WeightFile weights = WeightFile.Open(path);
        UnmatchedWeightsException fault = Assert.ThrowsExactly<UnmatchedWeightsException>(() =>
            CheckpointImport.Onto(Graph("conv1.weight", folded: false), weights));
        Assert.Contains("'bn1.weight' [2] of BatchNormalization 'bn1'", fault.Missing.First());
        Assert.DoesNotContain("\n", fault.Message);
    }

    // PyTorch's exporter turns the matrix of a layer without a bias for MatMul, and gives it a number for a name.
    [TestMethod]
    public void Onto_TurnedMatrix_IsTurnedAgain()
    {
        var graph = new GraphBuilder("linear");
        string x = graph.Input("x", ElementType.Float, 1, 2);
        graph.Output(graph.Node("MatMul", "/head/MatMul", [x, graph.Weight("onnx::MatMul_3", 2, 3)]), ElementType.Float, 1, 3);
        OnnxModel made = Made(graph.Build(), Write(("head.weight", [3, 2], [1, 2, 3, 4, 5, 6])), out _);
        CollectionAssert.AreEqual(new float[] { 1, 3, 5, 2, 4, 6 }, Values(made, "onnx::MatMul_3"));
    }

    // Of biases that were equal when the network was exported one is left, and the others are made of it.
    [TestMethod]
    public void Onto_InitializersMergedByIdentity_ArePartedAgain()
    {
        var graph = new GraphBuilder("merged");
        string x = graph.Input("x", ElementType.Float, 1, 2);
        string shared = graph.Weight("a.bias", 2);
        x = graph.Node("Gemm", "a", [x, graph.Weight("a.weight", 2, 2), shared], ("transB", 1));
        x = graph.Node("Gemm", "b", [x, graph.Weight("b.weight", 2, 2), graph.Node("Identity", "b.bias", [shared])], ("transB", 1));
        graph.Output(x, ElementType.Float, 1, 2);
        OnnxModel made = Made(graph.Build(),
            Write(("a.weight", [2, 2], new float[4]), ("a.bias", [2], [1, 1]), ("b.weight", [2, 2], new float[4]),
            ("b.bias", [2], [2, 2])), out _);
        Assert.AreEqual(1f, Values(made, "a.bias")[0]);
        Assert.AreEqual(2f, Values(made, "b.bias")[0]);
    }

    // Node, module.
    [TestMethod]
    [DataRow("/features/features.0/features.0.0/Conv", "features.0.0")]
    [DataRow("/layer1/layer1.0/conv1/Conv", "layer1.0.conv1")]
    [DataRow("/features/features.1/conv/conv.0/conv.0.0/Conv", "features.1.conv.0.0")]
    [DataRow("/fc/Gemm", "fc")]
    [DataRow("/Conv", null)]
    [DataRow("Conv_0", null)]
    public void ModulePath_OfNodeName_IsPyTorchs(string node, string? module) => Assert.AreEqual(module, ModulePaths.Of(node));

    // x → conv (2 outputs) → perhaps bn1 → Flatten → fc
    private static OnnxModel Graph(string weight, bool folded, string node = "conv")
    {
        var graph = new GraphBuilder("net");
        string x = graph.Input("x", ElementType.Float, 1, 1, 1, 1), w = graph.Weight(weight, 2, 1, 1, 1);
        x = graph.Node("Conv", node, folded ? [x, w, graph.Weight(weight + ".bias", 2)] : [x, w]);
        if (!folded)
            x = graph.Node("BatchNormalization", "bn1", [x, .. Norm.Select(part => graph.Weight("bn1." + part, 2))]);
        x = graph.Node("Flatten", "flat", [x]);
        graph.Output(graph.Node("Gemm", "logits", [x, graph.Weight("fc.weight", 3, 2), graph.Weight("fc.bias", 3)], ("transB", 1)),
            ElementType.Float, 1, 3);
        return graph.Build();
    }

    private string Checkpoint(string prefix, (string Conv, string Norm)? names = null, float variance = 1)
    {
        (string conv, string norm) = names ?? ("conv1", "bn1");
        List<(string, long[], float[])> tensors =
        [
            ($"{prefix}{conv}.weight", [2, 1, 1, 1], [3, 3]), ($"{prefix}{norm}.weight", [2], [2, 2]),
                ($"{prefix}{norm}.bias", [2], [1, 1]),
            ($"{prefix}{norm}.running_mean", [2], [0.5f, 0.5f]), ($"{prefix}{norm}.running_var", [2], [variance, variance]),
            ($"{prefix}fc.weight", [3, 2], new float[6]), ($"{prefix}fc.bias", [3], new float[3]),
        ];
        if (prefix.Length > 0)
            tensors.Add(($"{prefix}extra", [1], [1]));
        return Write([.. tensors]);
    }

    private string Write(params (string Name, long[] Shape, float[] Values)[] tensors)
    {
        string path = _folder.File("weights.safetensors");
        SafeTensorsFile.Write(path, [.. tensors.Select(t => new SafeTensor(t.Name, ElementType.Float, new TensorShape(t.Shape)))],
            new Dictionary<string, string>(), (tensor, file) =>
                file.Write(TensorData.FromArray(tensors.First(t => t.Name == tensor.Name).Values, tensor.Shape).Bytes.Span));
        return path;
    }

    private OnnxModel Made(OnnxModel graph, string path, out IReadOnlyList<string> remarks, CheckpointOptions? options = null)
    {
        string made = _folder.File("made.onnx");
        using WeightFile weights = WeightFile.Open(path);
        using WeightedModel model = CheckpointImport.Onto(graph, weights, options);
        remarks = model.Remarks;
        model.Save(made);
        return OnnxModel.Read(made);
    }

    private static float[] Values(OnnxModel model, string name) => model.Graph.Initializer[name].Load().ToFloats();
}
