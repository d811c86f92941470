using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Tests.Dump;

/// <summary>What is refused leaves no folder and no file; what was there before stays.</summary>
[TestClass]
public sealed class RefusedInputTests
{
    private readonly TemporaryFolder _folder = new();

    private string Out => _folder.File("deep", "out");

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Dump_PictureForFourChannels_LeavesNothing() => AssertLeavesNothing(FourChannels(), Picture());

    [TestMethod]
    public void Dump_SeveralInputsThatAllFail_LeaveAPageThatTellsWhy()
    {
        for (int i = 0; i < 3; i++)
            AtomicText(_folder.File("in", $"{i}.png"));
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        string[][] kinds = [[], ["--resume", "--batch", "2"]];
        foreach (string[] options in kinds)
        {
            Assert.AreEqual(2, Dump(model, _folder.File("in"), options).ExitCode);
            Assert.IsEmpty(Directory.GetDirectories(Out), "no input has a folder");
            Assert.Contains("None of 3 inputs could be used", File.ReadAllText(Path.Combine(Out, "index.html")));
        }

        Directory.Delete(_folder.File("deep"), recursive: true);
        AssertLeavesNothing(model, _folder.File("in"), "--without", "report");
    }

    [TestMethod]
    public void Dump_ModelThatFailsInItsFirstRun_LeavesNothing()
    {
        AssertLeavesNothing(FailsWhenItRuns(), Picture());
        AssertLeavesNothing(FailsWhenItRuns(), Picture(), "--memory", "1KB");
        AssertLeavesNothing(FailsWhenItRuns(), Picture(), "--profile");
    }

    /// <summary>The first tensor has the channel and gets its picture, the last has not.</summary>
    [TestMethod]
    public void Dump_ChannelThatOneOfTheTensorsHasNot_LeavesNothing() =>
        AssertLeavesNothing(SmallNetworks.LeNet().SaveTo(_folder), Picture(), "--tensor", "*conv*", "--channel", "10", "--raw",
            "--threads", "1");

    [TestMethod]
    public void Dump_PartOfTheInputsRefused_LeavesFoldersOfTheOthers()
    {
        TestPictures.Write(_folder.File("in", "a.png"));
        AtomicText(_folder.File("in", "b.png"));
        NpyFile.Write(_folder.File("in", "c.npy"), TensorData.FromArray(new float[12], new TensorShape(3, 2, 2)));
        Assert.AreEqual(2, Dump(SmallNetworks.LeNet().SaveTo(_folder), _folder.File("in")).ExitCode);
        CollectionAssert.AreEquivalent(new[] { "a", "kernels" }, Directory.GetDirectories(Out).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Dump_FolderThatWasThere_StaysAsItWas()
    {
        Directory.CreateDirectory(Out);
        Assert.AreEqual(2, Dump(FourChannels(), Picture()).ExitCode);
        Assert.IsEmpty(Directory.GetFileSystemEntries(Out));
        AtomicText(Path.Combine(Out, "mine.txt"));
        Directory.CreateDirectory(Path.Combine(Out, "empty"));
        Assert.AreEqual(2, Dump(FailsWhenItRuns(), Picture(), "--memory", "1KB").ExitCode);
        CollectionAssert.AreEquivalent(new[] { "mine.txt", "empty" },
            Directory.GetFileSystemEntries(Out).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Video_NothingToShow_LeavesNothing()
    {
        ProgramRun run = ProgramRun.Visualizer("dump", FourChannels(), Picture(), "--video", Path.Combine(Out, "v.avi"), "--tensors", "y");
        Assert.AreEqual(2, run.ExitCode);
        Assert.IsFalse(Directory.Exists(_folder.File("deep")));
    }

    /// <summary>Weights in a file that is not there: a model that can be read, and not drawn.</summary>
    [TestMethod]
    public void KernelsAndExpose_WeightsThatAreNotThere_LeaveNothing()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        byte[] cut = File.ReadAllBytes(model);
        AtomicBytes(model, cut[..(cut.Length / 2)]);
        foreach (string[] command in new string[][] { ["kernels", model, "--out", Out],
            ["expose", model, "--out", Path.Combine(Out, "e.onnx")] })
        {
            Assert.AreEqual(2, ProgramRun.Visualizer(command).ExitCode);
            Assert.IsFalse(Directory.Exists(_folder.File("deep")), command[0]);
        }
    }

    [TestMethod]
    public void Dump_InterruptedBeforeItsFirstFile_LeavesNothing()
    {
        var run = new DumpRun
        {
            Model = SmallNetworks.LeNet().SaveTo(_folder),
            Inputs = InputList.Of([Picture()]),
            Options = new DumpOptions { Activation = new ActivationOptions() },
            Others = new Dictionary<string, TensorData>(),
        };
        var terminal = new Terminal { Out = TextWriter.Null, Error = TextWriter.Null };
        Assert.ThrowsExactly<OperationCanceledException>(() => run.ToFolder(Out, terminal, new CancellationToken(canceled: true)));
        Assert.IsFalse(Directory.Exists(_folder.File("deep")));
    }

    private void AssertLeavesNothing(string model, string input, params string[] options)
    {
        ProgramRun run = Dump(model, input, options);
        Assert.AreEqual(2, run.ExitCode, run.Error);
        Assert.IsFalse(Directory.Exists(_folder.File("deep")), $"{string.Join(' ', options)}: nothing is left, the folders above included");
    }

    private ProgramRun Dump(string model, string input, params string[] options) =>
        ProgramRun.Visualizer(["dump", model, input, "--out", Out, .. options]);

    private string Picture() => TestPictures.Write(_folder.File("p.png"));

    private string FourChannels()
    {
        var graph = new GraphBuilder("four");
        graph.Output(graph.Node("Relu", "y", [graph.Input("x", ElementType.Float, 1, 4, 8, 8)]), ElementType.Float, 1, 4, 8, 8);
        return graph.Build().SaveTo(_folder, "four.onnx");
    }

    // Its Reshape does not fit what comes, which shows in a run only.
    private string FailsWhenItRuns()
    {
        var graph = new GraphBuilder("fails");
        string relu = graph.Node("Relu", "r", [graph.Input("x", ElementType.Float, 1, 3, "h", "w")]);
        string shape = graph.Initializer("shape", TensorData.FromArray(new long[] { 1, 7, 11 }, new TensorShape(3)));
        graph.Output(graph.Node("Reshape", "y", [relu, shape]), ElementType.Float, 1, 7, 11);
        return graph.Build().SaveTo(_folder, "fails.onnx");
    }

    private static void AtomicText(string path) => AtomicBytes(path, "no picture"u8.ToArray());

    private static void AtomicBytes(string path, byte[] bytes) => CnnOnnx.Files.AtomicFile.WriteBytes(path, bytes);
}
