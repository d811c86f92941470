using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Inputs;
using CnnOnnx.Visualizer.Shards;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer plan: a dump cut into shards, which many machines make.</summary>
internal sealed class PlanCommand : Command
{
    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "An ONNX file; with --status a folder of shards.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Pictures, .npy or .npz files, folders or patterns; with --status more folders of shards.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _out = new("--out", "-o") { Description = "The plan to write.", HelpName = "PLAN.json" };

    private readonly Option<int?> _shards = CountOption.Create("--shards", "Parts to cut the inputs into, one a worker.");

    private readonly Option<string> _root = new("--root")
    {
        Description = "The folder that the names of the inputs start from, which workers may have elsewhere; "
            + "the deepest that holds all of them when not given.",
        HelpName = "DIR",
    };

    private readonly Option<string> _extend = new("--extend")
    {
        Description = "An earlier plan: its shards stay, with what is done of them, and what it does not list is cut into --shards more.",
        HelpName = "PLAN.json",
    };

    private readonly Option<string> _status = new("--status")
    {
        Description = "In place of planning: how far the shards of this plan are that lie in the folders. "
            + "Exit code 1 while one is not done.",
        HelpName = "PLAN.json",
    };

    private readonly DumpContentOptions _content;
    private readonly DumpRunOptions _runs;

    public PlanCommand() : base("plan", "Cuts a dump of many inputs into shards for many machines, and tells how far they are.")
    {
        Arguments.Add(_model);
        Arguments.Add(_inputs);
        foreach (Option option in new Option[] { _out, _shards, _root, _extend, _status })
            Options.Add(option);
        _content = new DumpContentOptions(this);
        _runs = new DumpRunOptions(this, isPlanned: true);
        RequiredWords.Add(this, unless: _status, _model, _inputs, _out, _shards);
        this.WithMostUsed("--out", "--shards", "--status", "--batch", "--without");
        this.WithExamples(
            "visualizer plan net.onnx pictures --recursive --shards 64 --batch 8 --out plan.json",
            "visualizer plan net.onnx pictures --shards 100 --without mosaics,report,kernels --threads 4 --out plan.json",
            "visualizer plan shards --status plan.json",
            "visualizer plan net.onnx pictures --extend plan.json --shards 8 --batch 8 --out plan2.json");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel) => parsed.GetValue(_status) is { } plan
        ? Tell(ShardPlan.Read(plan), [.. Words(parsed)], terminal)
        : Make(parsed, terminal);

    private IEnumerable<string> Words(ParseResult parsed) =>
        new[] { parsed.GetValue(_model) }.OfType<string>().Concat(parsed.GetValue(_inputs) ?? []);

    private static int Tell(ShardPlan plan, string[] folders, Terminal terminal)
    {
        if (folders.Length == 0)
            throw new BadInputException("--status needs the folders of the shards: what --out was for the workers");
        PlanProgress progress = PlanProgress.Of(plan, folders, DateTime.UtcNow);
        foreach (string line in progress.Lines())
            terminal.Result(line);
        terminal.JsonResult(progress, ShardJson.Readable.PlanProgress);
        return progress.IsDone ? ExitCode.Done : ExitCode.No;
    }

    private int Make(ParseResult parsed, Terminal terminal)
    {
        // What cannot be read is told now, and not by each worker.
        int batch = _runs.Of(parsed, _content.Of(parsed, isSingle: false), []).Batch;
        InputList inputs = _runs.Inputs(parsed, parsed.GetValue(_inputs)!, null);
        if (inputs.LeftOut.Count > 0)
            terminal.Note($"no inputs, and left out: {string.Join(", ", inputs.LeftOut.Select(kind => $"{kind.Value} {kind.Key}"))}");
        ShardPlan plan = new PlanMaker
        {
            Model = parsed.GetValue(_model)!,
            Inputs = inputs,
            Root = parsed.GetValue(_root),
            Options = PlannedDump.WordsOf(parsed),
            Files = PlannedDump.FilesOf(parsed),
            Batch = batch,
            Shards = parsed.GetValue(_shards)!.Value,
            Earlier = parsed.GetValue(_extend) is { } earlier ? ShardPlan.Read(earlier) : null,
        }.Write(parsed.GetValue(_out)!);
        terminal.Result($"{plan.Path}: {plan.Inputs} inputs in {plan.Shards.Length} shards of up to {plan.Shards.Max(s => s.Count)}, "
            + $"in batches of {plan.Batch}; the list is {plan.List}");
        if (plan.Shards.Count(shard => shard.Count == 0) is > 0 and var empty)
            terminal.Note($"{empty} shards are empty: there are fewer batches than shards");
        terminal.JsonResult(plan, ShardJson.Readable.ShardPlan);
        return ExitCode.Done;
    }
}
