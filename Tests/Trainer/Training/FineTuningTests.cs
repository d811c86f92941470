using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class FineTuningTests
{
    private static readonly string[] Three = ["row", "column", "diagonal"];

    private OneThread? _thread;

    private static IEnumerable<object[]> Forms => HeadGraphs.Forms.Keys.Select(form => new object[] { form });

    [TestInitialize]
    public void UseOneThread() => _thread = new OneThread();

    [TestCleanup]
    public void UseAllThreads() => _thread?.Dispose();

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Build_OtherClasses_ReplacesTheClassifierAndKeepsTheRest(string form)
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        OnnxModel original = HeadGraphs.Build(form);
        original.Save(folder.File("a.onnx"));

        using Classifier classifier = new ModelSource(folder.File("a.onnx")).Build(Toys.Input, Three, Toys.Options, CPU);

        OnnxModule module = classifier.Module;
        CollectionAssert.AreEqual(new long[] { 7, 3 }, classifier.Scores(rand(7, 1, 8, 8)).shape);
        foreach (string kept in new[] { "conv.weight", "conv.bias" })
            CollectionAssert.AreEqual(
                original.Graph.Initializer[kept].Load().Bytes.ToArray(), TorchTensors.ToBytes(module.get_parameter(kept)!).ToArray());
        Assert.IsTrue(module.get_parameter("fc.weight")!.std().ToDouble() > 0.05, "The new classifier has first weights.");
        CollectionAssert.AreEquivalent(original.Graph.NodeOutputs.ToArray(), module.Model.Graph.Outputs.Select(o => o.Name).ToArray());
        Assert.AreEqual(classifier.Logits, module.Model.Graph.Outputs[0].Name);
        Assert.AreEqual("map: float32[N, 4, 6, 6]", module.Model.Graph.Outputs.Single(o => o.Name == "map").ToString());
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Build_Exported_IsProvenAndKeepsItsCard(string form)
    {
        using var folder = new TemporaryFolder();
        HeadGraphs.Build(form).Save(folder.File("a.onnx"));
        using Classifier classifier = new ModelSource(folder.File("a.onnx")).Build(Toys.Input, Three, Toys.Options, CPU);
        using Tensor pictures = rand(4, 1, 8, 8);

        classifier.Module.Model.Save(folder.File("b.onnx"), classifier.Module.CurrentBytes);

        ExportProof proof = ExportProof.Of(folder.File("b.onnx"), classifier.Module, classifier.Input.Name, pictures);
        Assert.IsTrue(proof.Holds, string.Join(", ", proof.Failed));
        Assert.AreEqual("features", OnnxModel.Read(folder.File("b.onnx")).Card.Stages![0].Key);
    }

    [TestMethod]
    public void Build_KeepHead_KeepsEveryWeight()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        OnnxModel original = HeadGraphs.Build("gemm");
        original.Save(folder.File("a.onnx"));

        using Classifier classifier = new ModelSource(folder.File("a.onnx"))
            .Build(Toys.Input, ["1", "2", "3", "4", "5"], Toys.Options with { KeepHead = true }, CPU);

        using var plain = new OnnxModule(original);
        Tensor pictures = rand(2, 1, 8, 8);
        Assert.IsTrue(classifier.Scores(pictures).equal(plain.forward(pictures)).all().ToBoolean());
    }

    [TestMethod]
    public void Build_KeepHeadOfOtherClasses_IsRefused() => Expect(
        "MODEL: tells 5 classes apart, the data has 3, so the classifier cannot be kept",
        Toys.Options with { KeepHead = true });

    [TestMethod]
    public void Build_FreezeUnknown_IsRefused() => Expect(
        "'stem.*' is no parameter's name, so nothing of it can be frozen; this network has conv.weight, conv.bias, fc.weight, fc.bias",
            Toys.Options with { Freeze = ["stem.*"] });

    [TestMethod]
    public void Build_FreezeAll_IsRefused() =>
        Expect("all 4 parameters are frozen, expected one at least to train", Toys.Options with { Freeze = ["*"] });

    [TestMethod]
    public void Build_Freeze_LeavesTheRestToTrain()
    {
        using var folder = new TemporaryFolder();
        HeadGraphs.Build("gemm").Save(folder.File("a.onnx"));
        using Classifier classifier =
            new ModelSource(folder.File("a.onnx")).Build(Toys.Input, Three, Toys.Options with { Freeze = ["conv.*"] }, CPU);
        Assert.AreEqual("fc.weight, fc.bias",
            string.Join(", ", classifier.Module.named_parameters().Where(p => p.parameter.requires_grad).Select(p => p.name)));
    }

    // Frozen weights stay to the bit, the others move; and the toys are learned through a classifier behind a softmax.
    [TestMethod]
    public void Run_FrozenConvolution_StaysAndTheClassifierLearns()
    {
        using var folder = new TemporaryFolder();
        OnnxModel original = HeadGraphs.Build("gemm and softmax");
        original.Save(folder.File("a.onnx"));
        TrainingOptions options = Toys.Options with { Freeze = ["conv.*"], Epochs = 10, Optimizer = "adam", LearningRate = 0.02 };
        using TrainingData data = Toys.Data();
        using Classifier classifier = new ModelSource(folder.File("a.onnx")).Build(Toys.Input, Three, options, CPU);
        using var run = new TrainingRun(Toys.Plan(folder.File("b.onnx"), options), Toys.Task(classifier), data, CPU);

        run.Run(default);

        CollectionAssert.AreEqual(original.Graph.Initializer["conv.weight"].Load().Bytes.ToArray(),
            TorchTensors.ToBytes(classifier.Module.get_parameter("conv.weight")!).ToArray());
        Assert.IsGreaterThan(0.7, run.Position.Best!.Validation["accuracy"]);
    }

    // A frozen normalisation keeps its running values and normalises by them, also while the rest trains; one that is frozen
    // in part goes on learning.
    [TestMethod]
    [DataRow("norm.*", true)]
    [DataRow("norm.bias", false)]
    [DataRow("conv.*", false)]
    public void Run_FrozenBatchNormalization_KeepsItsStatistics(string freeze, bool keeps)
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        HeadGraphs.Build("normalization and gemm").Save(folder.File("a.onnx"));
        TrainingOptions options = Toys.Options with { Freeze = [freeze], Epochs = 1 };
        using TrainingData data = Toys.Data();
        using Classifier classifier = new ModelSource(folder.File("a.onnx")).Build(Toys.Input, Three, options, CPU);
        OnnxModule module = classifier.Module;
        string Statistics() =>
            string.Join(' ', new[] { "norm.mean", "norm.variance" }.Select(
                n => Convert.ToHexString(TorchTensors.ToBytes(module.get_buffer(n)!).Span)));
        string before = Statistics();
        Tensor pictures = rand(8, 1, 8, 8);
        module.train();
        Tensor training = module.Run([(classifier.Input.Name, pictures)], ["normal"])[0];
        module.eval();
        Tensor evaluation = module.Run([(classifier.Input.Name, pictures)], ["normal"])[0];
        using var run = new TrainingRun(Toys.Plan(folder.File("b.onnx"), options), Toys.Task(classifier), data, CPU);

        run.Run(default);

        Assert.AreEqual(keeps, before == Statistics());
        Assert.AreEqual(keeps, training.equal(evaluation).all().ToBoolean());
    }

    // [144, 3] here, [3, 144] elsewhere: 144 inputs either way. The sample's own spread, within four standard errors.
    [TestMethod]
    [DataRow("gemm")]
    [DataRow("gemm not transposed")]
    [DataRow("matmul and add")]
    public void Build_NewClassifier_HasTheSpreadOfItsInputs(string form)
    {
        using var folder = new TemporaryFolder();
        HeadGraphs.Build(form).Save(folder.File("a.onnx"));
        using Classifier classifier =
            new ModelSource(folder.File("a.onnx")).Build(Toys.Input, Three, Toys.Options with { Init = "kaiming" }, CPU);
        using Tensor spread = classifier.Module.get_parameter("fc.weight")!.std();
        Assert.AreEqual(1, spread.ToDouble() / Math.Sqrt(2.0 / 144), 4 / Math.Sqrt(2.0 * 432));
    }

    [TestMethod]
    public void Input_ModelWithoutACard_IsWhatItsShapeSays()
    {
        using var folder = new TemporaryFolder();
        HeadGraphs.Build("gemm").Save(folder.File("a.onnx"));
        var source = new ModelSource(folder.File("a.onnx"));
        Assert.IsTrue(source.IsFile);
        Assert.AreEqual("8x8 gray, stretch, 0..1", source.Input.ToString());
    }

    [TestMethod]
    public void ModelSource_NeitherArchitectureNorFile_ListsWhatThereIs()
    {
        var fault = Assert.ThrowsExactly<BadInputException>(() => new ModelSource("lennet"));
        Assert.AreEqual(
            "'lennet' is no architecture and no ONNX file; expected one of lenet, xo, xo-3conv, xo-nopool, xo-wide, mobilenetv2, "
                + "vgg16, yolov3, or a path that ends in .onnx", fault.Message);
        Assert.AreEqual(
            "lennet.onnx: does not exist", Assert.ThrowsExactly<FileNotFoundException>(() => new ModelSource("lennet.onnx")).Message);
    }

    private static void Expect(string message, TrainingOptions options)
    {
        using var folder = new TemporaryFolder();
        HeadGraphs.Build("gemm").Save(folder.File("a.onnx"));
        var fault = Assert.Throws<BadInputException>(() => new ModelSource(folder.File("a.onnx")).Build(Toys.Input, Three, options, CPU));
        Assert.AreEqual(message, fault.Message.Replace(folder.File("a.onnx"), "MODEL"));
    }
}
