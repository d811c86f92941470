using System.CommandLine;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>--without PART,PART.</summary>
internal static class WithoutOption
{
    private static readonly DumpParts[] Parts = [.. Enum.GetValues<DumpParts>().Where(part => part != DumpParts.None)];

    public static Option<DumpParts> Create()
    {
        var option = new Option<DumpParts>("--without")
        {
            Description = $"Parts to leave out: {string.Join(", ", Parts.Select(Word))}.",
            HelpName = "PART,PART",
            Arity = ArgumentArity.OneOrMore,
        };
        option.CustomParser = result =>
        {
            DumpParts without = DumpParts.None;
            foreach (string word in result.Tokens.SelectMany(token =>
                token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
            {
                DumpParts part = Parts.FirstOrDefault(known => Word(known) == word.ToLowerInvariant());
                if (part == DumpParts.None)
                    result.AddError($"{option.Name} has '{word}', expected some of {string.Join(", ", Parts.Select(Word))}.");
                without |= part;
            }

            return (without & DumpParts.Folders) == 0 ? without : Parts.Aggregate((all, part) => all | part);
        };
        return option;
    }

    private static string Word(DumpParts part) => part.ToString().ToLowerInvariant();
}
