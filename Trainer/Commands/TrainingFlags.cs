using System.CommandLine;
using System.Globalization;
using CnnOnnx.Cli;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Detection;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;

namespace CnnOnnx.Trainer.Commands;

/// <summary>Options of a training on the command line; those not given stay as the network's recipe has them.</summary>
internal sealed class TrainingFlags
{
    private readonly Option<string?> _recipe = Choice("--recipe", "Preprocessing and options that belong together, for any network; "
        + "other options change them", Recipe.Rows.Select(row => row.Name));

    private readonly Option<int?> _epochs = CountOption.Create("--epochs", $"Passes over the training pictures{Usual(o => o.Epochs)}");

    private readonly Option<int?> _batch = CountOption.Create("--batch", $"Pictures a step{Usual(o => o.Batch)}");

    private readonly Option<double?> _rate = NumberOptions.Number("--lr", $"Learning rate{Usual(o => o.LearningRate)}",
        x => x is > 0 and <= 1000, "above 0 and at most 1000");

    private readonly Option<string?> _optimizer = Choice("--optimizer", "How gradients become steps", UpdateRules.All.Keys,
        o => o.Optimizer);

    private readonly Option<double?> _momentum = NumberOptions.Number(
        "--momentum", "Share of the last step that the optimizer momentum keeps; 0.9 when not "
            + "given.", x => x is >= 0 and < 1, "from 0 to below 1");

    private readonly Option<double?> _decay = NumberOptions.Number("--weight-decay",
        $"L2 penalty on the weights{Usual(o => o.WeightDecay)}", x => x is >= 0 and <= 1000, "from 0 to 1000");

    private readonly Option<string?> _schedule = Choice("--schedule", "How the learning rate falls", Schedules.Factor.Keys,
        o => o.Schedule);

    private readonly Option<double?> _headDecay = NumberOptions.Number("--head-decay", "Further L2 penalty on the classifier's "
        + "weights.", x => x is >= 0 and <= 1000, "from 0 to 1000");

    private readonly Option<double?> _backboneRate = NumberOptions.Number("--backbone-lr", "Factor of the learning rate for the weights in "
        + "front of the classifier, such as 0.1.", x => x is > 0 and <= 1000, "above 0 and at most 1000");

    private readonly Option<double?> _layerDecay = NumberOptions.Number("--layer-decay", "Factor of the learning rate from each block to "
        + "the one in front of it, from the classifier on, such as 0.9.", x => x is > 0 and <= 1, "above 0 and at most 1");

