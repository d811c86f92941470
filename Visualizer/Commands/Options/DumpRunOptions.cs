using System.CommandLine;
using System.CommandLine.Parsing;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Inputs;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>How a dump goes through its inputs, on the command line: memory, batches, videos, what is done already.</summary>
internal sealed class DumpRunOptions
{
    // What changes how, but not what is written.
    private static readonly HashSet<string> WithoutEffectOnFiles =
        [
        "--out", "--force", "--open", "--resume", "--recursive", "--threads", "--quiet", "--json", "--verbose", "--memory", "--every",
        "--frames", "--input", "--plan", "--shard", "--root", "--shards", "--extend", "--status",
    ];

    // What all inputs get together: the results of one are the same without it.
    private static readonly HashSet<string> OfAllInputs = ["--tables", "--vectors"];

    private const long ValuesOfOne = 32 << 20, ValuesOfMany = 4 << 20;

    private readonly Option<string> _memory = new("--memory")
    {
        Description = "What the tensors of a run may take, such as 512MB or 2GiB. "
            + "Where all of them take more, they are made in several runs.",
        HelpName = "SIZE",
    };

    private readonly Option<string> _values = new("--values")
    {
        Description = "What the values of maps may take beside a report, the strongest layers first; 0 for none. "
            + "32MB when not given, and 4MB for each of several inputs.",
        HelpName = "SIZE",
    };

    private readonly Option<bool> _profile = new("--profile")
    {
        Description = "Also time, memory and provider of each layer, by itself: nothing is fused for that.",
    };

    private readonly Option<int?> _batch = CountOption.Create("--batch",
        "Pictures in a run, as far as the model takes so many; 1 when not given.");

    private readonly Option<bool> _recursive = new("--recursive", "-r") { Description = "Look for inputs in the folders of folders, too." };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Skip inputs whose dump is there, whole and made with the same model and options.",
    };

    private readonly Option<int?> _every = CountOption.Create("--every", "Of a video or camera only every N-th frame.");

    private readonly Option<int?> _frames = CountOption.Create("--frames", "Of a video or camera no more than N frames.");

    private readonly Option<string> _video = new("--video")
    {
        Description = "In place of folders one video of the mosaics of one tensor: .avi, or .mp4 where OpenCV can write it.",
        HelpName = "FILE",
    };

    private readonly Option<PictureFormat> _format = EnumOption.Create("--format", "File format of the pictures of tensors; png is exact.",
        PictureFormat.Png);

    /// <param name="command">The options are added to it.</param>
    /// <param name="isPlanned">True for a plan: only what is the same for all who work on it, and without videos.</param>
    public DumpRunOptions(Command command, bool isPlanned = false)
    {
        Option[] all = isPlanned ? [_format, _values, _profile, _batch, _recursive]
            : [_format, _values, _memory, _profile, _batch, _recursive, _resume, _every, _frames, _video];
        foreach (Option option in all)
            command.Options.Add(option);
    }

    public string? Video(ParseResult parsed) => parsed.GetValue(_video);

    /// <param name="parsed">The command line.</param>
    /// <param name="paths">What it names.</param>
    /// <param name="results">Folder of the results, which is not searched for inputs.</param>
    /// <exception cref="BadInputException">A folder without pictures, or a pattern that nothing matches.</exception>
    public InputList Inputs(ParseResult parsed, IEnumerable<string> paths, string? results) =>
        InputList.Of(paths, parsed.GetValue(_recursive), results) with
        {
            Every = parsed.GetValue(_every) ?? 1,
            Frames = parsed.GetValue(_frames),
        };

    /// <param name="parsed">The command line.</param>
    /// <param name="options">Settings so far.</param>
    /// <param name="inputs">Files that go into every run.</param>
    /// <exception cref="BadInputException">A size that cannot be read.</exception>
    public DumpOptions Of(ParseResult parsed, DumpOptions options, IEnumerable<string> inputs) => options with
    {
        Format = parsed.GetValue(_format),
        Values = parsed.GetValue(_values) switch
        {
            null => options.SelfContained ? ValuesOfOne : ValuesOfMany,
            "0" => 0,
            var room => ByteSize.Parse(room, _values.Name),
        },
        Memory = parsed.GetValue(_memory) is { } size ? ByteSize.Parse(size, _memory.Name) : null,
        Profile = parsed.GetValue(_profile),
        Batch = parsed.GetValue(_batch) ?? 1,
        Resume = parsed.GetValue(_resume),
        Fingerprint = string.Join('\n',
            Words(parsed).Where(words => !OfAllInputs.Contains(words[0]))
                .Select(words => words is [var flag] ? $"{flag} " : string.Join(' ', words)).Order(StringComparer.Ordinal)
                .Concat(inputs.Select(InputItem.IdentityOf))),
    };

    /// <summary>Changes of a plan's settings that each worker may make: they change no file.</summary>
    /// <exception cref="BadInputException">A size that cannot be read.</exception>
    public DumpOptions Local(ParseResult parsed, DumpOptions planned)
    {
        int threads = parsed.GetValue(CommonOptions.Threads) ?? planned.Threads;
        return planned with
        {
            Memory = parsed.GetValue(_memory) is { } size ? ByteSize.Parse(size, _memory.Name) : null,
            Threads = threads,
            Activation = planned.Activation with { Threads = threads },
        };
    }

    /// <summary>Lists each option that changes what is written, with what was given for it, in the order of their names.</summary>
    public static string[][] Words(ParseResult parsed) => [.. Given(parsed).Where(words => !WithoutEffectOnFiles.Contains(words[0]))
        .OrderBy(words => words[0], StringComparer.Ordinal)];

    /// <summary>Lists each option that was given, with what was given for it.</summary>
    public static IEnumerable<string[]> Given(ParseResult parsed)
    {
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = result.Parent)
            foreach (OptionResult option in command.Children.OfType<OptionResult>().Where(option => !option.Implicit))
                yield return [option.Option.Name, .. option.Tokens.Select(token => token.Value)];
    }
}
