using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace CnnOnnx.Trainer.Commands;

/// <summary>Options that take a number within bounds, and say so when they get another or none.</summary>
internal static class NumberOptions
{
    /// <summary>A number that is accepted.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="description">Line of the help text.</param>
    /// <param name="isAccepted">Test of a number.</param>
    /// <param name="expected">Range in words, such as "above 0".</param>
    public static Option<double?> Number(string name, string description, Predicate<double> isAccepted, string expected) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result =>
        {
            if (double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && isAccepted(number))
                return number;
            result.AddError($"{name} is '{Text(result)}', expected a number {expected}.");
            return null;
        },
    };

    private static string Text(ArgumentResult result) => result.Tokens is [var token] ? token.Value : "";
}
