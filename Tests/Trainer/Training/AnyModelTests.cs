using System.Runtime.InteropServices;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Models as other exporters write them: other axes, types, heads, and a batch that is folded into constants.</summary>
[TestClass]
public sealed class AnyModelTests
{
    private static readonly string[] Three = ["row", "column", "diagonal"], Two = ["row", "column"];

    private static readonly TrainingOptions Options = Toys.Options with { Epochs = 2 };

    private OneThread? _thread;

    [TestInitialize]
    public void UseOneThread() => _thread = new OneThread();

    [TestCleanup]
    public void UseAllThreads() => _thread?.Dispose();

    [TestMethod]
    public void Run_ChannelsLast_TrainsLikeItsTwinToTheBit()
    {
        (OnnxModule twin, TrainingReport _) = Train(Network("N", [1, 8, 8], ElementType.Float, (_, x) => x));
        (OnnxModule last, TrainingReport report) = Train(
            Network("N", [8, 8, 1], ElementType.Float, (net, x) =>
                net.Node("Transpose", "first", [x], ("perm", new long[] { 0, 3, 1, 2 }))));
        using (twin)
        using (last)
        {
            Assert.AreEqual(Toys.Bytes(twin), Toys.Bytes(last));
            Assert.IsTrue(report.Proof.Holds);
        }
    }

    [TestMethod]
    public void Run_ValuesInOneRow_TrainsLikeItsTwinToTheBit()
    {
        (OnnxModule twin, TrainingReport _) = Train(Network("N", [1, 8, 8], ElementType.Float, (_, x) => x));
        (OnnxModule row, TrainingReport report) = Train(Network("N", [64], ElementType.Float, (net, x) =>
            net.Node("Reshape", "map0", [x, net.Initializer("size", TensorData.FromArray([-1L, 1, 8, 8], new TensorShape(4)))])));
        using (twin)
        using (row)
        {
            Assert.AreEqual(Toys.Bytes(twin), Toys.Bytes(row));
            Assert.IsTrue(report.Proof.Holds);
        }
    }

    // Bytes go in as they are, so the specification's range is 255 and the network divides by it.
    [TestMethod]
    public void Run_Bytes_TrainsAndKeepsItsInput()
    {
        using var folder = new TemporaryFolder();
        OnnxModel model = Network("N", [1, 8, 8], ElementType.UInt8, (net, x) => net.Node("Mul", "unit",
            [net.Node("Cast", "numbers", [x], ("to", (long)ElementType.Float)),
                net.Initializer("factor", TensorData.FromArray([1f / 255], new TensorShape(1)))]));

        (OnnxModule module, TrainingReport report) = Train(model, range: 255);

        using (module)
        {
            Assert.IsTrue(report.Proof.Holds);
            Assert.AreEqual("x: uint8[N, 1, 8, 8]", module.Model.Graph.Inputs[0].ToString());
            Assert.IsLessThan(report.Epochs[0].Train["loss"], report.Epochs[1].Train["loss"]);
        }
    }

    [TestMethod]
    public void Fit_Integers_AreRoundedAndKeptInRange()
    {
        var input = new NetworkInput("x", CnnOnnx.Inference.PictureAxes.Nhwc, ScalarType.Byte);
        using DisposeScope scope = NewDisposeScope();
        Tensor fitted = input.Fit(tensor([-3f, 1.6f, 254.4f, 300], [1, 2, 1, 2]));
        CollectionAssert.AreEqual(new long[] { 1, 1, 2, 2 }, fitted.shape);
        CollectionAssert.AreEqual(new byte[] { 0, 254, 2, 255 }, TorchTensors.ToBytes(fitted).ToArray());
    }

