using System.CommandLine;
using System.CommandLine.Parsing;
using CnnOnnx.Cli;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Data;

namespace CnnOnnx.Trainer.Commands;

/// <summary>trainer data: draws a data set, or fetches one.</summary>
internal sealed class DataCommand : Command
{
    public DataCommand() : base("data", "Draws a data set, or fetches one with checksums.")
    {
        this.WithExamples(
            "trainer data xo data/xo",
            "trainer data shapes data/shapes --train 500 --seed 7",
            "trainer data boxes data/boxes --train 1000 --size 160",
            "trainer data fashion-mnist data/fashion-mnist");
        foreach (DrawnSet set in DrawnSet.All)
            Subcommands.Add(new DrawCommand(set));
        Subcommands.Add(new DrawBoxesCommand());
        Subcommands.Add(new FetchCommand());
    }
}

/// <summary>trainer data xo and its kin: draws a set.</summary>
internal sealed class DrawCommand : Command
{
    private readonly DrawnSet _set;

    private readonly Argument<string> _folder = new("folder") { Description = "A new folder for the pictures.", HelpName = "DIR" };

    private readonly Option<int?> _train, _test;

    public DrawCommand(DrawnSet set) : base(set.Name, $"Draws {set.Summary}.")
    {
        _set = set;
        _train = CountOption.Create("--train", $"Pictures of each class to train with; {set.Train} when not given.");
        _test = CountOption.Create("--test", $"Pictures of each class to test with; {set.Test} when not given.");
        Arguments.Add(_folder);
        Options.Add(_train);
        Options.Add(_test);
        Options.Add(CommonOptions.Seed);
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        (string path, int seed) = (parsed.GetValue(_folder)!, parsed.GetValue(CommonOptions.Seed));
        (int train, int test) = (parsed.GetValue(_train) ?? _set.Train, parsed.GetValue(_test) ?? _set.Test);
        int count = checked((train + test) * _set.Classes.Length);
        using (Progress bar = terminal.Start($"drawing {_set.Name}", count, "pictures"))
            _set.Draw(path, train, test, seed, () => bar.Advance(), cancel);
        string classes = string.Join(", ", _set.Classes.Select(c => c.Name));
        terminal.Result($"{count:N0} pictures of {classes} in {path}: train_data and test_data, seed {seed}");
        terminal.JsonResult(new
        {
            Folder = Path.GetFullPath(path),
            Classes = _set.Classes.Select(c => c.Name),
            Train = train,
            Test = test,
            Seed = seed,
        });
        return ExitCode.Done;
    }
}

/// <summary>trainer data boxes: draws pictures with boxes to find.</summary>
internal sealed class DrawBoxesCommand : Command
{
    private const int UsualTrain = 1000, UsualTest = 200, UsualSide = 160, LeastSide = 64;

    private readonly Argument<string> _folder = new("folder") { Description = "A new folder for pictures and labels.", HelpName = "DIR" };

    private readonly Option<int?> _train = CountOption.Create("--train", $"Pictures to train with; {UsualTrain} when not given.");

    private readonly Option<int?> _test = CountOption.Create("--test", $"Pictures to test with, and as many more to validate with; "
        + $"{UsualTest} when not given.");

    private readonly Option<int?> _side = CountOption.Create("--size", $"Width and height of the pictures, {LeastSide} or more; "
        + $"{UsualSide} when not given.");

    public DrawBoxesCommand() : base("boxes", "Draws coloured shapes on textured grounds, with boxes as labels of YOLO and of COCO.")
    {
        Arguments.Add(_folder);
        foreach (Option option in new Option[] { _train, _test, _side, CommonOptions.Seed })
            Options.Add(option);
        _side.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < LeastSide)
                result.AddError($"--size is {result.GetValueOrDefault<int?>()}, expected {LeastSide} or more.");
        });
        this.WithExamples(
            "trainer data boxes data/boxes",
            "trainer data boxes data/boxes --train 300 --test 50 --size 128 --seed 7");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        (string path, int seed) = (parsed.GetValue(_folder)!, parsed.GetValue(CommonOptions.Seed));
        (int train, int test, int side) = (parsed.GetValue(_train) ?? UsualTrain, parsed.GetValue(_test) ?? UsualTest,
            parsed.GetValue(_side) ?? UsualSide);
        (string, int)[] parts = [("train", train), ("val", test), ("test", test)];
        int count = checked(train + test + test), boxes;
        using (Progress bar = terminal.Start("drawing boxes", count, "pictures"))
            boxes = DrawnBoxSet.Draw(path, parts, side, seed, () => bar.Advance(), cancel);
        terminal.Result($"{count:N0} pictures of {side}x{side} with {boxes:N0} boxes ({string.Join(", ", BoxPictures.Classes)}) in {path}: "
            + $"{train:N0} to train with, {test:N0} each to validate and to test with, seed {seed}");
        terminal.JsonResult(new
        {
            Folder = Path.GetFullPath(path),
            BoxPictures.Classes,
            Train = train,
            Validation = test,
            Test = test,
            Boxes = boxes,
            Size = side,
            Seed = seed,
        });
        return ExitCode.Done;
    }
}

/// <summary>trainer data fashion-mnist: fetches a set.</summary>
internal sealed class FetchCommand : Command
{
    private const int BytesPerStep = 1000;

    private readonly Argument<string> _folder = new("folder") { Description = "The folder for the four files.", HelpName = "DIR" };

    private readonly Option<Uri[]> _mirror = new("--mirror")
    {
        Description = "An address to try before the usual ones; the files' names are appended to it.",
        HelpName = "URL",
        CustomParser = Addresses,
    };

    public FetchCommand() : base("fashion-mnist", "Fetches Fashion-MNIST: 70,000 grey 28x28 pictures of clothes in 10 classes, 30 MB.")
    {
        Arguments.Add(_folder);
        Options.Add(_mirror);
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        string path = parsed.GetValue(_folder)!;
        Uri[] mirrors = [.. parsed.GetValue(_mirror) ?? [], .. FashionMnist.Mirrors];
        string[] fetched = Fetch(path, mirrors, terminal, cancel);
        terminal.Result(fetched.Length == 0
            ? $"{path}: all {FashionMnist.Files.Length} files are there and right"
            : $"{path}: fetched {string.Join(", ", fetched)}; SHA-256 right");
        terminal.JsonResult(new { Folder = Path.GetFullPath(path), Fetched = fetched });
        return ExitCode.Done;
    }

    private static string[] Fetch(string path, Uri[] mirrors, Terminal terminal, CancellationToken cancel)
    {
        long arrived = 0;
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using Progress bar = terminal.Start("fetching fashion-mnist", FashionMnist.Files.Sum(f => f.Bytes) / BytesPerStep, "kB");
        return new Download(client).FetchAsync(FashionMnist.Files, mirrors, path, Advance, cancel).GetAwaiter().GetResult();

        void Advance(long bytes)
        {
            long before = arrived / BytesPerStep;
            arrived += bytes;
            bar.Advance((arrived / BytesPerStep) - before);
        }
    }

    private static Uri[] Addresses(ArgumentResult result)
    {
        var addresses = new List<Uri>();
        foreach (Token token in result.Tokens)
        {
            // without the slash, the last part of the address would be replaced
            if (Uri.TryCreate(token.Value.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https")
                addresses.Add(address);
            else
                result.AddError($"--mirror is '{token.Value}', expected an address that starts with http:// or https://.");
        }

        return [.. addresses];
    }
}
