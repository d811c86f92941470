using System.Text.Json;
using System.Xml.Linq;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Commands;

[TestClass]
public sealed class CompareCommandTests
{
    private readonly TemporaryFolder _folder = new();

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Compare_AFault_NamesTheNodeAndWritesPageJsonAndLayer()
    {
        ProgramRun run = Compare(Net("a", 1), Net("b", 1.5f), "-o", PathOf("out"), "--junit", PathOf("result.xml"));
        Assert.AreEqual(1, run.ExitCode, run.Error);
        StringAssert.StartsWith(run.Output, "The difference begins at Conv 'second': ");
        string page = File.ReadAllText(PathOf("out/index.html"));
        foreach (string part in new[] { "The difference begins at Conv <em>second</em>", "<title>b · A against B &#183; x.npy</title>",
            "id=\"t1\"", "⚠ introduced here", "<h3>B = 1.500 ", "data-pair=\"values/t1.js\"", "Error over depth" })
            StringAssert.Contains(page, part);
        Assert.IsFalse(page.Contains("src=\"http", StringComparison.Ordinal), "the page loads nothing");
        JsonElement result = JsonDocument.Parse(File.ReadAllText(PathOf("out/compare.json"))).RootElement;
        Assert.AreEqual("second", result.GetProperty("verdict").GetProperty("first").GetProperty("node").GetString());
        Assert.IsTrue(File.Exists(PathOf("out/values/t1.js")), "values of the maps");
        foreach (string file in new[] { "layer.onnx", "inputs.npz", "results.npz" })
            Assert.IsTrue(File.Exists(PathOf($"out/repro/{file}")), file);
        XElement suite = XDocument.Load(PathOf("result.xml")).Root!;
        Assert.AreEqual("4 2", $"{suite.Attribute("tests")!.Value} {suite.Attribute("failures")!.Value}");
    }

    [TestMethod]
    public void Compare_ACopy_IsEqualAndTheAnswerIsYes()
    {
        ProgramRun run = Compare(Net("a", 1), Net("b", 1), "-o", PathOf("out"));
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.StartsWith(run.Output, "The two compute the same, bit by bit.");
        StringAssert.Contains(File.ReadAllText(PathOf("out/index.html")), "bit by bit");
    }

    [TestMethod]
    public void Compare_AB_AndBA_NameTheSameNode()
    {
        string a = Net("a", 1), b = Net("b", 1.5f);
        ProgramRun there = Compare(a, b), back = Compare(b, a);
        Assert.AreEqual((1, 1), (there.ExitCode, back.ExitCode));
        StringAssert.StartsWith(there.Output, "The difference begins at Conv 'second': 50.0 % of its result.");
        // As much of 1.5 as of 1: a third.
        StringAssert.StartsWith(back.Output, "The difference begins at Conv 'second': 33.3 % of its result.");
    }

    [TestMethod]
    public void Compare_ABaseline_FailsOnlyWhereAPairGotWorse()
    {
        string a = Net("a", 1), b = Net("b", 1.5f), worse = Net("c", 1.6f), file = PathOf("base.json");
        Assert.AreEqual(1, Compare(a, b, "--write-baseline", file).ExitCode);
        ProgramRun same = Compare(a, b, "--baseline", file);
        Assert.AreEqual(0, same.ExitCode);
        StringAssert.Contains(same.Output, "Nothing is worse than in base.json.");
        ProgramRun later = Compare(a, worse, "--baseline", file);
        Assert.AreEqual(1, later.ExitCode);
        StringAssert.Contains(later.Output, "2 pairs are worse than in base.json: 'second' 50 % → 60 %, 'most' 50 % → 60 %");
    }

