using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Data;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Models that run with one size of batch only are measured in batches of that size; the last one is filled up.</summary>
[TestClass]
public sealed class FixedBatchTests
{
    private const int Pictures = 10, Classes = 3;

    // Declared batch; 0 for any. The batch that is folded into the Reshape; 0 for none.
    [TestMethod]
    [DataRow(0, 0, null)]
    [DataRow(0, 1, 1)]
    [DataRow(1, 1, 1)]
    [DataRow(4, 4, 4)]
    public void Measure_BatchThatIsFixed_GivesTheScoreOfAnyBatch(int declared, int folded, int? expected)
    {
        using var folder = new TemporaryFolder();
        Network(declared, folded).Save(folder.File("net.onnx"));
        Network(0, 0).Save(folder.File("any.onnx"));

        (int? batch, Score score) = Measure(folder.File("net.onnx"));

        (_, Score any) = Measure(folder.File("any.onnx"));
        Assert.AreEqual(expected, batch);
        Assert.AreEqual(Pictures, score.Confusion.Total);
        // The same float32 sums of 36 products in another order of pictures.
        Assert.AreEqual(any.Loss, score.Loss, 1e-5);
        CollectionAssert.AreEqual(
            any.Confusion.ToRows().SelectMany(row => row).ToArray(), score.Confusion.ToRows().SelectMany(row => row).ToArray());
    }

    // Any loss of pictures that are not there shows in the number of right answers, which is whole.
    [TestMethod]
    public void Train_StreamWithAnUnreadableFile_CountsThoseThatAreThere()
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.Path, ["a", "b", "c"], 11);
        File.WriteAllText(folder.File("b", "03.png"), "no picture");
        DataPart part = PictureFolder.Open(folder.Path).Parts[0];
        using BatchSource stream = part.Load(Toys.Input, null, default, mostStored: 100);
        using PictureSet validation = Toys.Pictures(6, 1);
        var report = new DataReport("toys", stream.Count, validation.Count, "held-out", 0, ["a", "b", "c"]);
        using var data = new TrainingData(report, stream, validation, null);
        using Classifier classifier = Toys.Build(Toys.Options);
        using var run = new TrainingRun(
            Toys.Plan(folder.File("a.onnx"), Toys.Options with { Epochs = 1, Batch = 5 }), Toys.Task(classifier), data, CPU);

        run.Run(default);

        double right = run.Position.History[0].Train[Score.AccuracyName] * 32;
        Assert.AreEqual(Math.Round(right), right, 1e-9, "of 33 pictures 32 were learned from");
        Assert.HasCount(1, stream.Unreadable);
        Assert.AreEqual(32, Toys.Task(classifier).Measure(stream, 4, CPU, null, default).Confusion.Total);
    }

    private static (int? Batch, Score Score) Measure(string path)
    {
        using DisposeScope scope = NewDisposeScope();
        using Classifier opened = new ModelSource(path).Open(CPU);
        Classifier classifier = opened with { Batch = opened.FindBatch(Toys.Input, CPU) };
        using PictureSet pictures = Toys.Pictures(Pictures, 1);
        return (classifier.Batch, Toys.Task(classifier).Measure(pictures, classifier.Batch ?? Pictures, CPU, null, default));
    }

    private static OnnxModel Network(int declared, int folded)
    {
        var net = new GraphBuilder("net");
        Dimension batch = declared == 0 ? "N" : declared;
        string x = net.Input("x", ElementType.Float, batch, 1, 8, 8);
        string map = net.Node("MaxPool", "pool",
            [net.Node("Conv", "conv", [x, HeadGraphs.Random(net, "conv.weight", 4, 1, 3, 3)])],
            ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }));
        string flat = folded == 0 ? net.Node("Flatten", "flat", [map])
            : net.Node("Reshape", "flat", [map, net.Initializer("shape", TensorData.FromArray([folded, -1L], new TensorShape(2)))]);
        net.Output(net.Node("Gemm", "scores", [flat, HeadGraphs.Random(net, "fc.weight", 36, Classes)]), ElementType.Float, batch, Classes);
        return net.Build();
    }
}
