using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Commands;

/// <summary>Exit codes and error lines, whatever a command throws.</summary>
[TestClass]
public sealed class CommandHostTests
{
    [TestMethod]
    public void Run_FaultOfTheProgram_Is70AndSaysWhatToDo()
    {
        ProgramRun run = Run(() => throw new InvalidOperationException("two\nlines"));
        Assert.AreEqual(70, run.ExitCode);
        Assert.AreEqual("error: InvalidOperationException: two lines (this is a fault of the program; please report it to the CnnOnnx "
            + "developers, with the command and what --verbose shows)" + Environment.NewLine, run.Error);
    }

    [TestMethod]
    public void Run_FaultOfTheProgramVerbose_ShowsTheStack()
    {
        ProgramRun run = Run(() => throw new InvalidOperationException("why"), "--verbose");
        Assert.AreEqual(70, run.ExitCode);
        Assert.Contains("   at CnnOnnx.Tests.Commands.CommandHostTests", run.Error);
        Assert.StartsWith("error: InvalidOperationException: why", run.LastError);
    }

    [TestMethod]
    public void Run_BadInput_Is2AndItsMessage()
    {
        ProgramRun run = Run(() => throw new BadInputException("net.onnx: is a folder, expected a file"));
        Assert.AreEqual((2, "error: net.onnx: is a folder, expected a file" + Environment.NewLine), (run.ExitCode, run.Error));
    }

    // ENOSPC, EDQUOT, and Windows' ERROR_DISK_FULL; ENOENT is none of them.
    [TestMethod]
    [DataRow(28, 2)]
    [DataRow(122, 2)]
    [DataRow(unchecked((int)0x80070070), 2)]
    [DataRow(2, 70)]
    public void Run_FullDisk_Is2(int code, int expected)
    {
        ProgramRun run = Run(() => throw new IOException("No space left on device : '/results/a.csv'", code));
        Assert.AreEqual(expected, run.ExitCode);
        Assert.HasCount(1, run.Error.TrimEnd().Split(Environment.NewLine));
        if (expected == 2)
            Assert.AreEqual("error: there is no room left where results go: No space left on device : '/results/a.csv'", run.LastError);
    }

    [TestMethod]
    public void Run_BrokenModel_Is2()
    {
        ProgramRun run = Run(() => throw new OnnxException("net.onnx", "is cut off"));
        Assert.AreEqual((2, "error: net.onnx: is cut off"), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    [DataRow(1, "--tensors", "error: net.onnx: needs operator X; select tensors in front of it (--tensors)")]
    [DataRow(1, "--size", "error: net.onnx: needs operator X; select tensors in front of it")]
    [DataRow(2, "--size", "error: net.onnx: needs operator X; select tensors in front of it (--size)")]
    [DataRow(0, "--size", "error: net.onnx: needs operator X; select tensors in front of it")]
    public void Run_ModelThatAnOptionHelps_NamesTheOptionThatTheCommandHas(int remedy, string option, string line)
    {
        ProgramRun run = Run(new Option<string>(option),
            () => throw new OnnxException("net.onnx", "needs operator X; select tensors in front of it") { Remedy = (Remedy)remedy });
        Assert.AreEqual((2, line), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Run_BadInputThatAnOptionHelps_NamesIt()
    {
        const string problem = "folder: holds no pictures; its folders were not looked into";
        ProgramRun run = Run(new Option<bool>("--recursive"),
            () => throw new BadInputException(problem) { Remedy = Remedy.SearchFolders });
        Assert.AreEqual((2, $"error: {problem} (--recursive)"), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Run_MissingLibrary_Is2AndNamesTheDoctor()
    {
        ProgramRun run = Run(() => throw new TypeInitializationException("OpenCvSharp.Internal.NativeMethods",
            new DllNotFoundException("Unable to load shared library 'OpenCvSharpExtern' or one of its dependencies. "
                + "In order to help, use a tool.\nmore\nand more")));
        Assert.AreEqual((2, "error: a native library cannot be loaded: Unable to load shared library 'OpenCvSharpExtern' or one of its "
            + "dependencies. ('visualizer doctor' says which libraries work and how to get those that do not)"),
                (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Run_StaticConstructorThatFailsForAnotherReason_Is70() => Assert.AreEqual(70,
        Run(() => throw new TypeInitializationException("T", new InvalidOperationException("why"))).ExitCode);

    [TestMethod]
    public void Run_WrongUse_Is2AndNamesTheHelp()
    {
        ProgramRun run = Run(() => 0, "--no-such-option");
        Assert.AreEqual(2, run.ExitCode);
        Assert.EndsWith("See 'try --help'.", run.LastError);
    }

    [TestMethod]
    public void Run_Interrupted_Is130()
    {
        ProgramRun run = Run(() => throw new OperationCanceledException());
        Assert.AreEqual((130, "interrupted"), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Run_WhatACommandReturns_IsTheExitCode() => Assert.AreEqual(1, Run(() => ExitCode.No).ExitCode);

    private static ProgramRun Run(Func<int> work, params string[] options) => Run(null, work, options);

    private static ProgramRun Run(Option? own, Func<int> work, params string[] options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Command command = new Command("try", "Does what the test says.").Does((_, _, _) => work());
        if (own is not null)
            command.Options.Add(own);
        var root = new RootCommand("For a test.") { command };
        int code = CommandHost.Run(root, ["try", .. options], output, error);
        return new ProgramRun(code, output.ToString(), error.ToString());
    }
}
