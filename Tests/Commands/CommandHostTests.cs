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
        Assert.AreEqual("error: InvalidOperationException: two lines (this is a fault of the program; please report it to the CnnOnnx developers, "
            + "with the command and what --verbose shows)" + Environment.NewLine, run.Error);
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

    [TestMethod]
    public void Run_BrokenModel_Is2()
    {
        ProgramRun run = Run(() => throw new OnnxException("net.onnx", "is cut off"));
        Assert.AreEqual((2, "error: net.onnx: is cut off"), (run.ExitCode, run.LastError));
    }

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

    private static ProgramRun Run(Func<int> work, params string[] options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var root = new RootCommand("For a test.") { new Command("try", "Does what the test says.").Does((_, _, _) => work()) };
        int code = CommandHost.Run(root, ["try", .. options], output, error);
        return new ProgramRun(code, output.ToString(), error.ToString());
    }
}
