using System.CommandLine;
using CnnOnnx.Cli;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>The folder that results go into, on the command line.</summary>
internal sealed class OutputOptions
{
    private readonly Option<string> _out;

    private readonly Option<bool> _force = new("--force")
    {
        Description = "Write into a folder that holds files of others, too. They stay; those of an earlier run go.",
    };

    private readonly Option<bool> _open = new("--open") { Description = "Show the report when it is done." };

    /// <param name="command">The options are added to it.</param>
    /// <param name="unless">Option that takes the folder's place; null when there is none.</param>
    public OutputOptions(Command command, string? unless = null)
    {
        _out = new Option<string>("--out", "-o")
        {
            Description = "The folder for the results, which is theirs alone: what an earlier run left there goes."
                + (unless is null ? "" : $" (required without {unless})"),
            HelpName = "DIR",
            Required = unless is null,
        };
        foreach (Option option in new Option[] { _out, _force, _open })
            command.Options.Add(option);
    }

    /// <summary>Path of the folder; null when it is missing and something else may take its place.</summary>
    public string? Folder(ParseResult parsed) => parsed.GetValue(_out);

    /// <summary>True when files of others in the folder are no obstacle.</summary>
    public bool Force(ParseResult parsed) => parsed.GetValue(_force);

    /// <summary>Shows a page when that was asked for; says so where it cannot be.</summary>
    public void Show(ParseResult parsed, string page, Terminal terminal)
    {
        if (parsed.GetValue(_open) && Desktop.Open(page) is { } problem)
            terminal.Note($"the report is not opened: {problem}");
    }
}
