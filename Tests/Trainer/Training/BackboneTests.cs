using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Models that end in features, and classifiers that are new, kept, or learned alone.</summary>
[TestClass]
public sealed class BackboneTests
{
    private static readonly string[] Three = ["row", "column", "diagonal"];

    private readonly TemporaryFolder _folder = new();
    private OneThread? _thread;

    private string Model => _folder.File("a.onnx");

    [TestInitialize]
    public void UseOneThread() => _thread = new OneThread();

    [TestCleanup]
    public void Clean()
    {
        _thread?.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    [DataRow(false, 8, "linear", "head.weight [3, 16], head.bias [3]")]
    [DataRow(true, 8, "linear", "head.weight [3, 16], head.bias [3]")]
    [DataRow(true, 17, "mlp", "head.0.weight [256, 16], head.0.bias [256], head.3.weight [3, 256], head.3.bias [3]")]
    public void Build_ModelThatEndsInFeatures_GetsAPoolAndAClassifier(bool isPooled, int opset, string kind, string weights)
    {
        using DisposeScope scope = NewDisposeScope();
        Save(isPooled, opset);

        using Classifier classifier = Build(Toys.Options with { Head = kind });

        OnnxModel model = classifier.Module.Model;
        CollectionAssert.AreEqual(new long[] { 5, 3 }, classifier.Scores(rand(5, 1, 8, 8)).shape);
        Assert.AreEqual(weights, string.Join(", ", model.Graph.Initializers.Where(t => t.Name.StartsWith("head", StringComparison.Ordinal)
            && t.Shape.Rank > 0).Select(t => $"{t.Name} {t.Shape}")));
        Assert.AreEqual(!isPooled, model.Graph.Nodes.Any(n => n.Name == "head.pool"));
        Assert.AreEqual(isPooled ? "pooled" : "map", classifier.Features);
        StringAssert.StartsWith(classifier.Remark, "the model has no classifier; its 16 features '");
        model.Save(_folder.File("b.onnx"), classifier.Module.CurrentBytes);
        Assert.IsTrue(ExportProof.Of(_folder.File("b.onnx"), classifier.Module, "x", rand(4, 1, 8, 8)).Holds);
    }

    // Four maps are too few to be features, so the convolution that makes them is taken for a classifier, and it is none.
    [TestMethod]
    public void Build_OutputOfFewMaps_IsRefused()
    {
        Save(isPooled: false, 17, channels: 4);
        var fault = Assert.ThrowsExactly<OnnxException>(() => Build(Toys.Options));
        Assert.AreEqual($"{Model}: gives 108 scores ('map') for a picture of 8x8, expected one for each of 3 classes; "
            + "its output may be a map", fault.Message);
    }

    [TestMethod]
    public void Build_FeaturesByName_AreWhereTheClassifierStarts()
    {
        Whole().Save(Model);
        using Classifier classifier = Build(Toys.Options with { Features = "map" });
        Assert.AreEqual("the 16 features 'map', means over 6x6, get a new classifier (linear)", classifier.Remark);
        Assert.AreEqual("x conv map head.pool head.flatten head", string.Join(' ', classifier.Module.Model.Graph.Nodes
            .Select(n => n.Outputs[0]).Prepend("x")));
    }

    [TestMethod]
    public void Build_PicturesThatAFlattenDoesNotTake_SaysWhichFit()
    {
        HeadGraphs.Build("gemm").Save(Model);
        var fault = Assert.ThrowsExactly<OnnxException>(
            () => new ModelSource(Model).Build(Toys.Input with { Size = new(9, 10) }, Three, Toys.Options, CPU));
        StringAssert.StartsWith(fault.Message, $"{Model}: is made for pictures of 8x8, and those of 10x9 do not fit its layers "
            + "(node 'scores' (Gemm, opset 17): cannot run on ");
        StringAssert.EndsWith(fault.Message, "; expected its own size, or a new classifier that starts from maps in front of its Flatten");
    }

    [TestMethod]
    public void Build_FeaturesThatAreNone_IsRefused()
    {
        Whole().Save(Model);
        StringAssert.EndsWith(Assert.ThrowsExactly<OnnxException>(() => Build(Toys.Options with { Features = "scores" })).Message,
            "'scores' is no tensor of features that a classifier can start from, expected one of shape [N, features] or "
            + "[N, features, height, width] with 8 features or more");
    }

    [TestMethod]
    public void Build_HeadForAModelWithAClassifier_TakesItsPlace()
    {
        OnnxModel whole = Whole();
        whole.Save(Model);

        using Classifier classifier = Build(Toys.Options with { Head = "mlp" });

        Assert.IsFalse(classifier.Module.Model.Graph.Initializer.ContainsKey("fc.weight"), "The old classifier is gone.");
        Assert.AreEqual("flat", classifier.Features);
        Assert.AreEqual("the classifier 'scores' gives way to a new one (mlp) for its 16 features 'flat'", classifier.Remark);
    }

    // The features are those of ONNX Runtime, the classifier learns from them, and the export is proven on pictures.
    [TestMethod]
    public void Run_FrozenBackbone_LearnsFromFeaturesAndExportsTheWhole()
    {
        Save(isPooled: false, 17);
        TrainingOptions options = Toys.Options with { FreezeBackbone = true, Epochs = 20, Optimizer = "adam", LearningRate = 0.05 };
        using TrainingData pictures = Toys.Data();
        using Classifier classifier = Build(options);
        Assert.IsTrue(classifier.StartsFromFeatures);
        string before = Weights(classifier);
        using TrainingData features = FeatureSet.Of(pictures, classifier, CPU, null, default);
        var task = ClassificationTask.Of(classifier, features.Train, options);
        TrainingPlan plan = Toys.Plan(_folder.File("b.onnx"), options);
        using var run = new TrainingRun(plan, task, features, CPU);

        run.Run(default);
        (TrainingReport report, Measurement measured) = TrainingExport.Write(plan, task, features, run.Position, CPU, default, default);

        Assert.AreEqual(before, Weights(classifier));
        Assert.IsLessThan(run.Position.History[0].Train["loss"] * 0.8, run.Position.History[^1].Train["loss"]);
        Assert.IsTrue(report.Proof.Holds);
        // the same from pictures as from features, but for the last bits
        Score again = Toys.Task(classifier with { StartsFromFeatures = false }).Measure(pictures.Test!, 16, CPU, null, default);
        Assert.AreEqual(measured.Metrics["loss"], again.Loss, 1e-5);
    }

    // With changed pictures the backbone runs each time, and still stays.
    [TestMethod]
    public void Run_FrozenBackboneWithAugmentation_LeavesTheBackboneAsItIs()
    {
        Save(isPooled: true, 17);
        TrainingOptions options = Toys.Options with { FreezeBackbone = true, Epochs = 1, Augment = "flip" };
        using TrainingData data = Toys.Data();
        using Classifier classifier = Build(options);
        Assert.IsFalse(classifier.StartsFromFeatures);
        string before = Weights(classifier);
        using var run = new TrainingRun(Toys.Plan(_folder.File("b.onnx"), options), Toys.Task(classifier), data, CPU);
        run.Run(default);
        Assert.AreEqual(before, Weights(classifier));
    }

    // The classifier knows five classes, the data three of them in another order: each picture is learned as the network's own class.
    [TestMethod]
    public void Build_KeepHeadWithNamesOfSome_MapsTheClasses()
    {
        using DisposeScope scope = NewDisposeScope();
        Whole("diagonal", "cross", "row", "ring", "column").Save(Model);
        TrainingOptions options = Toys.Options with { KeepHead = true };
        using TrainingData data = Toys.Data();

        using Classifier classifier = Build(options);

        var task = ClassificationTask.Of(classifier, data.Train, options);
        CollectionAssert.AreEqual(new[] { 2, 4, 0 }, task.ClassOf);
        Assert.AreEqual("the classifier is kept: of its 5 classes the data has 3, by name", classifier.Remark);
        Assert.AreEqual("diagonal cross row ring column", string.Join(' ', task.ClassNames));
        using Tensor pictures = rand(3, 1, 8, 8), targets = tensor(new long[] { 0, 1, 2 }), own = tensor(new long[] { 2, 4, 0 });
        double expected = nn.functional.cross_entropy(classifier.Scores(pictures), own).ToDouble();
        Assert.AreEqual(expected, task.Learn(new Batch(pictures, targets)).Loss.ToDouble(), 1e-6);
    }

    // Mean, BN, dropout, 128, BN, ReLU, 2, BN; the penalty is for the two weights.
    [TestMethod]
    public void Build_XrayRecipeOnAnArchitecture_HasTheHeadOfTheRecipe()
    {
        Recipe recipe = Recipe.Find("xray")!;
        using Classifier classifier = new ModelSource("mobilenetv2-0.5").Build(recipe.Input, ["a", "b"], recipe.Options, CPU);

        OnnxModel model = classifier.Module.Model;
        Assert.AreEqual("GlobalAveragePool Flatten BatchNormalization Dropout Gemm BatchNormalization Relu Gemm BatchNormalization",
            string.Join(' ', model.Graph.Nodes.SkipWhile(n => n.OpType != "GlobalAveragePool").Select(n => n.OpType)));
        Assert.AreEqual("head.2.weight head.5.weight",
            string.Join(' ', ClassificationTask.Of(classifier, Toys.Pictures(2, 1, 2), recipe.Options).Penalized.Order()));
        Assert.AreEqual("head.6", model.Card.Stages![^1].Value);
        Assert.AreEqual(6.05e-6, recipe.Options.LearningRate, 1e-8);
        _ = recipe.Options.Checked();
    }

    [TestMethod]
    public void Checked_HeadThatIsKeptAndReplaced_IsRefused()
    {
        var fault = Assert.ThrowsExactly<BadInputException>(() => (Toys.Options with { KeepHead = true, Head = "mlp" }).Checked());
        Assert.AreEqual("a model's own classifier cannot be kept and give way to a new one (mlp); expected one of both", fault.Message);
    }

    private Classifier Build(TrainingOptions options) => new ModelSource(Model).Build(Toys.Input, Three, options, CPU);

    private static string Weights(Classifier classifier) =>
        string.Join(' ', new[] { "conv.weight", "conv.bias" }.Select(
            n => Convert.ToHexString(TorchTensors.ToBytes(classifier.Module.get_parameter(n)!).Span)));

    private void Save(bool isPooled, int opset, int channels = 16)
    {
        var graph = new GraphBuilder("backbone", opset);
        string map = Map(graph, channels);
        string output = isPooled ? graph.Node("GlobalAveragePool", "pooled", [map]) : map;
        graph.Output(output, ElementType.Float, "batch", channels, isPooled ? 1 : 6, isPooled ? 1 : 6);
        graph.Build().Save(Model);
    }

    private static OnnxModel Whole(params string[] labels)
    {
        var graph = new GraphBuilder("whole");
        string flat = graph.Node("Flatten", "flat", [graph.Node("GlobalAveragePool", "pooled", [Map(graph, 16)])]);
        _ = graph.Node("Gemm", "scores", [flat, HeadGraphs.Random(graph, "fc.weight", 16, 5)]);
        graph.Output("scores", ElementType.Float, "batch", 5);
        return graph.Build(labels.Length == 0 ? null : new ModelCard { Labels = labels });
    }

    private static string Map(GraphBuilder graph, int channels)
    {
        string x = graph.Input("x", ElementType.Float, "batch", 1, 8, 8);
        return graph.Node("Relu", "map", [graph.Node("Conv", "conv",
            [x, HeadGraphs.Random(graph, "conv.weight", channels, 1, 3, 3), HeadGraphs.Random(graph, "conv.bias", channels)])]);
    }
}