    [TestMethod]
    public void Run_HalfPrecision_TrainsInSinglePrecisionAndKeepsItsInput()
    {
        var net = new GraphBuilder("half");
        string x = net.Input("x", ElementType.Float16, "N", 1, 8, 8);
        // as old files do, which list their weights among the inputs
        net.Input("conv.weight", ElementType.Float16, 4, 1, 3, 3);
        string map = net.Node("Relu", "map", [net.Node("Conv", "conv", [x, Half(net, "conv.weight", 4, 1, 3, 3)])]);
        net.Output(net.Node("Gemm", "scores", [net.Node("Flatten", "flat", [map]), Half(net, "fc.weight", 144, 5)]), ElementType.Float16,
            "N", 5);

        (OnnxModule module, TrainingReport report) = Train(net.Build());

        using (module)
        {
            Assert.IsTrue(report.Proof.Holds);
            Assert.AreEqual("x: float16[N, 1, 8, 8]", module.Model.Graph.Inputs[0].ToString());
            Assert.AreEqual(ScalarType.Float32, module.get_parameter("conv.weight")!.dtype);
            Assert.IsLessThan(report.Epochs[0].Train["loss"], report.Epochs[1].Train["loss"]);
        }

        using Classifier classifier = Build(net.Build(), Three);
        Assert.AreEqual("weights are float16 in the file; they are trained and exported as float32, and the input stays float16",
            classifier.Remark);
    }

    // [0, z]: its softmax is the sigmoid of z, and cross-entropy is binary cross-entropy on z.
    [TestMethod]
    public void Scores_OneSigmoid_AreTwoClassesWithBinaryCrossEntropy()
    {
        using DisposeScope scope = NewDisposeScope();
        using Classifier classifier = Build(Sigmoid(1), Two);
        Tensor pictures = rand(6, 1, 8, 8), labels = tensor([0L, 1, 1, 0, 1, 0]);

        Tensor scores = classifier.Scores(pictures);

        Assert.AreEqual(("scores", true), (classifier.Logits, classifier.IsBinary));
        CollectionAssert.AreEqual(new long[] { 6, 2 }, scores.shape);
        Tensor logit = classifier.Module.Run([("x", pictures)], ["scores"])[0].flatten();
        double expected = nn.functional.binary_cross_entropy_with_logits(logit, labels.to(ScalarType.Float32)).ToDouble();
        Assert.AreEqual(expected, nn.functional.cross_entropy(scores, labels).ToDouble(), 1e-6);
        Tensor probability = classifier.Module.Run([("x", pictures)], ["probability"])[0].flatten();
        Assert.IsTrue(probability.allclose(scores.softmax(1).select(1, 1)));
    }

