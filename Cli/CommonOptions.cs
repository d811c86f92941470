using System.CommandLine;

namespace CnnOnnx.Cli;

/// <summary>Options that every command has.</summary>
internal static class CommonOptions
{
    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No progress, no remarks.", Recursive = true };

    public static Option<bool> Json { get; } = new("--json") { Description = "The result as JSON on stdout.", Recursive = true };

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "With an error, the stack trace.", Recursive = true };

    public static Option<string> Device { get; } = new("--device")
    {
        Description = "auto, cpu, cuda, cuda:N, tensorrt or directml.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "auto",
        Recursive = true,
    };

    public static Option<int?> Threads { get; } = Recursive(CountOption.Create("--threads", "CPU threads; all cores when not given."));

    public static Option<int> Seed { get; } = new("--seed")
    {
        Description = "Of everything that is random.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
        Recursive = true,
    };

    public static IEnumerable<Option> All => [Quiet, Json, Verbose, Device, Threads, Seed];

    private static Option<int?> Recursive(Option<int?> option)
    {
        option.Recursive = true;
        return option;
    }
}
