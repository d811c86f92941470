using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Detection;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>YOLOv3 that is trained, stopped, gone on with and exported.</summary>
[TestClass]
public sealed class DetectorTrainingTests
{
    private readonly TemporaryFolder _folder = new();
    private OneThread? _thread;

    [TestInitialize]
    public void UseOneThread() => _thread = new OneThread();

    [TestCleanup]
    public void Clean()
    {
        _thread?.Dispose();
        _folder.Dispose();
    }

    // Mirrored pictures in four sizes, drawn by two threads or one, with an average of the weights and a warm-up.
    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    public void Restore_AllThatLearningHas_EndsWithTheSameBytes(int stopAfter)
    {
        TrainingOptions options = DetectorRuns.Everything;
        (string straight, TrainingPosition whole) = Train(_folder.File("a.onnx"), options, 2);
        Assert.Throws<OperationCanceledException>(() => Train(_folder.File("b.onnx"), options, 1, stopAfter));

        Checkpoint stopped = Checkpoint.Read(_folder.File("b.last.ckpt")).Checkpoint;
        (string rest, TrainingPosition position) = Train(_folder.File("b.onnx"), options, 1, null, _folder.File("b.last.ckpt"));

        Assert.AreEqual(stopAfter, (stopped.Position.Epoch * 4) + stopped.Position.Batch);
        Assert.AreEqual(straight, rest);
        CollectionAssert.AreEqual(whole.History, position.History);
        Assert.AreEqual("loss boxLoss objectnessLoss classLoss mAP50 mAP",
            string.Join(' ', whole.History[0].Validation.Select(m => m.Key)));
        Assert.AreEqual("loss boxLoss objectnessLoss classLoss", string.Join(' ', whole.History[0].Train.Select(m => m.Key)));
        // a training that goes on has the anchors that were found, whatever the data would give now
        Assert.HasCount(9, stopped.Plan.Options.Boxes!.Sizes()!);
    }

    [TestMethod]
    public void Prepare_Anchors_AreFoundAskedForOrThePapers()
    {
        using TrainingData data = DrawnBoxes.Data(64, 40, 4);
        string Of(BoxOptions boxes, List<string> notes)
        {
            using DetectorTraining detector = DetectorRuns.Prepare(
                DetectorRuns.Plan(_folder.File("a.onnx"), DetectorRuns.Everything with { Boxes = boxes }, data), data, null, notes.Add);
            Assert.AreEqual(detector.Plan.Options.Boxes!.Anchors, BoxOptions.TextOf(detector.Network.Heads.Reverse()
                .SelectMany(head => head.Anchors.Select(a => new BoxSize(a.Width, a.Height)))));
            return detector.Plan.Options.Boxes!.Anchors;
        }

        var notes = new List<string>();
        AnchorSet expected = AnchorClusters.Of(((DrawnBoxes)data.Train).Sizes, 9, 5);
        Assert.AreEqual(BoxOptions.TextOf(expected.Anchors), Of(new BoxOptions(), notes));
        StringAssert.Contains(notes.Single(),
            $"found in {((DrawnBoxes)data.Train).Sizes.Length} boxes, which overlap the best of them by ");
        const string paper = "10,13 16,30 33,23 30,61 62,45 59,119 116,90 156,198 373,326";
        Assert.AreEqual(paper, Of(new BoxOptions { Anchors = "paper" }, []));
        Assert.AreEqual("1,2 3,4 5,6 7,8 9,10 11,12 13,14 15,16 17,18.5",
            Of(new BoxOptions { Anchors = "1,2 3,4 5,6 7,8 9,10 11,12 13,14 15,16 17,18.5" }, []));
    }

