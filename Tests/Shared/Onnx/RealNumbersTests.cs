using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Tests.Training;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Quantised models as real numbers. The referee is ONNX Runtime on the quantised model.</summary>
[TestClass]
public sealed class RealNumbersTests
{
    [TestMethod]
    public void WithRealNumbers_QuantisedGraph_HasPlainLayersAndAClipWhereAReluWas()
    {
        OnnxModel real = QuantizedGraph.Build().WithRealNumbers();
        Assert.AreEqual("Conv Clip MaxPool GlobalAveragePool Flatten MatMul Add", string.Join(' ', real.Graph.Nodes.Select(n => n.OpType)));
        Assert.AreEqual("conv.bias float32[8], conv.weight float32[8, 1, 3, 3], fc.bias float32[3], fc.weight float32[8, 3], "
            + "map/max float32[], map/min float32[]", string.Join(", ", real.Graph.Initializers.OrderBy(t => t.Name, StringComparer.Ordinal)
            .Select(t => t.ToString().Replace(": ", " "))));
        Assert.AreEqual(255 * QuantizedGraph.MapStep, real.Graph.Initializer["map/max"].Load().ToFloats()[0]);
        float[] kernels = real.Graph.Initializer["conv.weight"].Load().ToFloats();
        for (int i = 0; i < kernels.Length; i++)
            Assert.AreEqual(QuantizedGraph.Kernels[i] * QuantizedGraph.KernelSteps[i / 9], kernels[i]);
        Assert.AreEqual(3, ClassifierHead.Find(real).Classes);
    }

    // Half a step is lost at the input, half behind each layer (a whole one where a runtime rounds what it has rounded), and each layer
    // multiplies what was lost before by the sum of its weights' sizes. Inputs and scores stay within the ranges of their integers.
    [TestMethod]
    public void WithRealNumbers_QuantisedGraph_DiffersByTheRoundingOnly()
    {
        OnnxModel model = QuantizedGraph.Build();
        var random = new Random(3);
        float[] pixels = [.. Enumerable.Range(0, 5 * 64).Select(_ => (float)((random.NextDouble() * 4) - 2))];
        float[] rounded = Scores(model, pixels), real = Scores(model.WithRealNumbers(), pixels);

        double kernel = Enumerable.Range(0, QuantizedGraph.Maps).Max(map =>
            QuantizedGraph.KernelSteps[map] * QuantizedGraph.Kernels.Skip(map * 9).Take(9).Sum(w => Math.Abs((double)w)));
        double column = QuantizedGraph.MatrixStep * Enumerable.Range(0, QuantizedGraph.Classes).Max(c =>
            Enumerable.Range(0, QuantizedGraph.Maps).Sum(row =>
                Math.Abs((double)QuantizedGraph.Matrix[(row * QuantizedGraph.Classes) + c])));
        double map = (kernel * QuantizedGraph.InputStep / 2) + QuantizedGraph.MapStep;
        double bound = ((map + QuantizedGraph.MeanStep) * column) + QuantizedGraph.ScoreStep;
        double difference = rounded.Zip(real).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.IsLessThan(bound, difference);
        Assert.IsGreaterThan(0, difference, "Nothing was rounded.");
        Assert.IsGreaterThan(4 * bound, real.Max() - real.Min(), "The bound holds for anything.");
    }

    [TestMethod]
    public void WithRealNumbers_ModelOfRealNumbers_StaysTheSameObject()
    {
        OnnxModel model = HeadGraphs.Build("gemm");
        Assert.IsFalse(model.HasQuantizedWeights());
        Assert.AreSame(model, model.WithRealNumbers());
    }

    [TestMethod]
    public void WithRealNumbers_LayerOfIntegers_IsRefused()
    {
        OnnxModel model = QuantizedGraph.Build().Changed(copy =>
            copy.Graph.Node.First(n => n.OpType == "MaxPool").OpType = "QLinearGlobalAveragePool");
        StringAssert.Contains(Assert.ThrowsExactly<OnnxException>(() => model.WithRealNumbers()).Message, "calculates with integers; "
            + "expected layers with DequantizeLinear in front of them and QuantizeLinear behind, or the model before it was quantised");
    }

    // Before opset 11 a Clip has its bounds as attributes.
    [TestMethod]
    public void WithRealNumbers_OldOpset_ClipsByAttributes()
    {
        OnnxModel model = QuantizedGraph.Build().Changed(copy => copy.OpsetImport[0].Version = 10);
        OnnxNode clip = model.WithRealNumbers().Graph.Nodes.Single(n => n.OpType == "Clip");
        Assert.AreEqual("0 2.55 1", $"{clip.Float("min", -1)} {clip.Float("max", -1)} {clip.Inputs.Length}");
    }

    // The referee is what the pictures show: rounding costs answers, and takes none away when it goes.
    [TestMethod]
    [DataRow("mobilenetv2-12-qdq.onnx")]
    [DataRow("mobilenet_v2_torchvisionV2_qdq_int8.onnx")]
    public void WithRealNumbers_PublishedModel_AnswersAsWellAsBefore(string file)
    {
        OnnxModel model = OnnxModel.Read(SharedData.Require("onnx-models", "classification", file)), real = model.Inlined.WithRealNumbers();
        Assert.IsFalse(real.Graph.Nodes.Any(n => n.OpType.EndsWith("QuantizeLinear", StringComparison.Ordinal)));
        string folder = SharedData.Require("datasets", "imagenet-samples");
        (string Name, int Class)[] shown = [("n01484850_great_white_shark", 2), ("n01614925_bald_eagle", 22), ("n01687978_agama", 42),
            ("n02088364_beagle", 162), ("n02098105_soft-coated_wheaten_terrier", 202)];
        // The range of its quantised input tells how the first wants its pictures, and the second has none any more.
        ActivationOptions options = new() { Device = ComputeDevice.Cpu, Preprocessing = _ => InputPresets.Parse("imagenet") };
        using var first = ActivationSession.Open(model, options);
        using var second = ActivationSession.Open(real, options);
        int before = 0, after = 0;
        foreach ((string name, int expected) in shown)
        {
            using OpenCvSharp.Mat picture = PictureFile.Read(Path.Combine(folder, name + ".JPEG"));
            using Activations a = first.Run(picture), b = second.Run(picture);
            before += Best(a[model.Graph.Outputs[0].Name].Values) == expected ? 1 : 0;
            after += Best(b[real.Graph.Outputs[0].Name].Values) == expected ? 1 : 0;
        }

        Assert.IsGreaterThanOrEqualTo(Math.Max(before, 4), after);
    }

    private static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            best = scores[i] > scores[best] ? i : best;
        return best;
    }

    private static float[] Scores(OnnxModel model, float[] pixels)
    {
        using var session = ActivationSession.Open(model, new() { Device = ComputeDevice.Cpu });
        using Activations seen = session.Run(TensorData.FromArray(pixels, new TensorShape(pixels.Length / 64, 1, 8, 8)));
        return seen["scores"].Values.ToArray();
    }
}
