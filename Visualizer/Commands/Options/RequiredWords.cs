using System.CommandLine;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>Words that a command line needs unless an option says that it is about something else.</summary>
internal static class RequiredWords
{
    /// <summary>Makes a command refuse a line without them.</summary>
    /// <param name="command">The command.</param>
    /// <param name="unless">Option that makes them needless.</param>
    /// <param name="needed">Arguments and options; each says in its description what it is.</param>
    public static void Add(Command command, Option unless, params Symbol[] needed) => command.Validators.Add(result =>
    {
        if (result.GetResult(unless) is { Implicit: false })
            return;
        foreach (Symbol word in needed)
            if (word is Argument argument && result.GetResult(argument) is not { Tokens.Count: > 0 })
                result.AddError($"{argument.HelpName ?? argument.Name} is missing: {argument.Description}");
            else if (word is Option option && result.GetResult(option) is null or { Implicit: true })
                result.AddError($"{option.Name} {option.HelpName} is missing: {option.Description}");
    });
}
