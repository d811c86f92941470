using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Inference;
using CnnOnnx.Visualizer.Doctor;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer doctor: what is installed, what is missing, what to do.</summary>
internal sealed class DoctorCommand : Command
{
    public DoctorCommand() : base("doctor",
        "Says which packages, devices, GPU libraries and codecs are there, which are missing, and what to do.")
    {
        Options.Add(CommonOptions.Device);
        this.WithExamples("visualizer doctor", "visualizer doctor --device cuda", "visualizer doctor --json");
        this.Does((parsed, terminal, _) => Run(parsed, terminal));
    }

    private static int Run(ParseResult parsed, Terminal terminal)
    {
        DoctorReport report = DoctorChecks.Run(ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!));
        terminal.JsonResult(report);
        foreach (string line in report.Lines())
            terminal.Result(line);
        return report.Works ? ExitCode.Done : ExitCode.No;
    }
}
