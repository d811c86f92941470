using System.Collections;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Text;

namespace CnnOnnx.Cli;

/// <summary>The help of a command: its use, its options by purpose, examples; of a program also its commands and exit codes.</summary>
internal static class HelpPage
{
    private const int UsualWidth = 100, WidestText = 120, WidestName = 34;

    /// <summary>Makes a program's --help show it.</summary>
    public static void ShowIn(RootCommand root, int? width)
    {
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
            help.Action = new Shown(Math.Min(width ?? UsualWidth, WidestText),
                ((SynchronousCommandLineAction)help.Action!).ClearsParseErrors);
    }

    /// <summary>The lines of a command's help.</summary>
    /// <param name="command">The command.</param>
    /// <param name="width">Columns that a line may take.</param>
    public static IEnumerable<string> Lines(Command command, int width)
    {
        foreach (string line in Wrapped(command.Description ?? "", width))
            yield return line;
        yield return "";
        yield return "Usage:";
        yield return $"  {Usage(command)}";
        foreach ((string title, IEnumerable<(string, string)> rows) in Sections(command))
        {
            yield return "";
            yield return $"{title}:";
            foreach (string line in Rows([.. rows], width))
                yield return line;
        }

        if (CommandNotes.ExamplesOf(command) is not { Length: > 0 } examples)
            yield break;
        yield return "";
        yield return "Examples:";
        foreach (string example in examples)
            yield return "  " + example;
    }

    private static IEnumerable<(string Title, IEnumerable<(string, string)> Rows)> Sections(Command command)
    {
        if (command.Arguments.Count > 0)
            yield return ("Arguments", command.Arguments.Select(argument => (NameOf(argument), argument.Description ?? "")));
        if (command.Subcommands.Count > 0)
            yield return ("Commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description ?? "")));

        Option[] own = [.. command.Options.Where(option => !option.Hidden && !IsEverywhere(option))];
        string[] first = CommandNotes.MostUsedOf(command);
        Option[] mostUsed = [.. first.Select(name => own.FirstOrDefault(option => option.Name == name)).OfType<Option>()];
        if (mostUsed.Length > 0)
            yield return (OptionGroups.MostUsed, mostUsed.Select(Row));
        foreach (string title in OptionGroups.All.Select(group => group.Title).Append(OptionGroups.Others))
        {
            Option[] group = [.. own.Except(mostUsed).Where(option => OptionGroups.Of(option.Name) == title)
                .OrderBy(option => Array.IndexOf(Array.Find(OptionGroups.All, g => g.Title == title).Options ?? [], option.Name))];
            if (group.Length > 0)
                yield return (title, group.Select(Row));
        }

        yield return (OptionGroups.Everywhere, CommandNotes.OptionsOf(command).Where(IsEverywhere).Select(Row));
        if (command is RootCommand)
            yield return ("Exit codes", ExitCode.All.Select(code => ($"{code.Code}", code.Meaning)));
    }

    private static string Usage(Command command)
    {
        IEnumerable<string> words = [
            CommandNotes.PathOf(command),
            .. command.Subcommands.Count > 0 ? ["COMMAND"] : command.Arguments.Select(argument =>
                argument.Arity.MinimumNumberOfValues == 0 ? $"[{NameOf(argument)}]" : NameOf(argument)),
            .. command.Options.Where(option => option.Required).Select(option => $"{option.Name} {option.HelpName}"),
            "[options]",
        ];
        return string.Join(' ', words.Where(word => word.Length > 0));
    }

    private static (string Name, string Text) Row(Option option)
    {
        string[] aliases = [.. option.Aliases.Where(alias => alias.Length == 2 && alias[0] == '-')];
        string value = option.ValueType == typeof(bool) || option.HelpName is null ? ""
            : option.Arity.MinimumNumberOfValues == 0 ? $" [{option.HelpName}]" : $" {option.HelpName}";
        string text = (option.Description ?? "") + (option.Required ? " (required)" : Standard(option));
        return ($"{(aliases.Length > 0 ? aliases[0] + "," : "   ")} {option.Name}{value}", text);
    }

    private static string Standard(Option option) =>
        !option.HasDefaultValue || option is HelpOption || option.ValueType == typeof(bool) ? ""
        : option.GetDefaultValue() switch
        {
            null or ICollection { Count: 0 } => "",
            Enum word => $" [{word.ToString().ToLowerInvariant()}]",
            var value => $" [{Convert.ToString(value, CultureInfo.InvariantCulture)}]",
        };

    private static string NameOf(Argument argument) =>
        (argument.HelpName ?? argument.Name) + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");

    private static bool IsEverywhere(Option option) => option.Recursive || option is HelpOption or VersionOption;

    private static IEnumerable<string> Rows((string Name, string Text)[] rows, int width)
    {
        int column = Math.Min(WidestName, rows.Max(row => row.Name.Length)) + 4;
        foreach ((string name, string text) in rows)
        {
            string[] lines = [.. Wrapped(text, Math.Max(20, width - column))];
            string start = "  " + name;
            if (start.Length > column - 2)
            {
                yield return start;
                start = "";
            }

            for (int i = 0; i < Math.Max(1, lines.Length); i++)
                yield return ((i == 0 ? start : "").PadRight(column) + (i < lines.Length ? lines[i] : "")).TrimEnd();
        }
    }

    private static IEnumerable<string> Wrapped(string text, int width)
    {
        var line = new StringBuilder();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        if (line.Length > 0)
            yield return line.ToString();
    }

    private sealed class Shown(int width, bool clearsParseErrors) : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override bool ClearsParseErrors => clearsParseErrors;

        public override int Invoke(ParseResult parsed)
        {
            foreach (string line in Lines(parsed.CommandResult.Command, width))
                parsed.InvocationConfiguration.Output.WriteLine(line);
            return ExitCode.Done;
        }
    }
}
