using System.CommandLine;
using System.CommandLine.Parsing;
using CnnOnnx.Cli;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Data;

namespace CnnOnnx.Trainer.Commands;

/// <summary>trainer data: draws a data set, or fetches one.</summary>
internal sealed class DataCommand : Command
{
    private const int BytesPerStep = 1000;

    public DataCommand() : base("data", "Draws a data set, or fetches one with checksums.")
    {
        this.WithExamples(
            "trainer data xo data/xo",
            "trainer data shapes data/shapes --train 500 --seed 7",
            "trainer data fashion-mnist data/fashion-mnist");
        foreach (DrawnSet set in DrawnSet.All)
            Subcommands.Add(Drawing(set));
        Subcommands.Add(Fetching());
    }

    private static Command Drawing(DrawnSet set)
    {
        Argument<string> folder = Folder("A new folder for the pictures.");
        Option<int?> trainCount = NumberOptions.Count("--train", $"Pictures of each class to train with; {set.Train} when not given.");
        Option<int?> testCount = NumberOptions.Count("--test", $"Pictures of each class to test with; {set.Test} when not given.");
        return new Command(set.Name, $"Draws {set.Summary}.") { folder, trainCount, testCount }.Does((parsed, terminal, cancel) =>
        {
            (string path, int seed) = (parsed.GetValue(folder)!, parsed.GetValue(CommonOptions.Seed));
            (int train, int test) = (parsed.GetValue(trainCount) ?? set.Train, parsed.GetValue(testCount) ?? set.Test);
            int count = checked((train + test) * set.Classes.Length);
            using (Progress bar = terminal.Start($"drawing {set.Name}", count, "pictures"))
                set.Draw(path, train, test, seed, () => bar.Advance(), cancel);
            string classes = string.Join(", ", set.Classes.Select(c => c.Name));
            terminal.Result($"{count:N0} pictures of {classes} in {path}: train_data and test_data, seed {seed}");
            terminal.JsonResult(new { Folder = Path.GetFullPath(path), Classes = set.Classes.Select(c => c.Name), Train = train, Test = test, Seed = seed });
            return ExitCode.Done;
        });
    }

    private static Command Fetching()
    {
        Argument<string> folder = Folder("The folder for the four files.");
        var mirror = new Option<Uri[]>("--mirror")
        {
            Description = "An address to try before the usual ones; the files' names are appended to it.",
            HelpName = "URL",
            CustomParser = Addresses,
        };
        return new Command("fashion-mnist", "Fetches Fashion-MNIST: 70,000 grey 28x28 pictures of clothes in 10 classes, 30 MB.") { folder, mirror }.Does((parsed, terminal, cancel) =>
        {
            string path = parsed.GetValue(folder)!;
            long arrived = 0;
            string[] fetched;
            using (var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan })
            using (Progress bar = terminal.Start("fetching fashion-mnist", FashionMnist.Files.Sum(f => f.Bytes) / BytesPerStep, "kB"))
            {
                Uri[] mirrors = [.. parsed.GetValue(mirror) ?? [], .. FashionMnist.Mirrors];
                fetched = new Download(client).FetchAsync(FashionMnist.Files, mirrors, path, Advance, cancel).GetAwaiter().GetResult();

                void Advance(long bytes)
                {
                    long before = arrived / BytesPerStep;
                    arrived += bytes;
                    bar.Advance((arrived / BytesPerStep) - before);
                }
            }

            terminal.Result(fetched.Length == 0
                ? $"{path}: all {FashionMnist.Files.Length} files are there and right"
                : $"{path}: fetched {string.Join(", ", fetched)}; SHA-256 right");
            terminal.JsonResult(new { Folder = Path.GetFullPath(path), Fetched = fetched });
            return ExitCode.Done;
        });
    }

    private static Argument<string> Folder(string description) => new("folder") { Description = description, HelpName = "DIR" };

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
