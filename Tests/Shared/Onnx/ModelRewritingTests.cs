using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Tests.Training;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class ModelRewritingTests
{
    [TestMethod]
    public void WithOutputs_TheModelItself_StaysAsItIs()
    {
        OnnxModel model = HeadGraphs.Build("gemm");
        OnnxModel changed = model.WithOutputs(["map", "scores"]);
        Assert.AreEqual("map scores", string.Join(" ", changed.Graph.Outputs.Select(o => o.Name)));
        Assert.AreEqual("scores: float32[batch, 5]", string.Join(", ", model.Graph.Outputs));
    }

    [TestMethod]
    public void WithOutputs_TensorThatNobodyMakes_IsRefused()
    {
        var fault = Assert.ThrowsExactly<OnnxException>(() => HeadGraphs.Build("gemm").WithOutputs(["nothing"]));
        Assert.AreEqual("gemm: output 'nothing' of graph 'gemm' is made by no node", fault.Message);
    }

    [TestMethod]
    public void WithInputShape_OfAFixedBatch_TakesAnyBatch()
    {
        var graph = new GraphBuilder("fixed");
        graph.Output(graph.Node("Relu", "y", [graph.Input("x", ElementType.Float, 1, 2)]), ElementType.Float, "N", 2);
        OnnxModel free = graph.Build().WithInputShape("x", "N", 2);
        using var session = ActivationSession.Open(free, new() { Device = ComputeDevice.Cpu });
        TensorData three = TensorData.FromArray([1f, -1, 2, -2, 3, -3], new TensorShape(3, 2));
        using Activations seen = session.Run(new Dictionary<string, TensorData> { ["x"] = three });
        CollectionAssert.AreEqual(new float[] { 1, 0, 2, 0, 3, 0 }, seen["y"].Values.ToArray());
    }

    [TestMethod]
    public void WithInputShape_NoSuchInput_SaysWhichThereAre()
    {
        var fault = Assert.ThrowsExactly<ArgumentException>(() => HeadGraphs.Build("gemm").WithInputShape("y", 1));
        Assert.StartsWith("gemm has no input 'y', its inputs are x.", fault.Message);
    }

    [TestMethod]
    [DataRow("gemm")]
    [DataRow("gemm not transposed")]
    [DataRow("matmul and add")]
    [DataRow("conv and pool")]
    [DataRow("conv, pool and reshape")]
    public void WithClasses_AnotherNumber_IsTheHeadsNumber(string form)
    {
        OnnxModel model = HeadGraphs.Build(form), changed = model.WithClasses(9);
        ClassifierHead head = ClassifierHead.Find(changed);
        Assert.AreEqual((9L, 9L, false), (head.Classes, head.Bias?.Shape.Count ?? 9, head.Weight.Values.HasData));
        Assert.AreEqual((long)HeadGraphs.Classes, ClassifierHead.Find(model).Classes);
    }

    [TestMethod]
    public void WithName_ATensor_IsRenamedWhereItIsUsed()
    {
        OnnxModel model = HeadGraphs.Build("gemm").WithName("map", "features").WithName("conv.weight", "w").WithName("x", "picture");
        Assert.AreEqual("features", model.Card.Stages!.Single().Value);
        Assert.AreEqual("picture w conv.bias", string.Join(' ', model.Graph.Producer("conv")!.Inputs));
        Assert.AreEqual("features", model.Graph.Producer(model.Graph.Producer("scores")!.Inputs[0])!.Inputs[0]);
        Assert.IsNull(model.Graph.Producer("map"));
    }

    // The branches take "x" from around them; one of them has a "y" of its own.
    [TestMethod]
    public void WithName_InsideBodies_OnlyWhatTheyTakeFromAround()
    {
        var graph = new GraphBuilder("if");
        graph.Input("x", ElementType.Float, 2);
        graph.Node("Neg", "y", ["x"]);
        var then = new GraphBuilder("then");
        then.Output(then.Node("Relu", "y", ["x"]), ElementType.Float, 2);
        var otherwise = new GraphBuilder("else");
        otherwise.Output(otherwise.Node("Abs", "z", ["y"]), ElementType.Float, 2);
        string c = graph.Input("c", ElementType.Bool);
        graph.Output(graph.Node("If", "r", [c], ("then_branch", then), ("else_branch", otherwise)), ElementType.Float, 2);

        OnnxNode node = graph.Build().WithName("x", "a").WithName("y", "b").Graph.Producer("r")!;

        OnnxNode[] inner = [.. node.Subgraphs().Select(body => body.Graph.Nodes[0])];
        Assert.AreEqual("a>y b>z", string.Join(' ', inner.Select(n => $"{n.Inputs[0]}>{n.Outputs[0]}")));
    }

    [TestMethod]
    [DataRow("nobody", "other", "gemm has no tensor 'nobody'.")]
    [DataRow("map", "scores", "Tensor 'map' of gemm cannot be named 'scores', expected a name that no tensor has.")]
    [DataRow("map", "", "Tensor 'map' of gemm cannot be named '', expected a name that no tensor has.")]
    public void WithName_UnknownOrTaken_IsRefused(string tensor, string name, string message) =>
        Assert.StartsWith(message, Assert.ThrowsExactly<ArgumentException>(() => HeadGraphs.Build("gemm").WithName(tensor, name)).Message);

    [TestMethod]
    public void Changes_OfAFile_CanBeSavedElsewhere()
    {
        using var folder = new TemporaryFolder();
        string path = SmallNetworks.LeNet().SaveTo(folder);
        OnnxModel changed = OnnxModel.Read(path).WithName("conv1.weight", "kernels").WithOutputs(["relu_conv1"]);
        string copy = Path.Combine(folder.Path, "copy", "changed.onnx");
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        changed.Save(copy);
        OnnxModel read = OnnxModel.Read(copy);
        Assert.AreEqual("relu_conv1", read.Graph.Outputs.Single().Name);
        byte[] Bytes(OnnxModel model, string weight) => model.Graph.Initializer[weight].Load().Bytes.ToArray();
        CollectionAssert.AreEqual(Bytes(OnnxModel.Read(path), "conv1.weight"), Bytes(read, "kernels"));
    }
}
