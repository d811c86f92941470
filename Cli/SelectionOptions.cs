using System.CommandLine;
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

    private readonly Option<string> _ops = new("--ops")
    {
        Description = "Only tensors of these operators, such as Conv,Relu.",
        HelpName = "OP,OP",
    };

    private readonly Option<int?> _first = CountOption.Create("--first", "Only the first N of them.");

    private readonly Option<int?> _last = CountOption.Create("--last", "Only the last N of them.");

    private readonly Option<bool> _stages = new("--stages")
    {
        Description = "Only the last tensor of each stage: as the model card names them, else of each size of maps.",
    };

    private readonly Option<bool> _constants = new("--constants") { Description = "Constants too." };

    private readonly Option<int?> _maxChannels = CountOption.Create("--max-channels", "Draw no more than N channels of a tensor.");

    /// <summary>Adds the options to a command.</summary>
    public SelectionOptions(Command command)
    {
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
}
