using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Shards;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>The options of a dump as a plan keeps them: words of the command line, which are read as if they had been typed.</summary>
internal sealed class PlannedDump
{
    private const string Labels = "--labels", Given = "--input";

    private readonly ShardPlan _plan;
    private readonly (string Name, string Path)[] _given;

    private PlannedDump(ShardPlan plan)
    {
        _plan = plan;
        (ParseResult parsed, DumpContentOptions content, DumpRunOptions runs) = Parse(plan.Options, plan.Path);
        _given = [.. content.Given(parsed)];
        Options = runs.Of(parsed, content.Of(parsed, isSingle: false), []) with { Batch = plan.Batch };
    }

    /// <summary>Settings of the plan.</summary>
    public DumpOptions Options { get; }

    /// <summary>Reads the options of a plan.</summary>
    /// <exception cref="BadInputException">A file that they name has changed, or they cannot be read.</exception>
    public static PlannedDump Of(ShardPlan plan)
    {
        plan.RequireFiles();
        return new PlannedDump(plan);
    }

    /// <summary>Reads words as options.</summary>
    /// <param name="words">Options with their values.</param>
    /// <param name="source">File that has them.</param>
    /// <exception cref="BadInputException">They cannot be read.</exception>
    public static DumpOptions OptionsOf(string[][] words, string source)
    {
        (ParseResult parsed, DumpContentOptions content, DumpRunOptions runs) = Parse(words, source);
        return runs.Of(parsed, content.Of(parsed, isSingle: false), []);
    }

    /// <summary>Lists what a command line says about the results, for a plan: with full paths, and with the threads, since they may change
    /// last bits.</summary>
    public static string[][] WordsOf(ParseResult parsed) =>
    [
        .. DumpRunOptions.Words(parsed)
            .Concat(DumpRunOptions.Given(parsed).Where(words => words[0] is Given || words[0] == CommonOptions.Threads.Name))
            .Select(words => words[0] switch
            {
                Labels => [Labels, .. words[1..].Select(word => File.Exists(word) ? Path.GetFullPath(word) : word)],
                Given => [Given, .. words[1..].Select(word => word.Split('=', 2) is [var name, var path]
                    ? $"{name}={Path.GetFullPath(path)}" : word)],
                _ => words,
            })
            .OrderBy(words => words[0], StringComparer.Ordinal),
    ];

    /// <summary>Lists the files that options name.</summary>
    public static IEnumerable<string> FilesOf(ParseResult parsed) => WordsOf(parsed)
        .SelectMany(words => words[0] is Labels ? words[1..].Where(File.Exists)
            : words[0] is Given ? words[1..].Select(word => word.Split('=', 2)[^1]) : []);

    /// <summary>Refuses what a worker says otherwise than the plan.</summary>
    /// <exception cref="BadInputException">An option that the plan has not, or with another value.</exception>
    public void Refuse(ParseResult worker)
    {
        foreach (string[] words in WordsOf(worker))
        {
            string[]? planned = Array.Find(_plan.Options, own => own[0] == words[0]);
            // Without a word of the plan each machine may use the threads it has.
            if (planned is null ? words[0] == CommonOptions.Threads.Name : planned.SequenceEqual(words))
                continue;
            throw new BadInputException($"'{string.Join(' ', words)}' differs from the options of {_plan.Path}, which has "
                + $"{(planned is null ? $"no {words[0]}" : $"'{string.Join(' ', planned)}'")}: leave it out, or plan again");
        }
    }

    /// <summary>Reads tensors for other inputs of the model.</summary>
    public IReadOnlyDictionary<string, TensorData> Others() => _given.ToDictionary(g => g.Name, g => NpyFile.Read(g.Path));

    private static (ParseResult Parsed, DumpContentOptions Content, DumpRunOptions Runs) Parse(string[][] words, string source)
    {
        var command = new Command("dump");
        var content = new DumpContentOptions(command);
        var runs = new DumpRunOptions(command, isPlanned: true);
        ParseResult parsed = command.Parse([.. words.SelectMany(option =>
            option.Length == 1 ? [option[0]] : option[1..].Select(value => $"{option[0]}={value}"))]);
        return parsed.Errors is [var error, ..]
            ? throw new BadInputException($"{source}: its options cannot be read: {error.Message}")
            : (parsed, content, runs);
    }
}
