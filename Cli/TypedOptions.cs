using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CnnOnnx.Onnx;

namespace CnnOnnx.Cli;

/// <summary>Options whose value is one of a few words: the names of an enum, in lower case.</summary>
internal static class EnumOption
{
    public static Option<T> Create<T>(string name, string description, T standard) where T : struct, Enum
    {
        var option = new Option<T>(name) { Description = description, HelpName = Names<T>("|"), DefaultValueFactory = _ => standard };
        option.CustomParser = result => Parse<T>(name, result.Tokens[0].Value, result.AddError) ?? standard;
        return option;
    }

    /// <summary>An option that may be missing.</summary>
    public static Option<T?> Create<T>(string name, string description) where T : struct, Enum => new(name)
    {
        Description = description,
        HelpName = Names<T>("|"),
        CustomParser = result => Parse<T>(name, result.Tokens[0].Value, result.AddError),
    };

    private static T? Parse<T>(string name, string text, Action<string> fault) where T : struct, Enum
    {
        if (Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0]))
            return value;
        fault($"{name} is '{text}', expected one of {Names<T>(", ")}.");
        return null;
    }

    private static string Names<T>(string between) where T : struct, Enum => string.Join(between, Enum.GetNames<T>()).ToLowerInvariant();
}

/// <summary>Options that count something, so that 0 and less make no sense.</summary>
internal static class CountOption
{
    private const int MostCount = 1_000_000;

    /// <param name="name">Name of the option.</param>
    /// <param name="description">Line of the help text.</param>
    /// <param name="most">Greatest count that is accepted.</param>
    public static Option<int?> Create(string name, string description, int most = MostCount) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Given();
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1 && count <= most)
                return count;
            result.AddError($"{name} is '{text}', expected a whole number from 1 to {most}.");
            return null;
        },
    };
}

/// <summary>Reads what was written behind an option, for parsers that tell it in their errors.</summary>
internal static class GivenValue
{
    /// <summary>The one value; empty when there is none.</summary>
    public static string Given(this ArgumentResult result) => result.Tokens is [var token] ? token.Value : "";
}

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
            string text = result.Given();
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && isAccepted(number))
                return number;
            result.AddError($"{name} is '{text}', expected a number {expected}.");
            return null;
        },
    };

    /// <summary>A tolerance.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="description">Line of the help text.</param>
    public static Option<double?> Tolerance(string name, string description) =>
        Number(name, description, bound => bound >= 0 && double.IsFinite(bound), "from 0 on, such as 1e-3");
}

/// <summary>Names of the classes on the command line.</summary>
internal sealed class LabelsOption
{
    private readonly Option<string> _labels = new("--labels")
    {
        Description = "Names of the classes: a file with a name a line, or JSON; imagenet; coco; coco91 (COCO's numbers 1 to 90). "
            + "Those in the model when not given.",
        HelpName = "FILE|imagenet|coco",
    };

    /// <param name="command">The option is added to it.</param>
    public LabelsOption(Command command) => command.Options.Add(_labels);

    /// <summary>The names; null when none were asked for.</summary>
    /// <exception cref="BadInputException">There is no such file, or it holds no names.</exception>
    public string[]? Of(ParseResult parsed) => parsed.GetValue(_labels) is { } name ? ClassNames.Read(name) : null;
}