    [TestMethod]
    public void Run_OneSigmoid_LearnsTwoClassesAndIsProven()
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = Options with { Epochs = 12, Optimizer = "adam", LearningRate = 0.02 };
        (OnnxModule module, TrainingReport report) = Train(Sigmoid(1), options, Two);
        using (module)
        {
            Assert.IsTrue(report.Proof.Holds);
            Assert.AreEqual(1, module.get_parameter("fc.weight")!.size(1));
            Assert.IsGreaterThan(0.7, report.Best.Validation["accuracy"]);
        }
    }

    [TestMethod]
    public void Build_SigmoidsThatAreNoClasses_AreRefusedInWords()
    {
        Expect(Sigmoid(5), Three,
            "ends in a sigmoid for each of 5 labels, of which a picture may have several; the data gives each picture one class. "
            + "Expected a softmax, plain scores, or one sigmoid for two classes");
        Expect(Sigmoid(1), Three, "ends in a sigmoid over one score, which tells two classes apart; the data has 3");
    }

    [TestMethod]
    [DataRow("[1, -1]")]
    [DataRow("[1, 144]")]
    [DataRow("through groups")]
    [DataRow("resize")]
    [DataRow("expand")]
    public void Build_BatchFoldedIntoShapes_RunsWithAnyBatch(string form)
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel folded = Folded(form);
        using Classifier classifier = Build(folded, ["1", "2", "3", "4", "5"], Options with { KeepHead = true });
        using var own = new OnnxModule(folded);
        Tensor pictures = rand(7, 1, 8, 8);

        Tensor together = classifier.Scores(pictures), alone = cat([.. pictures.chunk(7).Select(own.forward)]);

        CollectionAssert.AreEqual(new long[] { 7, 5 }, together.shape);
        Assert.IsTrue(together.allclose(alone, 1e-4, 1e-5), $"{together - alone}");
        StringAssert.Contains(classifier.Remark, "made for a batch of 1");
        StringAssert.StartsWith(classifier.Module.Model.Graph.Outputs[0].ToString(), "scores: float32[N, ");
    }

    [TestMethod]
    public void Build_BatchThatCannotBeFreed_SaysSo()
    {
        var net = new GraphBuilder("stuck");
        string flat = net.Node("Flatten", "flat", [net.Input("x", ElementType.Float, 1, 1, 8, 8)]);
        string joined = net.Node("Concat", "joined", [flat, HeadGraphs.Random(net, "more", 1, 4)], ("axis", 1L));
        net.Output(net.Node("Gemm", "scores", [joined, HeadGraphs.Random(net, "fc.weight", 68, 5)]), ElementType.Float, 1, 5);
        string message = Assert.Throws<BadInputException>(() => Build(net.Build(), Three)).Message;
        StringAssert.StartsWith(message, "stuck: runs with batches of 1 only: node 'joined' (Concat, opset 17)");
        StringAssert.EndsWith(
            message, "expected a model of any batch, export it with a batch axis that is free (dynamic_axes or dynamic_shapes in PyTorch)");
    }

    [TestMethod]
    public void Build_SharedCases_TrainAllOfTheirWeights()
    {
        Assert.AreEqual("1,443 of 1,443 parameters are trained", CountOf("weights-behind-transpose.onnx"));
        Assert.AreEqual("516 of 516 parameters are trained", CountOf("biases-merged-by-identity.onnx"));
        StringAssert.EndsWith(CountOf("mean-and-std-inside.onnx"), "not trained: mean (shifts or scales the input, in Sub '/norm/Sub'), "
            + "std (shifts or scales the input, in Div '/norm/Div')");
        StringAssert.StartsWith(CountOf("nhwc-classifier.onnx"), "251 of 251");
        StringAssert.StartsWith(CountOf("batch-folded-into-reshape.onnx"), "4,467 of 4,467");

        static string CountOf(string file)
        {
            OnnxModel model = OnnxModel.Read(SharedData.Require("..", "cases", file));
            using Classifier classifier = ModelTrainer.Prepare(model, ModelTrainer.UsualInput(model), Three, Options, CPU);
            return ParameterCount.Of(classifier.Module).ToString();
        }
    }

    [TestMethod]
    public void ToString_FrozenWeights_AreCountedAndNamed()
    {
        using Classifier classifier =
            Build(Network("N", [1, 8, 8], ElementType.Float, (_, x) => x), Three, Options with { Freeze = ["conv.*"] });
        Assert.AreEqual("435 of 475 parameters are trained; not trained: conv.weight (is frozen), conv.bias (is frozen)",
            ParameterCount.Of(classifier.Module).ToString());
    }

    private static void Expect(OnnxModel model, string[] classes, string message) => Assert.AreEqual(
        $"{model.Source}: {message}", Assert.ThrowsExactly<OnnxException>(() => Build(model, classes)).Message);

    private static Classifier Build(OnnxModel model, string[] classes, TrainingOptions? options = null) =>
        ModelTrainer.Prepare(model, Toys.Input, classes, options ?? Options, CPU);

    /// <summary>The network after a training on the toys, and the report of its export.</summary>
    private static (OnnxModule Module, TrainingReport Report) Train(
        OnnxModel model, TrainingOptions? options = null, string[]? classes = null, double range = 1)
    {
        using var folder = new TemporaryFolder();
        options ??= Options;
        classes ??= Three;
        using TrainingData data = Toys.Data(classes.Length, range);
        Classifier classifier = ModelTrainer.Prepare(model, data.Train.Spec, classes, options, CPU);
        TrainingPlan plan = Toys.Plan(folder.File("out.onnx"), options) with { Input = data.Train.Spec };
        var task = new ClassificationTask(classifier, classes);
        using var run = new TrainingRun(plan, task, data, CPU);
        run.Run(default);
        return (classifier.Module, TrainingExport.Write(plan, task, data, run.Position, CPU, TimeSpan.Zero, default).Report);
    }

    /// <summary>A classifier of five classes behind what makes a map [N, 1, 8, 8] of its input.</summary>
    private static OnnxModel Network(Dimension batch, long[] sizes, ElementType type, Func<GraphBuilder, string, string> toMap)
    {
        var net = new GraphBuilder("net");
        string x = toMap(net, net.Input("x", type, [batch, .. sizes.Select(size => new Dimension(size))]));
        string map = net.Node("Relu", "map",
            [net.Node("Conv", "conv", [x, HeadGraphs.Random(net, "conv.weight", 4, 1, 3, 3), HeadGraphs.Random(net, "conv.bias", 4)])]);
        net.Output(net.Node("Gemm", "scores",
            [net.Node("Flatten", "flat", [map]), HeadGraphs.Random(net, "fc.weight", 144, 5), HeadGraphs.Random(net, "fc.bias", 5)]),
                ElementType.Float, batch, 5);
        return net.Build();
    }

    private static OnnxModel Sigmoid(int scores)
    {
        var net = new GraphBuilder("sigmoid");
        string x = net.Input("x", ElementType.Float, "N", 1, 8, 8);
        string map = net.Node("Relu", "map", [net.Node("Conv", "conv", [x, HeadGraphs.Random(net, "conv.weight", 4, 1, 3, 3)])]);
        string logits = net.Node("Gemm", "scores",
            [net.Node("Flatten", "flat", [map]), HeadGraphs.Random(net, "fc.weight", 144, scores),
                HeadGraphs.Random(net, "fc.bias", scores)]);
        net.Output(net.Node("Sigmoid", "probability", [logits]), ElementType.Float, "N", scores);
        return net.Build();
    }

    private static OnnxModel Folded(string form)
    {
        var net = new GraphBuilder(form);
        string x = net.Input("x", ElementType.Float, 1, 1, 8, 8);
        string map = net.Node("Conv", "conv", [x, HeadGraphs.Random(net, "conv.weight", 4, 1, 3, 3)]);
        map = form switch
        {
            // as channels are shuffled: [1, 4, 6, 6] to [2, 2, 6, 6] and back
            "through groups" => Shaped("whole", Shaped("groups", map, 2, 2, 6, 6), 1, 4, 6, 6),
            "resize" => net.Node("Resize", "resized", [map, "", "", Numbers("sizes", 1, 4, 6, 6)], ("mode", "nearest")),
            "expand" => net.Node(
                "Concat", "joined",
                    [map, net.Node("Expand", "token", [HeadGraphs.Random(net, "token.weight", 1, 4, 1, 6), Numbers("shape", 1, 4, 1, 6)])],
                        ("axis", 2L)),
            _ => map,
        };
        int features = form == "expand" ? 168 : 144;
        string flat = form == "[1, -1]" ? Shaped("flat", map, 1, -1) : Shaped("flat", map, 1, features);
        net.Output(net.Node("Gemm", "scores", [flat, HeadGraphs.Random(net, "fc.weight", features, 5)]), ElementType.Float, 1, 5);
        return net.Build();

        string Shaped(string name, string tensor, params long[] sizes) =>
            net.Node("Reshape", name, [tensor, Numbers(name + ".shape", sizes)]);

        string Numbers(string name, params long[] values) =>
            net.Initializer(name, TensorData.FromArray(values, new TensorShape(values.Length)));
    }

    private static string Half(GraphBuilder net, string name, params long[] dims)
    {
        var random = new Random(dims.Length);
        var shape = new TensorShape(dims);
        Half[] values = [.. Enumerable.Range(0, (int)shape.Count).Select(_ => (Half)(random.NextDouble() - 0.5))];
        return net.Initializer(name, new TensorData(ElementType.Float16, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));
    }
}
