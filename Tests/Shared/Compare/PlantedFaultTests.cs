using CnnOnnx.Compare;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using static CnnOnnx.Tests.Compare.ModelFaults;

namespace CnnOnnx.Tests.Compare;

/// <summary>A fault in one node is named, wherever it is and whatever it is; a copy without one is the same.</summary>
[TestClass]
public sealed class PlantedFaultTests
{
    private static readonly string LeNet = Path.Combine(Repository.Root, "models", "lenet.onnx");

    /// <summary>Faults by name: model, node that it is put into, and the change.</summary>
    private static readonly (string Fault, string Node, Action<ModelProto> Plant)[] Planted =
    [
        ("one weight channel × 1.01", "conv1", m => Scale(m, "conv1", 1, 2, 1.01f)),
        ("another channel × 1.01", "conv2", m => Scale(m, "conv2", 1, 7, 1.01f)),
        ("one row × 1.01", "fc1", m => Scale(m, "fc1", 1, 3, 1.01f)),
        ("bias of one class", "logits", m => Shift(m, "logits", 2, 4, 0.05f)),
        ("bias of one channel", "conv2", m => Shift(m, "conv2", 2, 0, 0.02f)),
        ("pads on one side", "conv1", m => SetInts(m, "conv1", "pads", 4, 4, 0, 0)),
        ("average pool counts the pad", "pool1", m =>
        {
            SetInts(m, "pool1", "kernel_shape", 3, 3);
            SetInts(m, "pool1", "pads", 0, 0, 1, 1);
        }),
        ("max pool for average pool", "pool2", m => Node(m, "pool2").OpType = "MaxPool"),
        ("LeakyRelu for Relu", "relu2", m => Node(m, "relu2").OpType = "LeakyRelu"),
        ("transposed matrix", "logits", m => Reverse(m, "logits", 1)),
    ];

    private static IEnumerable<object[]> Faults => Planted.Select(p => new object[] { p.Fault });

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public void AFaultIsNamedAtItsNode(string fault)
    {
        (_, string node, Action<ModelProto> plant) = Planted.First(p => p.Fault == fault);
        OnnxModel a = OnnxModel.Read(LeNet);
        ComparisonResult result = Compare(a, Changed(a, plant));

        Assert.AreEqual(VerdictKind.Differs, result.Verdict.Kind, fault);
        Assert.AreEqual(node, result.Verdict.First?.Node, $"{fault}: {result.Verdict.Headline}");
        StringAssert.Contains(result.Verdict.Headline, $"'{node}'", fault);
        PairComparison[] introduced = [.. result.Pairs.Where(p => p.Finding == PairFinding.Introduced)];
        using var folder = new TemporaryFolder();
        result.Reproduction!.Save(folder.Path);
        using (ActivationSession layer = ActivationSession.Open(Path.Combine(folder.Path, "layer.onnx"), new CompareOptions().A))
        using (NpzReader inputs = NpzReader.Open(Path.Combine(folder.Path, "inputs.npz")))
        using (Activations run = layer.Run(inputs.Keys.ToDictionary(key => key, inputs.Read)))
            Assert.IsTrue(run[0].Raw.SequenceEqual(result.Reproduction.Got.Bytes.Span), "the saved layer does what the report says");
        Assert.HasCount(1, introduced, $"{fault}: {string.Join(", ", introduced.Select(p => p.Pair.B))}");
    }

    [TestMethod]
    public void ACopyIsTheSameBitByBit()
    {
        OnnxModel a = OnnxModel.Read(LeNet);
        ComparisonResult result = Compare(a, a);
        Assert.AreEqual(VerdictKind.BitEqual, result.Verdict.Kind);
        Assert.IsTrue(result.Pairs.All(p => p.Cumulative.IsBitEqual && p.Finding == PairFinding.Equal));
        Assert.IsEmpty(result.Unpaired);
    }

    [TestMethod]
    public void NamesAreNotNeeded()
    {
        OnnxModel a = OnnxModel.Read(LeNet);
        OnnxModel b = Changed(a, Rename);
        ComparisonResult result = Compare(a, b);
        Assert.AreEqual(VerdictKind.BitEqual, result.Verdict.Kind, result.Verdict.Detail);
        Assert.HasCount(13, result.Pairs);
    }

    [TestMethod]
    public void TwoFaultsAreBothNamed()
    {
        OnnxModel a = OnnxModel.Read(LeNet);
        ComparisonResult result = Compare(a, Changed(a, m =>
        {
            Scale(m, "conv1", 1, 0, 1.02f);
            Scale(m, "fc2", 1, 0, 1.02f);
        }));
        CollectionAssert.AreEquivalent(new[] { "conv1", "fc2" },
            result.Pairs.Where(p => p.Finding == PairFinding.Introduced).Select(p => p.Pair.Node).ToArray());
    }

    [TestMethod]
    public void ExchangedModelsGiveTheMirroredAnswer()
    {
        OnnxModel a = OnnxModel.Read(LeNet), b = Changed(a, m => Scale(m, "conv2", 1, 7, 1.01f));
        ComparisonResult forth = Compare(a, b), back = Compare(b, a);
        CollectionAssert.AreEquivalent(forth.Pairs.Select(p => (p.Pair.A, p.Pair.B)).ToArray(),
            back.Pairs.Select(p => (p.Pair.B, p.Pair.A)).ToArray());
        Assert.AreEqual(forth.Verdict.First?.B, back.Verdict.First?.A);
    }

    [TestMethod]
    public void AnotherInputIsTheVerdict()
    {
        OnnxModel a = OnnxModel.Read(LeNet);
        using ModelComparer comparer = ModelComparer.Open(a, a, new CompareOptions
        {
            B = new CompareOptions().A with { Preprocessing = spec => spec with { Range = 255 } },
        });
        using OpenCvSharp.Mat picture = TestPictures.Noise(40, 40);
        comparer.Add(picture);
        ComparisonResult result = comparer.Finish();
        Assert.AreEqual(VerdictKind.InputDiffers, result.Verdict.Kind);
        StringAssert.Contains(result.Verdict.Headline, "A's values go to 1, B's to 255");
        StringAssert.Contains(result.Verdict.Detail, "every layer computes the same");
    }

    private static ComparisonResult Compare(OnnxModel a, OnnxModel b)
    {
        using ModelComparer comparer = ModelComparer.Open(a, b);
        float[] values = new float[28 * 28];
        var random = new Random(1);
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle();
        comparer.Add(TensorData.FromArray(values, new TensorShape(1, 1, 28, 28)));
        return comparer.Finish();
    }
}
