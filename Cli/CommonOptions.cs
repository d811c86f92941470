using System.CommandLine;
using System.Globalization;

namespace CnnOnnx.Cli;

/// <summary>
/// Options that mean the same wherever they are: those of every command, and those that a command adds when it uses them.
/// </summary>
internal static class CommonOptions
{
    // More than any machine has cores; each takes memory of its own, and a hundred thousand of them take all of it.
    private const int MostThreads = 1024;

    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No progress, no remarks.", Recursive = true };

    public static Option<bool> Json { get; } = new("--json") { Description = "The result as JSON on stdout.", Recursive = true };

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "With an error, the stack trace.", Recursive = true };

    /// <summary>Device option of the commands that run a network.</summary>
    public static Option<string> Device { get; } = new("--device")
    {
        Description = "auto, cpu, cuda, cuda:N, tensorrt or directml; cuda:tf32 is faster and rounds to 10 bits.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "auto",
    };

    /// <summary>Thread count option of the commands that work on several threads.</summary>
    public static Option<int?> Threads { get; } =
        CountOption.Create("--threads", "CPU threads; all cores when not given.", MostThreads);

    /// <summary>Seed option of the commands in which something is random.</summary>
    public static Option<int> Seed { get; } = new("--seed")
    {
        Description = "Of everything that is random.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
        CustomParser = result =>
        {
            string text = result.Given();
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed))
                return seed;
            result.AddError($"--seed is '{text}', expected a whole number from {int.MinValue} to {int.MaxValue}.");
            return 0;
        },
    };

    /// <summary>The options of every command.</summary>
    public static IEnumerable<Option> All => [Quiet, Json, Verbose];
}
