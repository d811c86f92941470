using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace CnnOnnx.Cli;

/// <summary>Faults of a command line, in words: unknown options and commands with the nearest name, and what is missing.</summary>
internal static partial class UsageFaults
{
    // What stands behind it is no option, whatever it begins with.
    private const string Separator = "--";

    /// <summary>Finds the faults; none in a command line that can be run.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="args">The same, as it was typed.</param>
    public static string[] Of(ParseResult parsed, string[] args)
    {
        Command command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && command.Action is null)
            return [parsed.UnmatchedTokens.FirstOrDefault(word => !IsOption(word)) is { } unknown
                ? $"'{unknown}' is no command of '{CommandNotes.PathOf(command)}'{Suggestion(unknown, NamesOf(command))}"
                : parsed.UnmatchedTokens.FirstOrDefault() is { } option ? UnknownOption(option, command)
                : $"a command is missing, expected one of {string.Join(", ", NamesOf(command))}"];
        string[] found =
        [
            .. args.TakeWhile(word => word != Separator).Where(word => IsOption(word) && !IsKnown(word, command) && !File.Exists(word))
                .Select(word => UnknownOption(word, command)),
        ];
        if (found.Length > 0)
            return found;
        // A script whose variable is not set says so.
        string[] empty =
        [
            .. command.Arguments.Where(argument => HasEmpty(parsed.GetResult(argument)))
                .Select(argument => $"{argument.HelpName ?? argument.Name} is '': {Start(argument.Description)}"),
            .. CommandNotes.OptionsOf(command).Where(option => HasEmpty(parsed.GetResult(option)))
                .Select(option => $"{option.Name} is '', expected {option.HelpName ?? "a value"}"),
        ];
        if (empty.Length > 0)
            return empty;
        if (parsed.Errors.Count == 0)
            return [];
        string[] missing =
        [
            .. command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0
                    && parsed.GetResult(argument) is not { Tokens.Count: > 0 })
                .Select(argument => $"{argument.HelpName ?? argument.Name} is missing: {Start(argument.Description)}"),
            .. command.Options.Where(option => option.Required && parsed.GetResult(option) is null or { Implicit: true })
                .Select(option => $"{option.Name} {option.HelpName} is missing: {Start(option.Description)}"),
            .. CommandNotes.OptionsOf(command).Where(option => parsed.GetResult(option) is { Implicit: false, Tokens.Count: 0 }
                    && option.Arity.MinimumNumberOfValues > 0)
                .Select(option => $"{option.Name} has no value, expected {option.HelpName ?? "one"}"),
        ];
        return missing.Length > 0 ? missing
            : parsed.UnmatchedTokens is [var more, ..] ? [$"'{more}' is one argument more than '{CommandNotes.PathOf(command)}' takes"]
            : [.. parsed.Errors.Select(OneLine).Distinct()];
    }

    /// <summary>The name that somebody who typed another one may have meant; null when none is near.</summary>
    /// <param name="typed">The name that was typed.</param>
    /// <param name="names">The names that there are.</param>
    public static string? Nearest(string typed, IEnumerable<string> names)
    {
        (string Name, int Distance)[] near = [.. names.Select(name => (name, Distance(typed.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(pair => pair.Item2 <= Math.Max(1, typed.TrimStart('-').Length / 3)).OrderBy(pair => pair.Item2)];
        return near.Length > 0 ? near[0].Name
            : typed.TrimStart('-').Length < 3 ? null
            : names.FirstOrDefault(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase));
    }

    private static string UnknownOption(string word, Command command) =>
        $"'{NameOf(word)}' is no option of '{CommandNotes.PathOf(command)}'"
        + Suggestion(NameOf(word), CommandNotes.OptionsOf(command).Where(option => !option.Hidden).Select(option => option.Name));

    private static string Suggestion(string typed, IEnumerable<string> names) =>
        Nearest(typed, names) is { } near ? $"; did you mean '{near}'?" : "";

    private static IEnumerable<string> NamesOf(Command command) => command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);

    private static bool IsKnown(string word, Command command)
    {
        string name = NameOf(word);
        string[] known = [.. CommandNotes.OptionsOf(command).SelectMany(option => option.Aliases.Append(option.Name))];
        // Letters may stand together behind one dash; a value may stand right behind its letter.
        return known.Contains(name) || (name.Length > 2 && name[1] != '-' && known.Contains(name[..2]));
    }

    // A number below 0 is a value.
    private static bool IsOption(string word) => OptionWord().IsMatch(word);

    private static string NameOf(string word) => word.Split('=', ':')[0];

    private static string Start(string? description) => (description ?? "").TrimEnd('.');

    private static bool HasEmpty(SymbolResult? given) => given is { Tokens: var tokens } && tokens.Any(token => token.Value.Length == 0);

    // Two of the library's own sentences name types of .NET, or no option.
    private static string OneLine(ParseError error)
    {
        string line = string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return error.SymbolResult is not { Tokens: [.., var token] } given ? line
            : NotOneOf().Match(line) is { Success: true } words
                ? $"{NameOf(given)} is '{token.Value}', expected {words.Groups[1].Value.Replace("' '", ", ", StringComparison.Ordinal)}"
            : NotOfType().IsMatch(line) ? $"{NameOf(given)} is '{token.Value}', expected a number"
            : line;
    }

    private static string NameOf(SymbolResult given) => given switch
    {
        OptionResult option => option.Option.Name,
        ArgumentResult argument => argument.Argument.HelpName ?? argument.Argument.Name,
        _ => "",
    };

    // Letters that are put in, left out, exchanged or replaced.
    private static int Distance(string a, string b)
    {
        int[,] steps = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    steps[i, j] = i + j;
                    continue;
                }

                int replaced = steps[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                steps[i, j] = Math.Min(replaced, Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    steps[i, j] = Math.Min(steps[i, j], steps[i - 2, j - 2] + 1);
            }

        return steps[a.Length, b.Length];
    }

    [GeneratedRegex("^Argument '.*' not recognized. Must be one of: '(.*)'$")]
    private static partial Regex NotOneOf();

    [GeneratedRegex("^Cannot parse argument '.*' (for .* )?as expected type 'System.*(Int|Double|Single)")]
    private static partial Regex NotOfType();

    [GeneratedRegex("^--?[A-Za-z]")]
    private static partial Regex OptionWord();
}