    [TestMethod]
    public void Compare_OneModelAtTwoLevels_SaysWhatTheOptimiserDoes()
    {
        ProgramRun run = ProgramRun.Visualizer("compare", Net("a", 1), Input(), "--optimization-b", "all");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "With nothing but its outputs asked for, and all fusions, 'most' is ");
    }

    [TestMethod]
    public void Compare_WrongUse_IsOneLine()
    {
        string a = Net("a", 1), b = Net("b", 1), x = Input();
        foreach ((string[] args, string message) in new (string[], string)[]
        {
            ([a, x], $"compare got one model, '{a}', expected two, or --against, or --device-b or "
                + "--optimization-b to compare it with itself"),
            ([a, b], "compare got no input, expected a picture, a folder, a video or a .npy file"),
            ([a, b, x, "--tensors", "nothing*"], "no pair has one of the names nothing*; there are 4 pairs, such as 'most'"),
            ([a, b, x, "--pair", "first=third"], $"{b} has no tensor 'third' to pair"),
            ([a, b, x, "--pair", "first"], "--pair is 'first', expected two tensor names such as conv1=features.0"),
            ([a, b, x, "--tolerance", "x"], "--tolerance is 'x', expected a tensor name and a number such as head*=0.01"),
            ([a, b, "--against", PathOf("x.npz")],
                $"compare got --against and '{b}', expected one model and at most the picture that was recorded"),
            ([a, b, x, "--baseline", a], $"{a}: is no baseline, expected what --write-baseline writes"),
        })
        {
            ProgramRun run = ProgramRun.Visualizer(["compare", .. args]);
            Assert.AreEqual(2, run.ExitCode, message);
            StringAssert.Contains(run.LastError, message);
        }
    }

    [TestMethod]
    public void Compare_ModelsThatShareNothing_IsOneLine()
    {
        var builder = new GraphBuilder("other");
        builder.Node("Sigmoid", "s", [builder.Input("z", ElementType.Float, 1, 3, 8, 8)]);
        builder.Output("s", ElementType.Float, 1, 3, 8, 8);
        string other = PathOf("other.onnx");
        builder.Build().Save(other);
        string a = Net("a", 1);
        ProgramRun run = Compare(a, other);
        Assert.AreEqual(2, run.ExitCode);
        StringAssert.Contains(run.LastError, $"{a} and {other} have no tensor in common: no name, no weight and no way of computing; "
            + "pairs can be given by name");
    }

    [TestMethod]
    public void Compare_AnInputThatFitsOnlyOne_IsOneLine()
    {
        string small = Net("b", 1, 6);
        ProgramRun run = Compare(Net("a", 1), small);
        Assert.AreEqual(2, run.ExitCode);
        Assert.AreEqual(1, run.Error.TrimEnd().Split('\n').Count(line => line.Contains(small, StringComparison.Ordinal)), run.Error);
    }

    [TestMethod]
    public void Compare_TensorsOfNaN_NamesWhereTheyAreBorn()
    {
        ProgramRun run = Compare(Net("a", 1), Net("b", float.NaN));
        Assert.AreEqual(1, run.ExitCode, run.Error);
        StringAssert.StartsWith(run.Output, "The difference begins at Conv 'second': ");
    }

    private ProgramRun Compare(string a, string b, params string[] more) => ProgramRun.Visualizer(["compare", a, b, Input(), .. more]);

    private string Input()
    {
        string path = PathOf("x.npy");
        var random = new Random(1);
        NpyFile.Write(path, TensorData.FromArray([.. Enumerable.Range(0, 3 * 8 * 8).Select(_ => random.NextSingle() - 0.5f)],
            new TensorShape(1, 3, 8, 8)));
        return path;
    }

    // Two convolutions and a maximum; the second convolution's only kernel is multiplied.
    private string Net(string name, float factor, int side = 8)
    {
        var random = new Random(2);
        var builder = new GraphBuilder(name);
        string x = builder.Input("x", ElementType.Float, 1, 3, side, side);
        builder.Initializer("w1", Weights(1, 4, 3, 3, 3));
        builder.Initializer("w2", Weights(factor, 1, 4, 3, 3));
        builder.Node("Conv", "first", [x, "w1"]);
        builder.Node("Conv", "second", ["first", "w2"]);
        builder.Node("GlobalMaxPool", "most", ["second"]);
        builder.Output("most", ElementType.Float, 1, 1, 1, 1);
        string path = PathOf($"{name}.onnx");
        builder.Build().Save(path);
        return path;

        TensorData Weights(float by, params long[] shape) => TensorData.FromArray(
            [.. Enumerable.Range(0, (int)new TensorShape(shape).Count).Select(_ => by * (random.NextSingle() - 0.5f))],
            new TensorShape(shape));
    }
}