    // What was exported is recognised, and finds what the network in memory finds.
    [TestMethod]
    public void Write_Export_IsADetectorWithTheSameBoxes()
    {
        using TrainingData data = DrawnBoxes.Data(64, 8, 4);
        string path = _folder.File("a.onnx");
        using DetectorTraining detector =
            DetectorRuns.Prepare(DetectorRuns.Plan(path, DetectorRuns.Everything with { Epochs = 1 }, data), data);
        using var run = new TrainingRun(detector.Plan, detector.Task, data, CPU);
        run.Run(default);

        (TrainingReport report, Measurement measured) =
            TrainingExport.Write(detector.Plan, detector.Task, data, run.Position, CPU, TimeSpan.Zero, default);

        Assert.IsTrue(report.Proof.Holds, string.Join(", ", report.Proof.Failed));
        var model = OnnxModel.Read(path);
        CollectionAssert.AreEqual(DrawnBoxes.Names.ToArray(), model.Card.Labels);
        Assert.AreEqual("rectangle, ellipse, triangle", string.Join(", ", ((BoxScore)measured).Classes.Select(c => c.Class)));
        StringAssert.Contains(model.Card.Training!, "\"anchors\": \"");
        using Detector found = Detector.Open(path, new DetectorOptions { Confidence = 0.001, Overlap = 0.45, EveryClass = true });
        using var gray = new Mat(64, 64, MatType.CV_8UC3, new OpenCvSharp.Scalar(30, 200, 90));
        Detections theirs = found.Detect(gray);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        detector.Network.Module.eval();
        // the picture is BGR, the network takes RGB
        Tensor input = tensor(new[] { 90 / 255f, 200 / 255f, 30 / 255f }).view(1, 3, 1, 1).expand(1, 3, 64, 64).contiguous();
        List<Candidate> ours = HeadBoxes.Read(detector.Network.Run(input), detector.Network.Heads, new(64, 64), 0.001, 0.45, 300)[0];
        Assert.HasCount(theirs.Boxes.Length, ours);
        foreach ((DetectedBox their, Candidate our) in theirs.Boxes.Zip(ours).Take(20))
        {
            Assert.AreEqual(their.Class, our.Class);
            Assert.AreEqual(their.Score, our.Score, 1e-5);
            Assert.AreEqual(their.Box.Left, our.Box.X1, 1e-3);
            Assert.AreEqual(their.Box.Bottom, our.Box.Y2, 1e-3);
        }
    }

    [TestMethod]
    public void Prepare_WrongUse_IsALineEach()
    {
        using TrainingData data = DrawnBoxes.Data(64, 4, 4);
        TrainingPlan plan = DetectorRuns.Plan("a.onnx", DetectorRuns.Everything, data);
        OnnxModel own = ArchitectureTable.Find("yolov3-0.1")!.Build(plan.Input, 3);
        BoxSize[] boxes = [new(10, 10)];
        string Fault(OnnxModel model, IReadOnlyList<string> classes, BoxSize[] sizes, TrainingPlan with, bool ownAnchors = false) =>
            Assert.Throws<BadInputException>(() => DetectorTraining.Prepare(
                with, (_, _) => model, ownAnchors, classes, sizes, null, CPU, _ => { }).Dispose()).Message;

        Assert.AreEqual("drawn: the pictures to learn from have no boxes; expected some", Fault(own, DrawnBoxes.Names, [], plan));
        Assert.AreEqual("yolov3-0.1: tells 3 classes apart, the data has 2 classes (cat, dog); expected the same classes in the same order",
            Fault(own, ["cat", "dog"], boxes, plan));
        Assert.AreEqual("yolov3-0.1: pictures of 96x80 do not fit, each of its heads halves sides that the next ones double again; "
            + "expected multiples of 32, such as 96x64", Fault(own, DrawnBoxes.Names, boxes, plan with
            {
                Input = plan.Input with { Size = new(80, 96) },
                Options = plan.Options with { Boxes = new BoxOptions() },
            }));
        Assert.AreEqual("yolov3-0.1: learns from several sizes of squares, got an input of 96x64; expected equal sides, or one size",
            Fault(own, DrawnBoxes.Names, boxes, plan with { Input = plan.Input with { Size = new(64, 96) } }));
        StringAssert.StartsWith(Fault(own, DrawnBoxes.Names, boxes, plan with
        { Options = plan.Options with { Boxes = new BoxOptions { Anchors = "1,2 3,4" } } }, ownAnchors: true),
            "yolov3-0.1: has learned with its own anchors (10,13 16,30 ");
        OnnxModel lenet = ArchitectureTable.Find("lenet")!.Build(new InputSpec { Size = new(32, 32) }, 3);
        Assert.AreEqual("lenet: no heads that boxes can be learned with; expected a model card that describes those of yolov3 "
            + "(cnnonnx.detection)", Fault(lenet, DrawnBoxes.Names, boxes, plan, ownAnchors: true));
        foreach (BoxOptions wrong in new BoxOptions[]
            { new() { Loss = "giou" }, new() { MultiScale = 3 }, new() { IgnoreOverlap = 0 }, new() { Anchors = "10" } })
            Assert.ThrowsExactly<BadInputException>(() => (plan.Options with { Boxes = wrong }).Checked());
        Assert.AreEqual("the anchors are '10,0', expected auto, paper, or pairs of width and height such as "
            + "\"10,13 16,30 33,23 30,61 62,45 59,119 116,90 156,198 373,326\"",
            Assert.ThrowsExactly<BadInputException>(() => new BoxOptions { Anchors = "10,0" }.Check()).Message);
        Assert.AreEqual("the warm-up takes 3 of 2 epochs, expected from 0 to all of them",
            Assert.ThrowsExactly<BadInputException>(() => (plan.Options with { WarmUp = 3 }).Checked()).Message);
    }

