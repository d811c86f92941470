using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Shards;

/// <summary>Shards that are put together are one run of all inputs, byte for byte.</summary>
[TestClass]
public sealed class ShardMergeTests
{
    private static readonly string[] Tables = ["survey.json", "channels.csv", "layers.csv", "top.csv"];

    private readonly ShardedFolder _dump = new();

    [TestCleanup]
    public void DeleteFolder() => _dump.Dispose();

    /// <summary>The referee is the run without a plan. Of 64 shards most are empty: there are seven batches.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    [DataRow(64)]
    public void Merge_AnyNumberOfShards_IsOneRun(int shards)
    {
        Assert.AreEqual(2, _dump.RunSingle("single").ExitCode, "One picture cannot be used.");
        Assert.AreEqual(0, _dump.MakePlan(shards).ExitCode);
        _dump.RunAll(shards);
        Assert.AreEqual(0, ProgramRun.Visualizer("plan", _dump.File("shards"), "--status", _dump.Plan).ExitCode);

        ProgramRun merged = _dump.Merge("shards", "merged");
        Assert.AreEqual(2, merged.ExitCode, "As the one run.");
        Assert.Contains($"1 of {ShardedFolder.Pictures} inputs could not be used", merged.Error);
        _dump.AssertSame("single", "merged", Tables);
        string page = File.ReadAllText(_dump.File("merged", "index.html"));
        foreach (string link in page.Split("class=\"input\" href=\"").Skip(1).Select(text => text.Split('"')[0]))
            Assert.IsTrue(File.Exists(_dump.File("merged", link)), link);

        // The results of the inputs as well: the folder is that of one run.
        Assert.AreEqual(2, _dump.Merge("shards", "moved", "--move").ExitCode);
        _dump.AssertSame("single", "moved", [.. Tables, "index.html", "inputs.js"]);
        CollectionAssert.AreEqual(_dump.Tree("single"), _dump.Tree("moved"));
        _dump.AssertSame("single", "moved", [.. _dump.Tree("single").Where(file => file.EndsWith(".png", StringComparison.Ordinal)
            || file.EndsWith("stats.csv", StringComparison.Ordinal) || file.EndsWith("survey.bin", StringComparison.Ordinal))]);
    }

    // Nobody wants a million folders of a million pictures.
    [TestMethod]
    public void Merge_WithoutFolders_IsTheSameSurvey()
    {
        Assert.AreEqual(2, _dump.RunSingle("single").ExitCode);
        Assert.AreEqual(2, _dump.RunSingle("bare", "--without", "folders").ExitCode);
        CollectionAssert.AreEqual(Tables.Order(StringComparer.Ordinal).ToArray(), _dump.Tree("bare"));
        _dump.AssertSame("single", "bare", Tables);
        _dump.MakePlan(3, "--without", "folders");
        _dump.RunAll(3);
        Assert.AreEqual(2, _dump.Merge("shards", "merged").ExitCode);
        _dump.AssertSame("single", "merged", Tables);
        // Again, into what the first has left: it is its own.
        Assert.Contains($"1 of {ShardedFolder.Pictures} inputs could not be used", _dump.Merge("shards", "merged").Error);
        _dump.AssertSame("single", "merged", Tables);
        Assert.IsEmpty(Directory.GetDirectories(_dump.File("shards", "shard-00001")));
    }

    [TestMethod]
    public void Merge_ShardsInSeveralFolders_TakesThemInAnyOrder()
    {
        _dump.MakePlan(3, "--without", "mosaics,report,kernels,pca,stats");
        _dump.RunAll(3);
        Assert.AreEqual(2, _dump.Merge("shards", "merged").ExitCode);
        Directory.CreateDirectory(_dump.File("elsewhere"));
        Directory.Move(_dump.File("shards", "shard-00000"), _dump.File("elsewhere", "shard-00000"));
        ProgramRun apart = ProgramRun.Visualizer("merge", _dump.File("shards", "shard-00002"), _dump.File("shards", "shard-00001"),
            _dump.File("elsewhere"), "--out", _dump.File("apart"), "--json");
        Assert.AreEqual(2, apart.ExitCode);
        Assert.AreEqual(ShardedFolder.Pictures - 1, JsonDocument.Parse(apart.Output).RootElement.GetProperty("done").GetInt32());
        _dump.AssertSame("merged", "apart", Tables);
        string survey = File.ReadAllText(_dump.File("apart", "survey.json"));
        Assert.DoesNotContain("shard", survey);
        Assert.DoesNotContain(_dump.File("in"), survey);
    }

