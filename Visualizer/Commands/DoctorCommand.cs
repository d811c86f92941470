using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Doctor;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer doctor: what is installed, what is missing, what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create() => new Command("doctor", "Says which packages, devices, GPU libraries and codecs are there, which are missing, and what to do.")
        .WithExamples("visualizer doctor", "visualizer doctor --json")
        .Does((_, terminal, _) =>
        {
            DoctorReport report = Examination.Run();
            terminal.JsonResult(report);
            foreach (string line in report.Lines())
                terminal.Result(line);
            return report.Works ? ExitCode.Done : ExitCode.No;
        });
}
