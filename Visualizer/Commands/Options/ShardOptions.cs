using System.CommandLine;
using System.Globalization;
using CnnOnnx.Visualizer.Shards;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>Which part of which plan a dump makes, on the command line.</summary>
internal sealed class ShardOptions
{
    private readonly Option<string> _plan = new("--plan")
    {
        Description = "Make a shard of this plan, which says model, inputs and options; goes on where an earlier run ended.",
        HelpName = "PLAN.json",
    };

    private readonly Option<string> _shard = new("--shard")
    {
        Description = "Which shard of the plan, counted from 0, such as 3/64; auto asks the scheduler's variables.",
        HelpName = "I/N|auto",
    };

    private readonly Option<string> _root = new("--root")
    {
        Description = "Where the plan's inputs lie here, when it is not where it was planned.",
        HelpName = "DIR",
    };

    private readonly Argument<string[]> _inputs;

    /// <param name="command">The options are added to it.</param>
    /// <param name="model">The model, which a plan knows.</param>
    /// <param name="inputs">The inputs, which a plan knows.</param>
    public ShardOptions(Command command, Argument<string> model, Argument<string[]> inputs)
    {
        _inputs = inputs;
        foreach (Option option in new Option[] { _plan, _shard, _root })
            command.Options.Add(option);
        RequiredWords.Add(command, unless: _plan, model, inputs);
    }

    /// <summary>Path of the plan; null for a dump without one.</summary>
    /// <exception cref="BadInputException">Options that do not go together.</exception>
    public string? Plan(ParseResult parsed)
    {
        string? plan = parsed.GetValue(_plan);
        if (plan is null && (parsed.GetValue(_shard) ?? parsed.GetValue(_root)) is not null)
            throw new BadInputException($"{(parsed.GetValue(_shard) is null ? "--root" : "--shard")} needs --plan PLAN.json, "
                + "which 'visualizer plan' writes");
        if (plan is not null && parsed.GetValue(_inputs) is [var input, ..])
            throw new BadInputException($"'{input}' is an input, but with --plan the inputs are the plan's");
        return plan;
    }

    /// <summary>Folder that the names of the inputs start from here; null for the plan's.</summary>
    public string? Root(ParseResult parsed) => parsed.GetValue(_root);

    /// <summary>Index of the shard, from 0, and the variable that says it; null where the option does.</summary>
    /// <exception cref="BadInputException">No shard of the plan, or none that a scheduler names.</exception>
    public (int Shard, string? Source) Shard(ParseResult parsed, ShardPlan plan)
    {
        int shards = plan.Shards.Length;
        string text = parsed.GetValue(_shard) ?? throw new BadInputException(
            $"--shard is missing: which of the {shards} shards of {plan.Path}, such as 0/{shards}, or auto");
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
            return SchedulerVariables.Read(shards, Environment.GetEnvironmentVariable);
        if (text.Split('/') is not [var index, var count] || Number(index) is not { } shard || Number(count) is not { } of)
            throw new BadInputException($"--shard is '{text}', expected 0/{shards} to {shards - 1}/{shards}, or auto");
        return of != shards ? throw new BadInputException($"--shard is '{text}', but {plan.Path} has {shards} shards")
            : shard >= shards ? throw new BadInputException(
                $"--shard is '{text}', expected 0/{shards} to {shards - 1}/{shards}: they count from 0")
            : (shard, null);

        static int? Number(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }
}