    // 500 steps leave as many tensors behind as 20, and hardly more memory than libtorch keeps for itself.
    [TestMethod]
    public void Learn_500Steps_LeavesNothingBehind()
    {
        using TrainingData data = DrawnBoxes.Data(32, 2, 2);
        using DetectorTraining detector = DetectorRuns.Prepare(DetectorRuns.Plan("a.onnx",
            DetectorRuns.Everything with { Boxes = new BoxOptions() }, data), data);
        using var optimizer = new CnnOnnx.Torch.Training.Optimizer(detector.Network.Module.named_parameters(), "momentum");
        long at20 = 0;
        detector.Network.Module.train();
        for (int step = 1; step <= 500; step++)
        {
            using (DisposeScope scope = NewDisposeScope())
            {
                using BatchReader reader = data.Train.Open(BatchOrder.Shuffled(2, 2, 1, step), 0, CPU, default);
                (Tensor loss, _) = detector.Task.Learn(reader.Next());
                loss.backward();
                optimizer.Step(1e-4);
            }

            long live = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            if (step == 20)
                at20 = live;
            else if (step > 20)
                Assert.AreEqual(at20, live, $"step {step}");
        }
    }

    [TestMethod]
    public void Read_NumbersOfATruth_GiveItsBoxAndNoLoss()
    {
        using DisposeScope scope = NewDisposeScope();
        AnchoredHead[] heads = [new("head", 32, [(20, 24)], 1, false)];
        Tensor output = full(1, 8, 2, 2, -20f);
        // cell (1, 0): centre (40, 20), size 20·2 x 24·½, class 2
        float[] numbers =
        [
            (float)Math.Log(0.25 / 0.75), (float)Math.Log(0.625 / 0.375), (float)Math.Log(2), (float)Math.Log(0.5), 20, -20, -20, 20,
        ];
        for (int k = 0; k < numbers.Length; k++)
            output[0, k, 0, 1] = numbers[k];
        Candidate found = HeadBoxes.Read([output], heads, new(64, 64), 0.005, 0.45, 10)[0].Single();
        Assert.AreEqual(2, found.Class);
        Assert.AreEqual(20, found.Box.X1, 1e-4);
        Assert.AreEqual(14, found.Box.Y1, 1e-4);
        Assert.AreEqual(60, found.Box.X2, 1e-4);
        Assert.AreEqual(26, found.Box.Y2, 1e-4);
        YoloLosses losses = new YoloLoss(heads, YoloLoss.Paper, 0.7).Of([output], tensor(new float[] { 0, 2, 40, 20, 40, 12 }).view(1, 6),
            new(64, 64));
        Assert.AreEqual(0, losses.Class.ToDouble(), 1e-6);
        Assert.AreEqual(0, losses.Objectness.ToDouble(), 1e-6);
    }

    private (string Bytes, TrainingPosition Position) Train(
        string path, TrainingOptions options, int workers, int? stopAfter = null, string? resume = null)
    {
        using TrainingData data = DrawnBoxes.Data(64, 16, 6, MultiScale.SidesOf(64, 1.5, 32), workers);
        return DetectorRuns.Train(path, options, data, stopAfter, resume);
    }
}
