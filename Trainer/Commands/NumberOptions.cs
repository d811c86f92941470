using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace CnnOnnx.Trainer.Commands;

/// <summary>Options that take a number within bounds, and say so when they get another or none.</summary>
internal static class NumberOptions
{
    private const int MostCount = 1_000_000;

    /// <summary>A whole number of at least 1.</summary>
    public static Option<int?> Count(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                && count is >= 1 and <= MostCount)
                return count;
            result.AddError($"{name} is '{Text(result)}', expected a whole number from 1 to {MostCount}.");
            return null;
        },
    };

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
