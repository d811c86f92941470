using System.CommandLine;
using System.CommandLine.Parsing;
using CnnOnnx.Onnx;

namespace CnnOnnx.Cli;

/// <summary>The selection language on the command line: the same words for every command that picks tensors.</summary>
internal sealed class SelectionOptions
{
    private readonly Option<string[]> _tensors = new("--tensors")
    {
        Description = "Tensor names; * and ? stand for any characters.",
        HelpName = "GLOB",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _ops = new("--ops") { Description = "Only tensors of these operators, such as Conv,Relu.", HelpName = "OP,OP" };

    private readonly Option<int?> _first = new("--first") { Description = "Only the first N of them.", HelpName = "N" };

    private readonly Option<int?> _last = new("--last") { Description = "Only the last N of them.", HelpName = "N" };

    private readonly Option<bool> _stages = new("--stages") { Description = "Only the ends of the stages that the model card names." };

    private readonly Option<bool> _constants = new("--constants") { Description = "Constants too." };

    private readonly Option<int?> _maxChannels = new("--max-channels") { Description = "Draw no more than N channels of a tensor.", HelpName = "N" };

    /// <summary>Adds the options to a command.</summary>
    public SelectionOptions(Command command)
    {
        foreach (Option<int?> count in new[] { _first, _last, _maxChannels })
            count.Validators.Add(AtLeastOne);
        foreach (Option option in new Option[] { _tensors, _ops, _first, _last, _stages, _constants, _maxChannels })
            command.Options.Add(option);
    }

    public TensorSelection Of(ParseResult parsed) => new()
    {
        Globs = parsed.GetValue(_tensors) ?? [],
        Ops = parsed.GetValue(_ops)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
        First = parsed.GetValue(_first),
        Last = parsed.GetValue(_last),
        StagesOnly = parsed.GetValue(_stages),
        Constants = parsed.GetValue(_constants),
        MaxChannels = parsed.GetValue(_maxChannels),
    };

    private static void AtLeastOne(OptionResult result)
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int count) && count < 1)
            result.AddError($"{result.Option.Name} is {count}, expected at least 1.");
    }
}
