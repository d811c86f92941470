using System.CommandLine;
using System.Runtime.CompilerServices;

namespace CnnOnnx.Cli;

/// <summary>Facts about commands that the parser has no place for: the program's name, options that most need, examples.</summary>
internal static class CommandNotes
{
    private static readonly ConditionalWeakTable<Command, Notes> Table = [];

    /// <summary>Adds examples below a command's help.</summary>
    public static Command WithExamples(this Command command, params string[] examples)
    {
        Table.GetOrCreateValue(command).Examples = examples;
        return command;
    }

    /// <summary>Names the options that stand first in a command's help.</summary>
    /// <param name="command">The command.</param>
    /// <param name="options">Names of options in their order; one that the command does not have is passed over.</param>
    public static Command WithMostUsed(this Command command, params string[] options)
    {
        Table.GetOrCreateValue(command).MostUsed = options;
        return command;
    }

    /// <summary>Sets how long a command may take to end well after Ctrl-C or SIGTERM.</summary>
    public static Command WithTimeToEnd(this Command command, TimeSpan time)
    {
        Table.GetOrCreateValue(command).TimeToEnd = time;
        return command;
    }

    /// <summary>How long a command may take to end well; null where nothing was set.</summary>
    public static TimeSpan? TimeToEndOf(Command command) => Table.TryGetValue(command, out Notes? notes) ? notes.TimeToEnd : null;

    /// <summary>Names a program, as messages and help quote it.</summary>
    public static RootCommand Named(this RootCommand root, string program)
    {
        Table.GetOrCreateValue(root).Program = program;
        return root;
    }

    public static string[] ExamplesOf(Command command) => Table.TryGetValue(command, out Notes? notes) ? notes.Examples : [];

    public static string[] MostUsedOf(Command command) => Table.TryGetValue(command, out Notes? notes) ? notes.MostUsed : [];

    /// <summary>A command as it is typed, from the program's name on: "visualizer dump".</summary>
    public static string PathOf(Command command) => string.Join(' ', Upwards(command).Reverse()
        .Select(c => c is not RootCommand ? c.Name : Table.TryGetValue(c, out Notes? notes) ? notes.Program : "")
        .Where(name => name.Length > 0));

    /// <summary>A command, the one that it is a part of, and so on.</summary>
    public static IEnumerable<Command> Upwards(Command command) =>
        command.Parents.OfType<Command>().Take(1).SelectMany(Upwards).Prepend(command);

    /// <summary>The options that may stand behind a command: its own, and those that every command has.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) =>
        command.Options.Concat(Upwards(command).Skip(1).SelectMany(above => above.Options.Where(option => option.Recursive)));

    private sealed class Notes
    {
        public string[] Examples { get; set; } = [];

        public string[] MostUsed { get; set; } = [];

        public TimeSpan? TimeToEnd { get; set; }

        public string Program { get; set; } = "";
    }
}
