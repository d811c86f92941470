using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Shards;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer merge: shards of a dump put together.</summary>
internal sealed class MergeCommand : Command
{
    private readonly Argument<string[]> _folders = new("DIR")
    {
        Description = "Folders of shards, or the folder that holds them, in any order.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _model = new("--model")
    {
        Description = "The model, where it lies elsewhere than the workers had it.",
        HelpName = "MODEL",
    };

    private readonly Option<bool> _move = new("--move")
    {
        Description = "Move the results of the inputs here, so that the folder is that of one run; they stay in the shards when not given.",
    };

    private readonly OutputOptions _out;

    public MergeCommand() : base("merge", "Puts the shards of a dump together: survey, tables and overview as one run writes them.")
    {
        Arguments.Add(_folders);
        _out = new OutputOptions(this);
        Options.Add(_model);
        Options.Add(_move);
        this.WithMostUsed("--out", "--move", "--model");
        this.WithExamples(
            "visualizer merge shards --out merged",
            "visualizer merge site-a/shards site-b/shards --out merged --move");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        ShardSet set = ShardSet.Find(parsed.GetValue(_folders)!);
        string folder = _out.Folder(parsed)!;
        int code = new ShardMerge
        {
            Set = set,
            Model = parsed.GetValue(_model),
            Options = PlannedDump.OptionsOf(set.Any.Options, set.Shards[0].Folder),
            Moves = parsed.GetValue(_move),
            Force = _out.Force(parsed),
        }.ToFolder(folder, terminal, cancel);
        _out.Show(parsed, Path.Combine(folder, "index.html"), terminal);
        return code;
    }
}
