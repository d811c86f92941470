using System.CommandLine;
using System.CommandLine.Parsing;

namespace CnnOnnx.Cli;

/// <summary>Options that count something, so that 0 and less make no sense.</summary>
internal static class CountOption
{
    public static Option<int?> Create(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(AtLeastOne);
        return option;
    }

    private static void AtLeastOne(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out int count) && count < 1)
            result.AddError($"{result.Option.Name} is {count}, expected at least 1.");
    }
}
