using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Doctor;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer doctor: what is installed, what is missing, what to do.</summary>
internal sealed class DoctorCommand : Command
{
    public DoctorCommand() : base("doctor",
        "Says which packages, devices, GPU libraries and codecs are there, which are missing, and what to do.")
    {
        this.WithExamples("visualizer doctor", "visualizer doctor --json");
        this.Does((_, terminal, _) => Run(terminal));
    }

    private static int Run(Terminal terminal)
    {
        DoctorReport report = DoctorChecks.Run();
        terminal.JsonResult(report);
        foreach (string line in report.Lines())
            terminal.Result(line);
        return report.Works ? ExitCode.Done : ExitCode.No;
    }
}