    private readonly Option<string[]> _ratesOf = new("--lr-of")
    {
        Description = "Factors of the learning rate for parameters by name, such as 'features.0.*=0.1'; the last that fits counts.",
        HelpName = "GLOB=FACTOR",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _loss = Choice("--loss", "Cross-entropy of the scores' softmax, or of their sigmoids divided by "
        + "their sum", Losses.Names);

    private readonly Option<string?> _init = Choice("--init", "First weights", WeightInit.Spread.Keys, o => o.Init);

    private readonly Option<double?> _share = NumberOptions.Number(
        "--validation", "Share of the training pictures held out to choose the best epoch on, where the data has no validation "
            + "pictures: 0.1 when not given, 0.2 without "
            + "test pictures; 0 learns from all and keeps the last epoch.", x => x is >= 0 and < 1, "from 0 to below 1");

    private readonly Option<string?> _augment = new("--augment")
    {
        Description = "Random changes of the pictures to learn from, such as \"flip,rotate=0.1,zoom=0.5:0.2\": "
            + $"{string.Join("; ", AugmentationTable.Rows.Select(Described))}.",
        HelpName = "STEPS",
    };

    private readonly Option<bool> _classWeights = new("--class-weights")
    { Description = "Let errors on a class count the more, the fewer pictures it has." };

    private readonly Option<bool> _balanced = new("--balanced")
    { Description = "Learn from equally many pictures of each class an epoch; those of a small class come more than once." };

    private readonly Option<double?> _smoothing = NumberOptions.Number("--label-smoothing", "Share of each answer that is spread over "
        + "all classes, such as 0.1.", x => x is >= 0 and < 1, "from 0 to below 1");

    private readonly Option<double?> _clip = NumberOptions.Number("--clip", "Greatest length of the gradient of all weights together; a "
        + "longer one is shortened to it.", x => x is > 0 and <= 1e6, "above 0 and at most 1000000");

    private readonly Option<double?> _ema = NumberOptions.Number("--ema", "Export an average of the weights over the steps, of which "
        + "each step keeps this share, such as 0.999.", x => x is > 0 and < 1, "between 0 and 1");

    private readonly Option<int?> _patience = CountOption.Create("--patience", "Stop after so many epochs without a better one.");

    private readonly Option<string?> _patienceOn = Choice("--patience-on", "What has to get better: the metric that chooses the best "
        + "epoch, or the loss while learning", EarlyStopping.Names);

    private readonly Option<string[]> _freeze = new("--freeze")
    {
        Description = "Parameters that stay as they are, by name; * and ? stand for any characters.",
        HelpName = "GLOB",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _freezeBackbone = new("--freeze-backbone")
    {
        Description = "Train the classifier alone. Without --augment the features of the pictures are computed once, and epochs are short.",
    };

    private readonly Option<string?> _head = Choice("--head", "New classifier for a model, in place of its own or where it has none",
        ClassifierAppending.Kinds);

    private readonly Option<string?> _features = new("--features")
    {
        Description = "Tensor that the new classifier starts from; found by itself where a model has a classifier or ends in features.",
        HelpName = "TENSOR",
    };

    private readonly Option<bool> _keepHead = new("--keep-head")
    {
        Description = "Keep a model's own classifier instead of making a new one for the data's classes.",
    };

    private readonly Option<double?> _warmUp = NumberOptions.Number("--warm-up", "Epochs, or a part of one, over which the learning rate "
        + $"rises from 0{Usual(o => o.WarmUp)}", x => x is >= 0 and <= 1000, "from 0 to 1000");

    private readonly Option<string?> _boxLoss = Choice("--box-loss", "Detectors: loss of a box's place and size, as in the paper or by its "
        + "complete IoU", YoloLoss.BoxLosses);

    private readonly Option<string?> _anchors = new("--anchors")
    {
        Description = "Detectors: auto finds anchors in the data, paper takes YOLOv3's own; or pairs of width and height in pixels of the "
            + "input, such as \"10,13 16,30 …\".",
        HelpName = "auto|paper|PAIRS",
    };

    private readonly Option<double?> _multiScale = NumberOptions.Number("--multi-scale", "Detectors: learn from pictures up to so many "
        + "times smaller and larger by turns, such as 1.4.", x => x is >= 1 and <= 2, "from 1 to 2");

    private readonly Option<double?> _ignore = NumberOptions.Number("--ignore-overlap", "Detectors: a guess that overlaps a box by more is "
        + "not told that nothing is there; 0.7 when not given.", x => x is > 0 and <= 1, "above 0 and at most 1");

    /// <param name="command">The options are added to it.</param>
    public TrainingFlags(Command command)
    {
        foreach (Option option in All)
            command.Options.Add(option);
    }

    private Option[] All =>
    [
        _recipe, _epochs, _batch, _rate, _backboneRate, _layerDecay, _ratesOf, _optimizer, _momentum, _decay, _headDecay, _loss, _schedule,
        _init, _share, _augment,
        _classWeights, _balanced, _smoothing, _clip, _ema, _patience, _patienceOn, _freeze, _freezeBackbone, _head, _features, _keepHead,
        _warmUp, .. OfDetectors,
    ];

    private Option[] OfDetectors => [_boxLoss, _anchors, _multiScale, _ignore];

    private Option[] OfClassifiers =>
        [_recipe, _backboneRate, _headDecay, _loss, _classWeights, _smoothing, _freezeBackbone, _head, _features, _keepHead];

    /// <summary>The recipe that was asked for by name; null for none.</summary>
    public Recipe? RecipeOf(ParseResult parsed) => Recipe.Find(parsed.GetValue(_recipe));

    /// <summary>True when the classifier alone is to be trained.</summary>
    public bool IsBackboneFrozen(ParseResult parsed) => parsed.GetValue(_freezeBackbone);

    /// <summary>The recipe with what was asked for in its place.</summary>
    /// <exception cref="BadInputException">A step of the augmentation that there is not, or a number out of its range.</exception>
    public TrainingOptions Of(ParseResult parsed, TrainingOptions recipe) => (recipe with
    {
        Epochs = parsed.GetValue(_epochs) ?? recipe.Epochs,
        Batch = parsed.GetValue(_batch) ?? recipe.Batch,
        LearningRate = parsed.GetValue(_rate) ?? recipe.LearningRate,
        Optimizer = parsed.GetValue(_optimizer) ?? recipe.Optimizer,
        Momentum = parsed.GetValue(_momentum) ?? recipe.Momentum,
        WeightDecay = parsed.GetValue(_decay) ?? recipe.WeightDecay,
        BackboneRate = parsed.GetValue(_backboneRate) ?? recipe.BackboneRate,
        LayerDecay = parsed.GetValue(_layerDecay) ?? recipe.LayerDecay,
        NamedRates = parsed.GetValue(_ratesOf) is { Length: > 0 } rows ? rows : recipe.NamedRates,
        HeadDecay = parsed.GetValue(_headDecay) ?? recipe.HeadDecay,
        Loss = parsed.GetValue(_loss) ?? recipe.Loss,
        Schedule = parsed.GetValue(_schedule) ?? recipe.Schedule,
        Init = parsed.GetValue(_init) ?? recipe.Init,
        ValidationShare = parsed.GetValue(_share) ?? recipe.ValidationShare,
        Augment = parsed.GetValue(_augment) ?? recipe.Augment,
        ClassWeights = parsed.GetValue(_classWeights) || recipe.ClassWeights,
        Balanced = parsed.GetValue(_balanced) || recipe.Balanced,
        LabelSmoothing = parsed.GetValue(_smoothing) ?? recipe.LabelSmoothing,
        Clip = parsed.GetValue(_clip) ?? recipe.Clip,
        Ema = parsed.GetValue(_ema) ?? recipe.Ema,
        Patience = parsed.GetValue(_patience) ?? recipe.Patience,
        PatienceOn = parsed.GetValue(_patienceOn) ?? recipe.PatienceOn,
        Freeze = parsed.GetValue(_freeze) ?? [],
        FreezeBackbone = parsed.GetValue(_freezeBackbone),
        Head = parsed.GetValue(_head) ?? recipe.Head,
        Features = parsed.GetValue(_features),
        KeepHead = parsed.GetValue(_keepHead),
        WarmUp = parsed.GetValue(_warmUp) ?? Math.Min(recipe.WarmUp, parsed.GetValue(_epochs) ?? recipe.Epochs),
        Boxes = BoxesOf(parsed, recipe.Boxes),
        Seed = parsed.GetValue(CommonOptions.Seed),
        Threads = parsed.GetValue(CommonOptions.Threads),
    }).Checked();

    private BoxOptions? BoxesOf(ParseResult parsed, BoxOptions? recipe)
    {
        if ((recipe is null ? OfDetectors : OfClassifiers).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
            throw new BadInputException(recipe is null ? $"{other.Name} is for detectors, this network tells classes apart"
                : $"{other.Name} is for networks that tell classes apart, this one finds boxes"
                    + (other == _freezeBackbone ? "; to keep its backbone, expected --freeze 'backbone.*'" : ""));
        return recipe is null ? null : recipe with
        {
            Loss = parsed.GetValue(_boxLoss) ?? recipe.Loss,
            Anchors = parsed.GetValue(_anchors) ?? recipe.Anchors,
            MultiScale = parsed.GetValue(_multiScale) ?? recipe.MultiScale,
            IgnoreOverlap = parsed.GetValue(_ignore) ?? recipe.IgnoreOverlap,
        };
    }

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

    private static string Described(AugmentationKind kind) =>
        $"{kind.Name}={string.Join(':', kind.Usual)} ({kind.Meaning}{(kind.MostNumbers > 1 ? $"; or {kind.NumberNames}" : "")})";

    // What an option is when it is not given: said by what is trained, as the recipes have it.
    private static string Usual<T>(Func<TrainingOptions, T> of)
    {
        (string Name, TrainingOptions Options)[] usual =
        [
            .. ArchitectureTable.Rows.Select(row => (row.Name, row.Recipe)), ("a file", TrainingOptions.FineTuning),
            ("a detector's file", DetectorTraining.FineTuning), ("--freeze-backbone", TrainingOptions.FrozenBackbone),
        ];
        return string.Create(CultureInfo.InvariantCulture, $"; when not given {string.Join(", ", usual.GroupBy(row => of(row.Options))
            .Select(group => $"{group.Key} ({string.Join(", ", group.Select(row => row.Name))})"))}.");
    }

    private static Option<string?> Choice(string name, string description, IEnumerable<string> words,
        Func<TrainingOptions, string>? usual = null)
    {
        string[] sorted = [.. words.Order(StringComparer.Ordinal)];
        var option = new Option<string?>(name)
        {
            Description = $"{description}: {string.Join(", ", sorted)}{(usual is null ? "." : Usual(usual))}",
            HelpName = "NAME",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var word }] && !sorted.Contains(word))
                result.AddError($"{name} is '{word}', expected one of {string.Join(", ", sorted)}.");
        });
        return option;
    }
}
