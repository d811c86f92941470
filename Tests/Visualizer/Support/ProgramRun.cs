using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Commands;

namespace CnnOnnx.Tests.Support;

/// <summary>What a run of a program wrote, and its exit code.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    /// <summary>The last line on stderr.</summary>
    public string LastError => Error.TrimEnd().Split('\n')[^1].TrimEnd('\r');

    /// <summary>Runs the visualizer in this process.</summary>
    public static ProgramRun Visualizer(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandHost.Run(VisualizerCommands.Root(), args, output, error);
        return new ProgramRun(code, output.ToString(), error.ToString());
    }
}