    [TestMethod]
    public void Merge_MissingDoubledDamagedUnfinished_AreNamedInOneLine()
    {
        _dump.MakePlan(5, "--without", "mosaics,report,kernels,pca,stats");
        foreach (int shard in new[] { 0, 2, 3 })
            _dump.RunShard($"{shard}/5", "shards", "--quiet");
        _dump.RunShard("0/5", "again", "--quiet");
        File.AppendAllText(_dump.File("shards", "shard-00003", "channels.csv"), " ");
        Directory.CreateDirectory(_dump.File("shards", "shard-00004"));
        ProgramRun run = ProgramRun.Visualizer("merge", _dump.File("shards"), _dump.File("again"), "--out", _dump.File("merged"));
        Assert.AreEqual(2, run.ExitCode);
        Assert.AreEqual($"error: shard 1 of 5 is missing; shard 4 is not done ({_dump.File("shards", "shard-00004")}); "
            + $"shard 0 is there twice ({_dump.File("shards", "shard-00000")} and {_dump.File("again", "shard-00000")}); "
            + $"shard 3 is damaged: channels.csv has changed ({_dump.File("shards", "shard-00003")}): "
            + "run those shards again, and merge then", run.LastError);
        Assert.IsFalse(Directory.Exists(_dump.File("merged")));
    }

    [TestMethod]
    public void Merge_ShardsOfTwoPlans_SaysWhich()
    {
        _dump.MakePlan(2, "--without", "mosaics,report,kernels,pca,stats");
        _dump.RunShard("0/2");
        _dump.MakePlan(2, "--without", "mosaics,report,kernels,pca,stats", "--layout", "nchw");
        _dump.RunShard("1/2");
        Assert.Contains("shard 1 is of another model, options or version than shard 0", _dump.Merge("shards", "merged").LastError);
    }

    [TestMethod]
    public void Merge_NoShardOrAnotherModel_IsOneLine()
    {
        Directory.CreateDirectory(_dump.File("empty"));
        Assert.AreEqual($"error: {_dump.File("empty")}: holds no shard, expected folders shard-00000, shard-00001, …",
            _dump.Merge("empty", "merged").LastError);
        _dump.MakePlan(1, "--without", "mosaics,report,kernels,pca,stats");
        _dump.RunAll(1);
        string other = SmallNetworks.Named("a").SaveTo(new TemporaryFolder());
        Assert.Contains("the model is another one than that of the shards", _dump.Merge("shards", "merged", "--model", other).LastError);
    }

    /// <summary>What is added gets numbers behind those that are there, and what is there is not made again.</summary>
    [TestMethod]
    public void Plan_Extended_KeepsWhatIsDone()
    {
        string[] few = ["--without", "mosaics,report,kernels,pca,stats"];
        _dump.MakePlan(3, few);
        _dump.RunAll(3);
        string marker = File.ReadAllText(_dump.File("shards", "shard-00002", "shard.json"));
        for (int i = 0; i < 5; i++)
            TestPictures.Write(_dump.File("in", "0", $"added {i}.png"), seed: 100 + i);
        ProgramRun.Visualizer(["plan", _dump.Model, _dump.File("in"), "-r", "--batch", "4", "--threads", "1", "--shards", "2",
            "--out", _dump.File("second.json"), "--extend", _dump.Plan, .. few]);
        ProgramRun status = ProgramRun.Visualizer("plan", _dump.File("shards"), "--status", _dump.File("second.json"));
        Assert.AreEqual(1, status.ExitCode);
        Assert.StartsWith($"3 of 5 shards done ({ShardedFolder.Pictures} of {ShardedFolder.Pictures + 5} inputs), 0 begun, 2 left",
            status.Output);
        Assert.Contains("left: 3-4", status.Output);
        foreach (string shard in new[] { "3/5", "4/5" })
            Assert.AreEqual(0, ProgramRun.Visualizer("dump", "--plan", _dump.File("second.json"), "--shard", shard, "--out",
                _dump.File("shards")).ExitCode);
        ProgramRun merged = _dump.Merge("shards", "merged");
        Assert.Contains($"survey of {ShardedFolder.Pictures + 4} pictures: ", merged.Output);
        Assert.AreEqual(marker, File.ReadAllText(_dump.File("shards", "shard-00002", "shard.json")));
    }
}
