using System.Text.Json;
using System.Text.Json.Nodes;

namespace CnnOnnx.Tests.Support;

/// <summary>A small dump that is planned, made in shards and merged, and the same dump made by one run.</summary>
internal sealed class ShardedFolder : IDisposable
{
    public const int Batch = 4;

    // No multiple of the batch; one is no picture.
    public const int Pictures = 26, Broken = 9;

    private readonly TemporaryFolder _folder = new();

    public ShardedFolder()
    {
        Model = SmallNetworks.LeNet().SaveTo(_folder);
        for (int i = 0; i < Pictures; i++)
            TestPictures.Write(File("in", $"{i % 3}", $"{i}.png"), seed: i, height: 20 + i % 5);
        System.IO.File.WriteAllText(File("in", $"{Broken % 3}", $"{Broken}.png"), "no picture");
    }

    public string Model { get; }

    public string Plan => File("plan.json");

    public string File(params ReadOnlySpan<string> parts) => _folder.File(parts);

    /// <summary>Makes the dump in one run, into a folder.</summary>
    public ProgramRun RunSingle(string folder, params string[] more) => ProgramRun.Visualizer(["dump", Model, File("in"), "--recursive",
        "--batch", $"{Batch}", "--threads", "1", "--out", File(folder), .. more]);

    /// <summary>Plans the dump.</summary>
    public ProgramRun MakePlan(int shards, params string[] more) => ProgramRun.Visualizer(["plan", Model, File("in"), "--recursive",
        "--batch", $"{Batch}", "--threads", "1", "--shards", $"{shards}", "--out", Plan, .. more]);

    /// <summary>The command line that makes a shard.</summary>
    public string[] ShardArguments(string shard, string folder = "shards", params string[] more) =>
        ["dump", "--plan", Plan, "--shard", shard, "--out", File(folder), .. more];

    /// <summary>Makes a shard.</summary>
    public ProgramRun RunShard(string shard, string folder = "shards", params string[] more) =>
        ProgramRun.Visualizer(ShardArguments(shard, folder, more));

    /// <summary>Makes all shards, in an order that is not theirs.</summary>
    public void RunAll(int shards, string folder = "shards")
    {
        foreach (int shard in Enumerable.Range(0, shards).OrderBy(shard => shard * 7 % 11))
            Assert.AreEqual("0", RunShard($"{shard}/{shards}", folder, "--quiet") is var run ? $"{run.ExitCode}" : "", $"shard {shard}");
    }

    /// <summary>Merges the shards of a folder.</summary>
    public ProgramRun Merge(string from, string to, params string[] more) =>
        ProgramRun.Visualizer(["merge", File(from), "--out", File(to), .. more]);

    /// <summary>Changes a property of the plan's file.</summary>
    public void ChangePlan(string property, JsonNode value)
    {
        JsonNode plan = JsonNode.Parse(System.IO.File.ReadAllText(Plan))!;
        plan[property] = value;
        System.IO.File.WriteAllText(Plan, plan.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <summary>Fails unless files of two folders are the same, byte for byte.</summary>
    public void AssertSame(string expected, string actual, params string[] files)
    {
        foreach (string file in files)
            Assert.IsTrue(System.IO.File.ReadAllBytes(File(expected, file)).AsSpan().SequenceEqual(
                System.IO.File.ReadAllBytes(File(actual, file))), $"{file} of {actual} differs from that of {expected}");
    }

    /// <summary>All files below a folder, hidden ones too.</summary>
    public string[] Tree(string folder) =>
    [
        .. Directory.EnumerateFiles(File(folder), "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => Path.GetRelativePath(File(folder), path)).Order(StringComparer.Ordinal),
    ];

    public void Dispose() => _folder.Dispose();
}
