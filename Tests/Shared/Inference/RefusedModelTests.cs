using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

/// <summary>Models that the runtime refuses, or that hide what a session has to show: what is said, and what is done.</summary>
[TestClass]
public sealed class RefusedModelTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("")]
    [DataRow("ai.onnx.ml")]
    public void Open_OpsetThatIsTooNew_NamesTheLastSupportedOne(string domain)
    {
        ModelProto model = SmallModels.ConvRelu();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 999 });
        string message = Refusal(model).Message;
        Assert.MatchesRegex(
            @"^m: is written for opset 999 of ai\.onnx(\.ml)?, expected at most \d+, the last that ONNX Runtime \d+\.\d+\.\d+ supports; "
                + @"export it for that one$", message);
    }

    [TestMethod]
    public void Open_IrVersionThatIsTooNew_NamesTheLastOneThatIsRead()
    {
        ModelProto model = SmallModels.ConvRelu();
        model.IrVersion = 999;
        Assert.MatchesRegex(
            @"^m: is of IR version 999, expected at most \d+, the last that ONNX Runtime \S+ reads; export it with an older onnx package$",
            Refusal(model).Message);
    }

    [TestMethod]
    [DataRow("my.ops", true, "needs operator my.ops.MyOp, which ")]
    [DataRow("my.ops", false, "node 'last' needs operator my.ops.MyOp, which ")]
    [DataRow("", false, "node 'last' needs operator MyOp, which ")]
    public void Open_ForeignOperatorAtTheEnd_SaysThatWhatIsInFrontCanBeHad(string domain, bool imported, string expected)
    {
        ModelProto model = Foreign(domain, imported);
        OnnxException fault = Refusal(model);
        Assert.StartsWith("m: " + expected, fault.Message);
        Assert.EndsWith("; select tensors in front of it", fault.Message);
        Assert.AreEqual((Remedy.SelectTensors, "MyOp"), (fault.Remedy, fault.Operator));

        using var session = ActivationSession.Open(new OnnxModel(model, "m"), new() { Selection = new() { Ops = ["Conv"] } });
        using Activations seen = session.Run(TensorData.FromArray(new float[16], new TensorShape(1, 1, 4, 4)));
        Assert.AreEqual("c", seen.Single().Name);
    }

    // [N, C, h, w] of no declared size, whose 12 values a layer wants to be 2 · 2 · 3.
    [TestMethod]
    public void Run_SizeThatTheModelHides_NamesTheSizeThatWasTaken()
    {
        using var session = ActivationSession.Open(HiddenSize());
        using var picture = new Mat(48, 100, MatType.CV_8UC3, Scalar.Black);
        var fault = Assert.ThrowsExactly<OnnxException>(() => session.Run(picture));
        Assert.StartsWith(
            "hidden: input 'x' declares no size, and 64x96 (height x width) was taken from the picture of 48x100, with which ONNX Runtime "
                + "cannot run it: ",
            fault.Message);
        Assert.EndsWith("; give the size that the network is made for", fault.Message);
        Assert.AreEqual(Remedy.GiveInputSize, fault.Remedy);
    }

    [TestMethod]
    public void Run_SizeThatTheModelHides_IsGiven()
    {
        using var picture = new Mat(48, 100, MatType.CV_8UC3, Scalar.Black);
        using (var wrong = ActivationSession.Open(HiddenSize(), new() { Preprocessing = spec => spec with { Size = new(4, 4) } }))
            Assert.Contains("and 4x4 (height x width) was given, with which",
                Assert.ThrowsExactly<OnnxException>(() => wrong.Run(picture)).Message);
        using var right = ActivationSession.Open(HiddenSize(), new() { Preprocessing = spec => spec with { Size = new(2, 2) } });
        right.Run(picture).Dispose();
    }

    [TestMethod]
    public void Run_CaseOfAHiddenSize_NamesItAndRunsOnIt()
    {
        string path = SharedData.RequireCase("hidden-size-64.onnx");
        using var picture = new Mat(352, 480, MatType.CV_8UC3, Scalar.Black);
        using (var session = ActivationSession.Open(path))
            Assert.Contains("352x480 (height x width) was taken from the picture of 352x480",
                Assert.ThrowsExactly<OnnxException>(() => session.Run(picture)).Message);
        using var fitting = ActivationSession.Open(path, new() { Preprocessing = spec => spec with { Size = new(64, 64) } });
        fitting.Run(picture).Dispose();
    }

    [TestMethod]
    public void Run_LocalFunctions_ShowsWhatIsInside()
    {
        using var session = ActivationSession.Open(SharedData.RequireCase("local-function.onnx"));
        using Activations seen = session.Run(TensorData.FromArray(new float[3 * 8 * 8], new TensorShape(1, 3, 8, 8)));
        Assert.AreEqual("Conv Relu Conv Relu", string.Join(' ', seen.Select(a => a.Op)));
        Assert.IsEmpty(session.Skipped);
        Assert.AreEqual(0, session.CompareWithPlain(seen).Single().Largest);
    }

    [TestMethod]
    public void Expose_LocalFunctions_AreWrittenAsTheirNodes()
    {
        ExposedFile exposed = ModelExposer.Write(SharedData.RequireCase("local-function.onnx"), new TensorSelection { Ops = ["Conv"] },
            _folder.File("all.onnx"));
        Assert.AreEqual((3, 2), (exposed.Outputs, exposed.Added));
        Assert.Contains("its 1 local functions are written as the nodes that they consist of", exposed.Remarks);
        OnnxModel written = OnnxModel.Read(exposed.File);
        Assert.AreEqual("y _inlfunc_Block_h1 _inlfunc_Block_2_h1", string.Join(' ', written.Graph.Outputs.Select(o => o.Name)));
        Assert.IsEmpty(written.Proto.Functions);
        using var session = ActivationSession.Open(written);
        Assert.HasCount(4, session.Tensors);
    }

    // A function of another version of the operators cannot be inlined for the runtime: it stays whole.
    [TestMethod]
    public void Open_FunctionOfAnotherOpset_StaysWhole()
    {
        OnnxModel model = OnnxModel.Read(SharedData.RequireCase("local-function.onnx"));
        OnnxModel mixed = model.Changed(copy => copy.Functions[0].OpsetImport.First(o => o.Domain.Length == 0).Version = 11);
        Assert.AreSame(mixed, mixed.Runnable);
        Assert.AreSame(model.Inlined, model.Runnable);
    }

    [TestMethod]
    public void CompareWithPlain_RandomOutputs_AreLeftOutAndNamed()
    {
        var graph = new GraphBuilder("random");
        string x = graph.Input("x", ElementType.Float, 1, 3, 4, 4);
        graph.Output(graph.Node("Relu", "same", [x]), ElementType.Float, 1, 3, 4, 4);
        graph.Output(graph.Node("Add", "y", [x, graph.Node("RandomNormalLike", "noise", [x])]), ElementType.Float, 1, 3, 4, 4);
        using var session = ActivationSession.Open(graph.Build());
        using Activations seen = session.Run(TensorData.FromArray(new float[48], new TensorShape(1, 3, 4, 4)));
        Assert.AreEqual("same", string.Join(' ', session.CompareWithPlain(seen).Select(d => d.Name)));
        Assert.AreEqual(
            "output 'y' depends on random or open values of node 'noise' (RandomNormalLike, opset 17): it is not compared with a run of "
                + "the model as it is",
            seen.Remarks.Single());
    }

    [TestMethod]
    public void CompareWithPlain_CaseWithDropoutInTrainingMode_ComparesNothingRandom()
    {
        using var session = ActivationSession.Open(SharedData.RequireCase("dropout-in-training-mode.onnx"));
        using Mat picture = TestPictures.Noise(32, 32);
        using Activations seen = session.Run(picture);
        Assert.IsEmpty(session.CompareWithPlain(seen));
        Assert.Contains("(Dropout, ", seen.Remarks.Single());
    }

    private static OnnxException Refusal(ModelProto model)
    {
        var fault = Assert.ThrowsExactly<OnnxException>(() => ActivationSession.Open(new OnnxModel(model, "m")));
        Assert.DoesNotContain("::", fault.Message);
        Assert.DoesNotContain("std", fault.Message);
        return fault;
    }

    private static ModelProto Foreign(string domain, bool imported)
    {
        ModelProto model = SmallModels.ConvRelu();
        model.Graph.Node[1].OpType = "MyOp";
        model.Graph.Node[1].Name = "last";
        model.Graph.Node[1].Domain = domain;
        if (imported)
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        return model;
    }

    private static OnnxModel HiddenSize()
    {
        var graph = new GraphBuilder("hidden");
        string x = graph.Input("x", ElementType.Float, 1, 3, "h", "w");
        string shape = graph.Initializer("shape", TensorData.FromArray([1L, 12], new TensorShape(2)));
        graph.Output(graph.Node("Reshape", "y", [graph.Node("Relu", "r", [x]), shape]), ElementType.Float, 1, 12);
        return graph.Build();
    }
}
