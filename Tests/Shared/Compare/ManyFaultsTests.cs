using System.Globalization;
using CnnOnnx.Compare;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;
using static CnnOnnx.Tests.Compare.ModelFaults;

namespace CnnOnnx.Tests.Compare;

/// <summary>
/// Faults in a trained ResNet-20 without telling names, and in a small net of what it has not: each is named at its node.
/// </summary>
[TestClass]
public sealed class ManyFaultsTests
{
    private const int Seed = 20, Drawn = 20;

    /// <summary>Kinds of faults that are drawn: operator, words, change of a node.</summary>
    private static readonly (string Operator, string Words, Action<ModelProto, string, Random> Plant)[] Kinds =
    [
        ("Conv", "one kernel × 1.01", (m, n, r) => Scale(m, n, 1, r.Next(16), 1.01f)),
        ("Conv", "two kernels exchanged", (m, n, r) => Swap(m, n, 1, 0, 1 + r.Next(15))),
        ("Conv", "one kernel upside down", (m, n, r) => EditChannel(m, n, 1, r.Next(16), v => v.Reverse())),
        ("Conv", "one weight lost", (m, n, r) => EditChannel(m, n, 1, r.Next(16), v => v[4] = 0)),
        ("BatchNormalization", "epsilon 0.001", (m, n, _) => SetFloat(m, n, "epsilon", 1e-3f)),
        ("BatchNormalization", "mean of one channel + 0.01", (m, n, r) => Shift(m, n, 3, r.Next(16), 0.01f)),
        ("BatchNormalization", "scale of one channel × 1.01", (m, n, r) => Scale(m, n, 1, r.Next(16), 1.01f)),
        ("Relu", "LeakyRelu for Relu", (m, n, _) => Node(m, n).OpType = "LeakyRelu"),
        ("Relu", "Elu for Relu", (m, n, _) => Node(m, n).OpType = "Elu"),
        ("Add", "Sub for Add", (m, n, _) => Node(m, n).OpType = "Sub"),
        ("Gemm", "bias of one class + 0.01", (m, n, r) => Shift(m, n, 2, r.Next(10), 0.01f)),
    ];

    [TestMethod]
    public void FaultsOfAResNet_AreNamedAtTheirNodes()
    {
        OnnxModel model = OnnxModel.Read(SharedData.Require("onnx-models", "classification", "resnet20_cifar10.onnx"));
        string picture = Directory.GetFiles(SharedData.Require("datasets", "cifar10-jpg", "test", "automobile"), "*.jpg").Order().First();
        string conv = NameOf(model, "Conv", 10), early = NameOf(model, "Conv", 5), norm = NameOf(model, "BatchNormalization", 10);
        (string Words, string Node, Action<ModelProto> Plant)[] faults =
        [
            ("BatchNormalization's epsilon 0.001", norm, m => SetFloat(m, norm, "epsilon", 1e-3f)),
            ("one kernel × 1.01", conv, m => Scale(m, conv, 1, 5, 1.01f)),
            ("pad on the wrong side", early, m => SetInts(m, early, "pads", 2, 2, 0, 0)),
            ("RGB for BGR in the first kernels", "Conv_0", m => SwapColours(m, "Conv_0")),
            .. DrawnFaults(model),
        ];
        using Mat image = Cv2.ImRead(picture);
        Check("ResNet-20", faults, fault =>
        {
            using ModelComparer comparer = ModelComparer.Open(model, Changed(model, fault));
            comparer.Add(image);
            return comparer.Finish();
        });
    }

