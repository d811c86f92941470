using CnnOnnx.Cli;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Commands;

namespace CnnOnnx.Tests.Commands;

/// <summary>A command line that cannot be run: what is wrong, the nearest name, where the help is. Nothing is started.</summary>
[TestClass]
public sealed class UsageTests
{
    private const string Dump = "See 'visualizer dump --help'.";

    [TestMethod]
    [DataRow("dump m.onnx a.png -o d --colorma gray", "'--colorma' is no option of 'visualizer dump'; did you mean '--colormap'? " + Dump)]
    [DataRow("dump m.onnx --no-such a.png -o d", "'--no-such' is no option of 'visualizer dump'. " + Dump)]
    [DataRow("dump m.onnx a.png -o d --tensors a --frist 2",
        "'--frist' is no option of 'visualizer dump'; did you mean '--first'? " + Dump)]
    [DataRow("dump m.onnx a.png -o d --OUT=e", "'--OUT' is no option of 'visualizer dump'; did you mean '--out'? " + Dump)]
    [DataRow("dump m.onnx a.png -o d -x", "'-x' is no option of 'visualizer dump'. " + Dump)]
    [DataRow("inspect m.onnx --seed 3", "'--seed' is no option of 'visualizer inspect'. See 'visualizer inspect --help'.")]
    [DataRow("kernels m.onnx -o d --device cpu", "'--device' is no option of 'visualizer kernels'. See 'visualizer kernels --help'.")]
    [DataRow("expose m.onnx -o d --threads 1", "'--threads' is no option of 'visualizer expose'. See 'visualizer expose --help'.")]
    [DataRow("dmp m.onnx", "'dmp' is no command of 'visualizer'; did you mean 'dump'? See 'visualizer --help'.")]
    [DataRow("--quite", "'--quite' is no option of 'visualizer'; did you mean '--quiet'? See 'visualizer --help'.")]
    [DataRow("dump", "MODEL is missing: An ONNX file; INPUT is missing: Pictures, .npy or .npz files, videos, camera:N, folders or "
        + "patterns. " + Dump)]
    [DataRow("dump m.onnx a.png -o", "--out has no value, expected DIR. " + Dump)]
    [DataRow("expose m.onnx", "--out FILE is missing: The ONNX file to write. See 'visualizer expose --help'.")]
    [DataRow("inspect m.onnx n.onnx", "'n.onnx' is one argument more than 'visualizer inspect' takes. See 'visualizer inspect --help'.")]
    public void Run_WrongUse_IsOneLine(string words, string message)
    {
        var run = ProgramRun.Visualizer(words.Split(' '));
        Assert.AreEqual((2, $"error: {message}{Environment.NewLine}", ""), (run.ExitCode, run.Error, run.Output));
    }

    [TestMethod]
    public void Run_NoCommand_ListsThem()
    {
        var run = ProgramRun.Visualizer();
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith("error: a command is missing, expected one of inspect, expose, dump,", run.Error);
    }

    // A file may be called like an option, and a number is below 0.
    [TestMethod]
    public void Run_WhatOnlyLooksLikeAnOption_IsTaken()
    {
        Assert.Contains("mean has 2 numbers, expected 1 for gray", ProgramRun.Visualizer("dump", Model,
            Path.Combine(Repository.Root, "docs", "boot.png"), "-o", "d", "--mean", "-1,2").Error);
        Assert.Contains("-x.png: no such file", ProgramRun.Visualizer("dump", "-o", "d", "--", Model, "-x.png").Error);
    }

    [TestMethod]
    [DataRow("colour", null)]
    [DataRow("--sacle", "--scale")]
    [DataRow("--tens", "--tensors")]
    [DataRow("--outt", "--out")]
    [DataRow("--zzz", null)]
    public void Nearest_Name_IsTheOneWithFewestChanges(string typed, string? expected) =>
        Assert.AreEqual(expected, UsageFaults.Nearest(typed, ["--scale", "--tensors", "--out", "--columns"]));

    [TestMethod]
    public void Help_OfDump_HasTheCommonOptionsFirstAndTheOthersByPurpose()
    {
        string[] help = [.. ProgramRun.Visualizer("dump", "--help").Output.Split(Environment.NewLine)];
        string[] titles = [.. help.Where(line => line.EndsWith(':') && line.Length > 0 && line[0] != ' ')];
        CollectionAssert.AreEqual(new[] { "Usage:", "Arguments:", "Most used:" }, titles[..3]);
        CollectionAssert.IsSubsetOf(new[] { "Which tensors:", "How a picture becomes the input:", "What is written:",
            "How pictures look:", "How it runs:", "Of every command:", "Examples:" }, titles);
        Assert.HasCount(titles.Length, titles.Distinct());
        Assert.StartsWith("  -o, --out DIR", help[Array.IndexOf(help, "Most used:") + 1]);
        Assert.IsTrue(help.All(line => line.Length <= 100 || line.StartsWith("  visualizer", StringComparison.Ordinal)),
            "Examples are whole; all else fits.");
    }

    [TestMethod]
    public void Help_OfEachCommand_HasEachOptionOnceAndMarksWhatIsRequired()
    {
        foreach (System.CommandLine.Command command in VisualizerCommands.Root().Subcommands)
        {
            string[] rows = [.. HelpPage.Lines(command, 100)
                .Where(line => line.StartsWith("      --", StringComparison.Ordinal) || line.StartsWith("  -", StringComparison.Ordinal))];
            foreach (System.CommandLine.Option option in command.Options)
                Assert.AreEqual(1, rows.Count(row => row[6..].Split(' ')[0] == option.Name), $"{command.Name} {option.Name}");
        }

        string kernels = string.Join(' ', ProgramRun.Visualizer("kernels", "--help").Output.Split((char[]?)null,
            StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("visualizer kernels MODEL --out DIR [options]", kernels);
        Assert.Contains("what an earlier run left there goes. (required)", kernels);
    }

    [TestMethod]
    public void Help_OfTheProgram_ListsExitCodes()
    {
        string help = ProgramRun.Visualizer("--help").Output;
        foreach ((int code, string meaning) in ExitCode.All)
            Assert.Contains($"{Environment.NewLine}  {code} ", help, meaning);
    }

    private static string Model => Path.Combine(Repository.Root, "models", "lenet.onnx");
}
