using System.CommandLine;
using System.CommandLine.Parsing;
using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Pipeline;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>How a dump goes through its inputs, on the command line: memory, batches, videos, what is done already.</summary>
internal sealed class DumpRunOptions
{
    // What changes how, but not what is written.
    private static readonly HashSet<string> WithoutEffectOnFiles =
        ["--out", "--resume", "--recursive", "--threads", "--quiet", "--json", "--verbose", "--memory", "--every", "--frames"];

    private readonly Option<string> _memory = new("--memory")
    {
        Description = "What the tensors of a run may take, such as 512M or 2G. Where all of them take more, they are made in several runs.",
        HelpName = "SIZE",
    };

    private readonly Option<bool> _profile = new("--profile") { Description = "Also time and memory of each layer, by itself: nothing is fused for that." };

    private readonly Option<int> _batch = AtLeastOne("--batch", "Pictures in a run, where the model takes any number.", 1);

    private readonly Option<bool> _recursive = new("--recursive", "-r") { Description = "Look for inputs in the folders of folders, too." };

    private readonly Option<bool> _resume = new("--resume") { Description = "Skip inputs whose dump is there, whole and made with the same model and options." };

    private readonly Option<int> _every = AtLeastOne("--every", "Of a video or camera only every N-th frame.", 1);

    private readonly Option<int?> _frames = new("--frames") { Description = "Of a video or camera no more than N frames.", HelpName = "N" };

    private readonly Option<string> _video = new("--video")
    {
        Description = "In place of folders one video of the mosaics of one tensor: .avi, or .mp4 where OpenCV can write it.",
        HelpName = "FILE",
    };

    private readonly Option<PictureFormat> _format = EnumOption.Create("--format", "Of the pictures of tensors; png is exact.", PictureFormat.Png);

    public DumpRunOptions(Command command)
    {
        _frames.Validators.Add(CheckCount);
        foreach (Option option in new Option[] { _format, _memory, _profile, _batch, _recursive, _resume, _every, _frames, _video })
            command.Options.Add(option);
    }

    public bool Recursive(ParseResult parsed) => parsed.GetValue(_recursive);

    public string? Video(ParseResult parsed) => parsed.GetValue(_video);

    public VideoFrames Frames(ParseResult parsed, Action<string> remark) => new(parsed.GetValue(_every), parsed.GetValue(_frames), remark);

    /// <exception cref="BadInputException">A size that cannot be read.</exception>
    public DumpOptions Of(ParseResult parsed, DumpOptions options) => options with
    {
        Format = parsed.GetValue(_format),
        Memory = parsed.GetValue(_memory) is { } size ? ByteSize.Parse(size, _memory.Name) : null,
        Profile = parsed.GetValue(_profile),
        Batch = parsed.GetValue(_batch),
        Resume = parsed.GetValue(_resume),
        Fingerprint = FingerprintOf(parsed),
    };

    private static string FingerprintOf(ParseResult parsed)
    {
        var words = new List<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = result.Parent)
            words.AddRange(command.Children.OfType<OptionResult>()
                .Where(option => !option.Implicit && !WithoutEffectOnFiles.Contains(option.Option.Name))
                .Select(option => $"{option.Option.Name} {string.Join(' ', option.Tokens.Select(t => t.Value))}"));
        return string.Join('\n', words.Order(StringComparer.Ordinal));
    }

    private static Option<int> AtLeastOne(string name, string description, int standard)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(CheckCount);
        return option;
    }

    private static void CheckCount(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out int count) && count < 1)
            result.AddError($"{result.Option.Name} is {count}, expected at least 1.");
    }
}
