using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>What is no number is neither kept nor exported.</summary>
[TestClass]
public sealed class FiniteWeightsTests
{
    private static readonly string[] Three = ["row", "column", "diagonal"];

    // Batches of 16 of 33 pictures, and behind a global pool one value a channel and picture.
    [TestMethod]
    [DataRow(33, 16)]
    [DataRow(17, 16)]
    [DataRow(5, 2)]
    public void Run_LastBatchOfOneBehindAGlobalPool_JoinsTheOneBefore(int pictures, int batch)
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = Toys.Options with { Epochs = 2, Batch = batch };
        using TrainingData data = Data(pictures);
        using Classifier classifier = ModelTrainer.Prepare(Pooled(), Toys.Input, Three, options, CPU);
        var told = new List<TrainingProgress>();
        using var run = new TrainingRun(
            Toys.Plan(folder.File("a.onnx"), options), new ClassificationTask(classifier, Three), data, CPU)
        { OnProgress = told.Add };
        Assert.AreEqual(2L * pictures, run.PicturesLeft);

        run.Run(default);

        Assert.AreEqual("node 'normal' (BatchNormalization, opset 17)", $"{classifier.LayerOfOneValue}");
        Assert.AreEqual(2 * pictures, told.Sum(t => t.Pictures), "Every picture is learned from in every epoch.");
        Assert.AreEqual(batch + 1, told.Max(t => t.Pictures));
        Assert.AreEqual(told.Last(t => t.Done is null).Loss, run.Position.History[^1].Train["loss"]);
        WeightCheck.RequireFinite(classifier.Module, "net", "");
        Assert.AreEqual(0, run.PicturesLeft);
    }

    [TestMethod]
    [DataRow(33, 1)]
    [DataRow(1, 16)]
    public void Run_OneValueAChannel_IsRefused(int pictures, int batch)
    {
        TrainingOptions options = Toys.Options with { Batch = batch };
        using TrainingData data = Data(pictures);
        using Classifier classifier = ModelTrainer.Prepare(Pooled(), Toys.Input, Three, options, CPU);
        var fault = Assert.ThrowsExactly<BadInputException>(
            () => new TrainingRun(Toys.Plan("a.onnx", options), new ClassificationTask(classifier, Three), data, CPU));
        Assert.AreEqual(
            "toy: node 'normal' (BatchNormalization, opset 17) gets one value a channel from each picture, and one value has no variance "
                + "to learn; "
            + $"got a batch of 1 ({pictures} pictures to train with, {batch} a step), expected at least 2", fault.Message);
    }

    // Running statistics serve where the layer is frozen, and a layer over whole maps has values enough.
    [TestMethod]
    public void LayerOfOneValue_FrozenOrOverMaps_IsNone()
    {
        using Classifier frozen = ModelTrainer.Prepare(Pooled(), Toys.Input, Three, Toys.Options with { Freeze = ["norm.*"] }, CPU);
        Assert.IsNull(frozen.LayerOfOneValue);
        using Classifier maps = ModelTrainer.Prepare(HeadGraphs.Build("normalization and gemm"), Toys.Input, Three, Toys.Options, CPU);
        Assert.IsNull(maps.LayerOfOneValue);
        Assert.AreEqual(1, new ClassificationTask(maps, Three).SmallestBatch);
    }

    [TestMethod]
    public void Run_ByHandOverOneValue_IsRefusedByTheOperator()
    {
        using DisposeScope scope = NewDisposeScope();
        using Classifier classifier = ModelTrainer.Prepare(Pooled(), Toys.Input, Three, Toys.Options, CPU);
        classifier.Module.train();
        string message = Assert.Throws<BadInputException>(() => classifier.Scores(rand(1, 1, 8, 8))).Message;
        StringAssert.Contains(message, "input 0 has one value a channel, expected at least two to learn their variance from");
        classifier.Module.eval();
        CollectionAssert.AreEqual(new long[] { 1, 3 }, classifier.Scores(rand(1, 1, 8, 8)).shape);
    }

    [TestMethod]
    [DataRow(33, 16, 1, "16 16 1")]
    [DataRow(33, 16, 2, "16 17")]
    [DataRow(32, 16, 2, "16 16")]
    [DataRow(34, 16, 2, "16 16 2")]
    [DataRow(1, 16, 2, "1")]
    public void Shuffled_SmallestBatch_JoinsTheRestToTheLast(int count, int batch, int smallest, string expected)
    {
        var order = BatchOrder.Shuffled(count, batch, 1, 0, smallest);
        Assert.AreEqual(expected, string.Join(' ', Enumerable.Range(0, order.Count).Select(i => order[i].Length)));
        Assert.AreEqual(expected.Split(' ').Max(int.Parse), order.Largest);
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, count).ToArray(), Enumerable.Range(0, order.Count).SelectMany(i => order[i].ToArray()).ToArray());
    }

    [TestMethod]
    [DataRow("conv.weight", float.NaN, 36)]
    [DataRow("norm.variance", float.PositiveInfinity, 4)]
    public void Prepare_WeightThatIsNoNumber_IsNamed(string weight, float value, int count)
    {
        OnnxModel model = Pooled(weight, value);
        var fault = Assert.ThrowsExactly<BadInputException>(() => ModelTrainer.Prepare(model, Toys.Input, Three, Toys.Options, CPU));
        Assert.AreEqual($"pooled: '{weight}' holds 1 NaN or infinite numbers among {count} before the training; expected finite numbers",
            fault.Message);
    }

    // The file and the network in memory agree that it is NaN, which proves nothing.
    [TestMethod]
    public void Of_NaNOnBothSides_Fails()
    {
        using var folder = new TemporaryFolder();
        using Classifier classifier = Toys.Build(Toys.Options);
        using (no_grad())
            classifier.Module.get_parameter("fc1.bias")![1].fill_(double.NaN).Dispose();
        classifier.Module.Model.Save(folder.File("a.onnx"), classifier.Module.CurrentBytes);
        using Tensor pictures = rand(3, 1, 8, 8);

        ExportProof proof = ExportProof.Of(folder.File("a.onnx"), classifier.Module, "input", pictures);

        Assert.IsFalse(proof.Holds);
        Assert.AreEqual(("logits", double.NaN), (proof.At, proof.LargestDifference));
        CollectionAssert.AreEqual(new[] { "logits" }, proof.Failed);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Write_NotProven_LeavesWhatIsThere(bool isThere)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("out", "net.onnx");
        Directory.CreateDirectory(folder.File("out"));
        if (isThere)
            File.WriteAllText(file, "before");
        TrainingOptions options = Toys.Options with { Epochs = 1 };
        using TrainingData data = Toys.Data();
        using Classifier classifier = Toys.Build(options);
        TrainingPlan plan = Toys.Plan(file, options);
        var task = new Unprovable(Toys.Task(classifier));
        using var run = new TrainingRun(plan, task, data, CPU);
        run.Run(default);

        TrainingReport report = TrainingExport.Write(plan, task, data, run.Position, CPU, TimeSpan.Zero, default).Report;

        Assert.IsFalse(report.Proof.Holds);
        Assert.IsEmpty(report.Files);
        Assert.AreEqual(isThere, File.Exists(file));
        if (isThere)
            Assert.AreEqual("before", File.ReadAllText(file));
        Assert.AreEqual("net.best.ckpt net.last.ckpt" + (isThere ? " net.onnx" : ""),
            string.Join(' ', Directory.GetFileSystemEntries(folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    [DataRow(true, "toy: the loss on 60 held-out pictures is NaN after epoch 1; expected a number, try a smaller learning rate")]
    [DataRow(false, "toy: 'conv1.bias' holds 1 NaN or infinite numbers among 4 after epoch 1; try a smaller learning rate")]
    public void Run_ValidationOrWeightsAreNoNumbers_KeepsNothing(bool isValidation, string message)
    {
        using var folder = new TemporaryFolder();
        using TrainingData data = Toys.Data();
        using Classifier classifier = Toys.Build(Toys.Options);
        var task = new Unprovable(Toys.Task(classifier)) { SpoilsValidation = isValidation, SpoilsWeights = !isValidation };
        using var run = new TrainingRun(Toys.Plan(folder.File("a.onnx"), Toys.Options), task, data, CPU);
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => run.Run(default)).Message);
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    private static TrainingData Data(int pictures)
    {
        (PictureSet train, PictureSet validation) = (Toys.Pictures(pictures, 1), Toys.Pictures(9, 2));
        return new TrainingData(new DataReport("toys", pictures, 9, "held-out", 0, Three), train, validation, null);
    }

    /// <summary>A normalisation of [N, 4, 1, 1] behind a global pool; one number of a weight may be another one.</summary>
    private static OnnxModel Pooled(string weight = "", float value = 0)
    {
        var net = new GraphBuilder("pooled");
        string x = net.Input("x", ElementType.Float, "N", 1, 8, 8);
        string pooled = net.Node("GlobalAveragePool", "pooled", [net.Node("Conv", "conv", [x, Numbers("conv.weight", 4, 1, 3, 3)])]);
        string normal = net.Node("BatchNormalization", "normal",
            [pooled, Numbers("norm.weight", 4), Numbers("norm.bias", 4), Numbers("norm.mean", 4), Numbers("norm.variance", 4)]);
        net.Output(net.Node("Gemm", "scores", [net.Node("Flatten", "flat", [normal]), Numbers("fc.weight", 4, 5)]), ElementType.Float, "N",
            5);
        return net.Build();

        string Numbers(string name, params long[] dims)
        {
            var shape = new TensorShape(dims);
            float[] numbers = [.. Enumerable.Range(1, (int)shape.Count).Select(i => i * 0.1f)];
            if (name == weight)
                numbers[0] = value;
            return net.Initializer(name, TensorData.FromArray(numbers, shape));
        }
    }

    /// <summary>A classification whose network is proven with pictures that are no numbers; may spoil more.</summary>
    private sealed class Unprovable(ClassificationTask task) : TrainingTask
    {
        private int _steps;

        public bool SpoilsValidation { get; init; }

        public bool SpoilsWeights { get; init; }

        public override OnnxModule Module => task.Module;

        public override string[] Sums => task.Sums;

        public override Criterion ChosenBy => task.ChosenBy;

        public override (string Name, Tensor Value) InputOf(Batch batch) => ("input", full_like(batch.Inputs, double.NaN));

        // The weight that is spoiled has no part in the loss of this task: only a look at the weights finds it.
        public override (Tensor Loss, Tensor Sums) Learn(Batch batch)
        {
            (Tensor Loss, Tensor Sums) learned = task.Learn(batch);
            if (SpoilsWeights && ++_steps == 10)
                using (no_grad())
                    Module.get_parameter("conv1.bias")![2].fill_(double.PositiveInfinity).Dispose();
            return learned;
        }

        public override Metrics MetricsOf(ReadOnlySpan<double> sums, int samples) => task.MetricsOf(sums, samples);

        public override Measurement Measure(BatchSource samples, int batch, Device device, Action<int>? progress, CancellationToken cancel)
        {
            var score = (Score)task.Measure(samples, batch, device, progress, cancel);
            return SpoilsValidation ? new Score(double.NaN, score.Confusion, score.Labels) : score;
        }
    }
}