    [TestMethod]
    public void FaultsOfOtherOperators_AreNamedAtTheirNodes()
    {
        OnnxModel model = OtherOperators();
        (string, string, Action<ModelProto>)[] faults =
        [
            ("average pool counts the pad", "pool", m => SetInt(m, "pool", "count_include_pad", 1)),
            ("Resize's mode", "resize", m => SetText(m, "resize", "mode", "nearest")),
            ("Resize's coordinates", "resize", m => SetText(m, "resize", "coordinate_transformation_mode", "asymmetric")),
            ("LeakyRelu's slope 0.01 for 0.1", "leaky", m => SetFloat(m, "leaky", "alpha", 0.01f)),
            ("transposed Gemm", "gemm", m => SetInt(m, "gemm", "transB", 0)),
        ];
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 3 * 16 * 16).Select(_ => random.NextSingle() - 0.5f)];
        Check("small net", faults, fault =>
        {
            using ModelComparer comparer = ModelComparer.Open(model, Changed(model, fault));
            comparer.Add(TensorData.FromArray(values, new TensorShape(1, 3, 16, 16)));
            return comparer.Finish();
        });
    }

    private static string NameOf(OnnxModel model, string type, int place) =>
        model.Graph.Nodes.Where(n => n.OpType == type).ElementAt(place).Name;

    private static IEnumerable<(string, string, Action<ModelProto>)> DrawnFaults(OnnxModel model)
    {
        var random = new Random(Seed);
        for (int i = 0; i < Drawn; i++)
        {
            (string type, string words, Action<ModelProto, string, Random> plant) = Kinds[random.Next(Kinds.Length)];
            OnnxNode[] nodes = [.. model.Graph.Nodes.Where(n => n.OpType == type)];
            string node = nodes[random.Next(nodes.Length)].Name;
            int seed = random.Next();
            yield return ($"drawn: {words}", node, m => plant(m, node, new Random(seed)));
        }
    }

    // Writes the table that docs/compare.md shows, and asserts that every line of it is right.
    private static void Check(string network, IEnumerable<(string Words, string Node, Action<ModelProto> Plant)> faults,
        Func<Action<ModelProto>, ComparisonResult> compare)
    {
        List<string> table = [], wrong = [];
        foreach ((string words, string node, Action<ModelProto> plant) in faults)
        {
            ComparisonResult result = compare(plant);
            string named = result.Verdict.First?.Node ?? "none";
            table.Add($"| {network} | {words} | {node} | {named} | {SeenBy(result)} |");
            if (named != node || result.Verdict.Kind != VerdictKind.Differs)
                wrong.Add($"{words} at {node}: {result.Verdict.Headline} {result.Verdict.Detail}");
        }

        File.WriteAllLines(Path.Combine(Repository.Root, "artifacts", $"faults of {network}.md"), table);
        Assert.IsEmpty(wrong, string.Join(Environment.NewLine, wrong));
    }

    // Usual bounds of other tools beside ours: Polygraphy's cosine 0.997, an SNR of 40 dB.
    private static string SeenBy(ComparisonResult result)
    {
        if (result.Pairs.FirstOrDefault(p => p.Pair == result.Verdict.First) is not { } pair)
            return "none";
        PairMetrics local = pair.Local ?? pair.Cumulative;
        List<string> seen = [string.Create(CultureInfo.InvariantCulture, $"relative {100 * local.RelativeError:0.##} %")];
        if (local.Cosine < 0.997)
            seen.Add("cosine");
        if (local.Snr < 40)
            seen.Add("SNR");
        if (pair.Pair.WeightDistance > 1e-4)
            seen.Add("weights");
        if (local.OutsideShare > 0)
            seen.Add(string.Create(CultureInfo.InvariantCulture, $"{100 * local.OutsideShare:0.#} % of elements"));
        return string.Join(", ", seen);
    }

    private static void Swap(ModelProto model, string node, int input, int first, int second) => Edit(model, node, input, (values, inner) =>
    {
        float[] kept = values.Slice(first * inner, inner).ToArray();
        values.Slice(second * inner, inner).CopyTo(values.Slice(first * inner, inner));
        kept.CopyTo(values.Slice(second * inner, inner));
    });

    private delegate void EditChannelValues(Span<float> values);

    private static void EditChannel(ModelProto model, string node, int input, int channel, EditChannelValues edit) =>
        Edit(model, node, input, (values, inner) => edit(values.Slice(channel * inner, inner)));

    private static void SwapColours(ModelProto model, string node) => Edit(model, node, 1, (values, inner) =>
    {
        for (int kernel = 0; kernel < values.Length; kernel += inner)
            for (int i = 0; i < inner / 3; i++)
                (values[kernel + i], values[kernel + inner - inner / 3 + i]) = (values[kernel + inner - inner / 3 + i], values[kernel + i]);
    });

    private static OnnxModel OtherOperators()
    {
        var random = new Random(2);
        var builder = new GraphBuilder("others");
        string x = builder.Input("x", ElementType.Float, 1, 3, 16, 16);
        builder.Initializer("w", TensorData.FromArray(Values(4 * 3 * 9), new TensorShape(4, 3, 3, 3)));
        builder.Initializer("m", TensorData.FromArray(Values(16), new TensorShape(4, 4)));
        builder.Initializer("scales", TensorData.FromArray([1f, 1f, 2f, 2f], new TensorShape(4)));
        builder.Node("Conv", "conv", [x, "w"], ("pads", new long[] { 1, 1, 1, 1 }));
        builder.Node("LeakyRelu", "leaky", ["conv"], ("alpha", 0.1f));
        builder.Node("Resize", "resize", ["leaky", "", "scales"], ("mode", "linear"));
        builder.Node("AveragePool", "pool", ["resize"], ("kernel_shape", new long[] { 3, 3 }), ("pads", new long[] { 1, 1, 1, 1 }),
            ("strides", new long[] { 2, 2 }));
        builder.Node("GlobalMaxPool", "most", ["pool"]);
        builder.Node("Flatten", "flat", ["most"]);
        builder.Node("Gemm", "gemm", ["flat", "m"], ("transB", 1L));
        builder.Output("gemm", ElementType.Float, 1, 4);
        return builder.Build();

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
