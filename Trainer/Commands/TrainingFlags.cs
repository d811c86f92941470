using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Commands;

/// <summary>Options of a training on the command line; those not given stay as the network's recipe has them.</summary>
internal sealed class TrainingFlags
{
    private readonly Option<int?> _epochs = CountOption.Create("--epochs", "Passes over the training pictures.");

    private readonly Option<int?> _batch = CountOption.Create("--batch", "Pictures a step.");

    private readonly Option<double?> _rate = NumberOptions.Number("--lr", "Learning rate.", x => x is > 0 and <= 1000, "above 0 and at "
        + "most 1000");

    private readonly Option<string?> _optimizer = Choice("--optimizer", "How gradients become steps", UpdateRules.All.Keys);

    private readonly Option<double?> _momentum = NumberOptions.Number(
        "--momentum", "Share of the last step that the optimizer momentum keeps; 0.9 when not "
            + "given.", x => x is >= 0 and < 1, "from 0 to below 1");

    private readonly Option<double?> _decay = NumberOptions.Number("--weight-decay", "L2 penalty on the "
        + "weights.", x => x is >= 0 and <= 1000, "from 0 to 1000");

    private readonly Option<string?> _schedule = Choice("--schedule", "How the learning rate falls", Schedules.Factor.Keys);

    private readonly Option<string?> _init = Choice("--init", "First weights", WeightInit.Spread.Keys);

    private readonly Option<double?> _share = NumberOptions.Number(
        "--validation", "Share of the training pictures held out to choose the best epoch on, where the data has no validation "
            + "pictures: 0.1 when not given, 0.2 without "
            + "test pictures; 0 learns from all and keeps the last epoch.", x => x is >= 0 and < 1, "from 0 to below 1");

    private readonly Option<string[]> _freeze = new("--freeze")
    {
        Description = "Parameters that stay as they are, by name; * and ? stand for any characters.",
        HelpName = "GLOB",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _keepHead = new("--keep-head")
    {
        Description = "Keep a model's own classifier instead of making a new one for the data's classes.",
    };

    /// <param name="command">The options are added to it.</param>
    public TrainingFlags(Command command)
    {
        foreach (Option option in All)
            command.Options.Add(option);
    }

    private Option[] All => [_epochs, _batch, _rate, _optimizer, _momentum, _decay, _schedule, _init, _share, _freeze, _keepHead];

    /// <summary>The recipe with what was asked for in its place.</summary>
    public TrainingOptions Of(ParseResult parsed, TrainingOptions recipe) => recipe with
    {
        Epochs = parsed.GetValue(_epochs) ?? recipe.Epochs,
        Batch = parsed.GetValue(_batch) ?? recipe.Batch,
        LearningRate = parsed.GetValue(_rate) ?? recipe.LearningRate,
        Optimizer = parsed.GetValue(_optimizer) ?? recipe.Optimizer,
        Momentum = parsed.GetValue(_momentum) ?? recipe.Momentum,
        WeightDecay = parsed.GetValue(_decay) ?? recipe.WeightDecay,
        Schedule = parsed.GetValue(_schedule) ?? recipe.Schedule,
        Init = parsed.GetValue(_init) ?? recipe.Init,
        ValidationShare = parsed.GetValue(_share),
        Freeze = parsed.GetValue(_freeze) ?? [],
        KeepHead = parsed.GetValue(_keepHead),
        Seed = parsed.GetValue(CommonOptions.Seed),
        Threads = parsed.GetValue(CommonOptions.Threads),
    };

    /// <summary>The options of a training that is gone on with: only the number of epochs may change.</summary>
    /// <exception cref="BadInputException">Another option was given.</exception>
    public TrainingOptions OfResumed(ParseResult parsed, TrainingOptions saved)
    {
        if (All.Append(CommonOptions.Seed).FirstOrDefault(o => o != _epochs && parsed.GetResult(o) is { Implicit: false }) is { } given)
            throw new BadInputException($"{given.Name} cannot change with --resume; the checkpoint has its own, only --epochs may be "
                + "raised");
        int epochs = parsed.GetValue(_epochs) ?? saved.Epochs;
        return saved with { Epochs = epochs, Threads = parsed.GetValue(CommonOptions.Threads) ?? saved.Threads };
    }

    private static Option<string?> Choice(string name, string description, IEnumerable<string> words)
    {
        string[] sorted = [.. words.Order(StringComparer.Ordinal)];
        var option = new Option<string?>(name) { Description = $"{description}: {string.Join(", ", sorted)}.", HelpName = "NAME" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var word }] && !sorted.Contains(word))
                result.AddError($"{name} is '{word}', expected one of {string.Join(", ", sorted)}.");
        });
        return option;
    }
}
