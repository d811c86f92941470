using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Commands;

/// <summary>Gives a program what scripts and tired people do: empty names, twice the same, closed streams, signals in a row.</summary>
[TestClass]
public sealed class OddUseTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("kernels|net.onnx|--out|", "--out is '', expected DIR. See 'visualizer kernels --help'.")]
    [DataRow("inspect|", "MODEL is '': An ONNX file. See 'visualizer inspect --help'.")]
    [DataRow("dump|net.onnx|cat.jpg|--out|out|--tables|csv", "--tables is 'csv', expected parquet. See 'visualizer dump --help'.")]
    [DataRow("dump|net.onnx|cat.jpg|--out|out|--channel|x", "--channel is 'x', expected a number. See 'visualizer dump --help'.")]
    [DataRow("cluster|pbs", "KIND is 'pbs', expected slurm, k8s, dockerfile. See 'visualizer cluster --help'.")]
    [DataRow("cluster|slurm|--plan|p.json|--out|shards|--time|soon",
        "--time is 'soon', expected what Slurm takes, such as 4:00:00 or 1-12. See 'visualizer cluster --help'.")]
    [DataRow("compare|a.onnx|b.onnx|cat.jpg|--rtol|-1",
        "--rtol is '-1', expected a number from 0 on, such as 1e-3. See 'visualizer compare --help'.")]
    [DataRow("compare|a.onnx|b.onnx|cat.jpg|--atol|NaN",
        "--atol is 'NaN', expected a number from 0 on, such as 1e-3. See 'visualizer compare --help'.")]
    public void Visualizer_ValueThatMeansNothing_IsOneLineWithTheOption(string words, string message)
    {
        var run = ProgramRun.Visualizer(words.Split('|'));
        Assert.AreEqual((2, $"error: {message}{Environment.NewLine}"), (run.ExitCode, run.Error));
    }

    // The parser's own @ would read the picture as arguments.
    [TestMethod]
    public void Dump_PictureWhoseNameBeginsWithAt_IsAPicture()
    {
        var run = ProgramRun.Visualizer("dump", SmallNetworks.LeNet().SaveTo(_folder), "@nothing.png", "--out", _folder.File("out"));
        Assert.AreEqual((2, "error: @nothing.png: no such file, expected a picture"), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Compare_PairsOfAFile_AreRead()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), pairs = _folder.File("pairs.txt");
        File.WriteAllText(pairs, "conv1=conv1\n\nno=conv2\n");
        var run = ProgramRun.Visualizer("compare", model, model, TestPictures.Write(_folder.File("p.png")), "--pair", $"@{pairs}");
        Assert.AreEqual((2, $"error: {model} has no tensor 'no' to pair"), (run.ExitCode, run.LastError));
        run = ProgramRun.Visualizer("compare", model, model, "p.png", "--pair", $"@{_folder.File(".")}");
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith("error: --pair is '@", run.LastError);
    }

    [TestMethod]
    [DataRow("p.png")]
    [DataRow("p.npy")]
    public void Dump_TensorForWhatTheInputIs_IsOneLine(string input)
    {
        string tensor = _folder.File("t.npy"), given = _folder.File(input);
        NpyFile.Write(tensor, TensorData.FromArray(new float[28 * 28], new TensorShape(1, 1, 28, 28)));
        if (input.EndsWith(".npy", StringComparison.Ordinal))
            File.Copy(tensor, given);
        else
            TestPictures.Write(given);
        var run = ProgramRun.Visualizer("dump", SmallNetworks.LeNet().SaveTo(_folder), given, "--input", $"image={tensor}",
            "--out", _folder.File("out"));
        Assert.AreEqual((2, $"error: the model's input 'image' is given twice, by {given} and by name; expected one of the two"),
            (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Dump_VideoWithoutFrames_IsAnInputThatCannotBeUsed()
    {
        string video = _folder.File("empty.avi"), picture = TestPictures.Write(_folder.File("p.png"));
        using (var writer = new VideoWriter(video, VideoWriter.FourCC("MJPG"), 10, new Size(32, 32)))
            Assert.IsTrue(writer.IsOpened());
        var run = ProgramRun.Visualizer("dump", SmallNetworks.LeNet().SaveTo(_folder), picture, video, "--out", _folder.File("out"),
            "--without", "kernels,mosaics,report");
        Assert.AreEqual(2, run.ExitCode, run.Error);
        Assert.Contains($"error: {video}: has no frame that can be decoded", run.Error);
    }

    // As root, or in a container, nothing else would keep it from being replaced by a file.
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("/dev/null")]
    [DataRow("/dev/stdout")]
    public void Plan_ADeviceAsFile_IsRefused(string device)
    {
        var run = ProgramRun.Visualizer("plan", SmallNetworks.LeNet().SaveTo(_folder), TestPictures.Write(_folder.File("p.png")),
            "--shards", "1", "--out", $"/dev/../dev/{Path.GetFileName(device)}");
        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains("lies among the devices, expected a place for a file", run.LastError);
    }

    // Nobody compares them but by mistake, with a pair that was named.
    [TestMethod]
    public void Compare_InputsOfOtherSizes_SaysSo()
    {
        string lenet = SmallNetworks.LeNet().SaveTo(_folder, "lenet.onnx");
        string chain = SmallNetworks.Named("r1", "r2").SaveTo(_folder, "chain.onnx");
        var run = ProgramRun.Visualizer("compare", lenet, chain, TestPictures.Write(_folder.File("p.png")), "--pair", "logits=y");
        Assert.AreEqual(1, run.ExitCode, run.Error);
        Assert.Contains("layers are not run alone: 'image' is [1, 1, 28, 28] and 'x' is [1, 1, 4, 4]", run.Error);
    }

    [TestMethod]
    public void Compare_FolderThatCannotBe_IsOneLineThatNamesIt()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        var run = ProgramRun.Visualizer("compare", model, model, picture, "--out", picture);
        Assert.AreEqual((2, $"error: {picture}: is a file, expected a folder for the results"), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("dump @ 2>&-", 2, "")]
    [DataRow("dump @ 2>/dev/full", 2, "")]
    [DataRow("cluster dockerfile >&-", 2, "error: stdout is closed or full, expected a place for the result: ")]
    [DataRow("cluster dockerfile >/dev/full", 2, "error: stdout is closed or full, expected a place for the result: ")]
    [DataRow("--help >/dev/full", 2, "error: stdout is closed or full, expected a place for the result: ")]
    public void Visualizer_StreamThatTakesNothing_EndsWithItsExitCode(string words, int code, string error)
    {
        using Process process = VisualizerProcess.Start("sh", ["-c", $"exec dotnet '{VisualizerProcess.Program}' {words}"]);
        ProgramRun run = process.Finish();
        Assert.AreEqual(code, run.ExitCode, run.Error);
        Assert.StartsWith(error, run.Error);
        Assert.IsLessThan(2, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [TestMethod]
    public void ClusterJson_IsADocumentWithTheText()
    {
        var run = ProgramRun.Visualizer("cluster", "dockerfile", "--json");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("\nFROM ", JsonDocument.Parse(run.Output).RootElement.GetProperty("text").GetString()!);
    }
}
