using System.Diagnostics;
using System.Text.Json.Nodes;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Shards;

/// <summary>What happens to a shard: killed, ended, run twice at once, damaged; and what a worker refuses.</summary>
[TestClass]
public sealed class ShardRunTests
{
    private static readonly string[] Results = ["survey.state", "pictures.jsonl", "survey.json", "channels.csv", "layers.csv", "top.csv"];

    private readonly ShardedFolder _dump = new();

    [TestCleanup]
    public void DeleteFolder() => _dump.Dispose();

    [TestMethod]
    public void Shard_KilledAndRunAgain_IsThatOfOneRun()
    {
        _dump.MakePlan(1);
        using (Process worker = VisualizerProcess.Start(_dump.ShardArguments("0/1", "shards", "--quiet")))
        {
            worker.WaitUntil(() => Whole("shards").Length >= 3);
            worker.Kill();
            worker.WaitForExit();
        }

        Assert.IsFalse(File.Exists(_dump.File("shards", "shard-00000", "shard.json")), "It was to be killed in the middle.");
        ProgramRun status = ProgramRun.Visualizer("plan", _dump.File("shards"), "--status", _dump.Plan);
        Assert.AreEqual(1, status.ExitCode);
        Assert.Contains("shard 0: begun, ", status.Output);
        ProgramRun again = _dump.RunShard("0/1");
        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.Contains($"of {ShardedFolder.Pictures} inputs were done already", again.Error);
        AssertIsThatOfOneRun();
    }

    /// <summary>Without folders it is the checkpoint that tells how far the shard is.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Shard_WithoutFoldersAskedToEnd_GoesOnFromItsCheckpoint()
    {
        for (int i = 0; i < 400; i++)
            TestPictures.Write(_dump.File("in", "more", $"{i}.png"), seed: i);
        _dump.MakePlan(2, "--without", "folders");
        using Process worker = VisualizerProcess.Start(_dump.ShardArguments("1/2"));
        // Results are told for each ten.
        for (int line = 0; line < 3; line++)
            worker.StandardOutput.ReadLine();
        using (Process.Start("kill", ["-TERM", $"{worker.Id}"]))
        {
        }

        Assert.AreEqual(130, worker.Finish().ExitCode);
        string shard = _dump.File("shards", "shard-00001");
        CollectionAssert.AreEqual(new[] { "shard.begun", "survey.part" }, Directory.GetFileSystemEntries(shard).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal).ToArray());
        ProgramRun again = _dump.RunShard("1/2");
        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.Contains(" inputs were done already", again.Error);
        _dump.RunShard("1/2", "undisturbed");
        (string expected, string made) = (Path.Combine("undisturbed", "shard-00001"), Path.Combine("shards", "shard-00001"));
        CollectionAssert.AreEqual(_dump.Tree(expected), _dump.Tree(made));
        _dump.AssertSame(expected, made, [.. Results, "shard.json"]);
    }

    /// <summary>The picture in work is finished; so are those of its batch.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Shard_AskedToEnd_FinishesTheBatchAndGoesOnLater()
    {
        _dump.MakePlan(1);
        using Process worker = VisualizerProcess.Start(_dump.ShardArguments("0/1", "shards", "--quiet"));
        worker.WaitUntil(() => Whole("shards").Length >= 2);
        using (Process.Start("kill", ["-TERM", $"{worker.Id}"]))
        {
        }

        ProgramRun run = worker.Finish();
        Assert.AreEqual((130, "interrupted"), (run.ExitCode, run.LastError));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_dump.File("shards", "shard-00000"), ".*"), "Nothing in the making is left.");
        int done = Whole("shards").Length;
        Assert.IsTrue(done >= ShardedFolder.Batch && done % ShardedFolder.Batch == 0, $"{done} pictures are no whole batches.");
        Assert.AreEqual(0, _dump.RunShard("0/1", "shards", "--resume").ExitCode);
        AssertIsThatOfOneRun();
    }

    [TestMethod]
    public void Shard_RunTwiceAtOnce_IsMadeOnceAndWhole()
    {
        _dump.MakePlan(1);
        Process[] workers = [.. Enumerable.Range(0, 2).Select(_ => VisualizerProcess.Start(_dump.ShardArguments("0/1")))];
        foreach (Process worker in workers)
        {
            ProgramRun run = worker.Finish();
            Assert.AreEqual(0, run.ExitCode, run.Error);
            worker.Dispose();
        }

        AssertIsThatOfOneRun();
        ProgramRun third = _dump.RunShard("0/1");
        Assert.AreEqual(0, third.ExitCode);
        Assert.AreEqual("shard 0 of 1 is done already", third.LastError);
    }

    [TestMethod]
    public void Shard_Damaged_IsMadeWholeByRunningItAgain()
    {
        _dump.MakePlan(1);
        _dump.RunAll(1);
        string shard = _dump.File("shards", "shard-00000");
        File.WriteAllBytes(Path.Combine(shard, "survey.state"), File.ReadAllBytes(Path.Combine(shard, "survey.state"))[..^1]);
        File.Delete(Path.Combine(shard, "1_1", "mosaics", "0001_relu_conv1_Relu.png"));
        ProgramRun status = ProgramRun.Visualizer("plan", _dump.File("shards"), "--status", _dump.Plan);
        Assert.Contains($"shard 0: damaged, survey.state has changed in {shard}; run it again", status.Output);
        ProgramRun again = _dump.RunShard("0/1");
        Assert.Contains("shard 0 was done already, but survey.state has changed: what is missing is made again", again.Error);
        AssertIsThatOfOneRun();
    }

    [TestMethod]
    public void Worker_OfOtherThings_RefusesInOneLine()
    {
        File.WriteAllLines(_dump.File("labels.txt"), SmallNetworks.Digits);
        Assert.AreEqual(0, _dump.MakePlan(7, "--labels", _dump.File("labels.txt"), "--colormap", "jet").ExitCode);
        AssertRefused("--shard is '3/8', but " + _dump.Plan + " has 7 shards", "3/8");
        AssertRefused("--shard is '7/7', expected 0/7 to 6/7: they count from 0", "7/7");
        AssertRefused("--shard is '3', expected 0/7 to 6/7, or auto", "3");
        AssertRefused($"'--colormap gray' differs from the options of {_dump.Plan}, which has '--colormap jet': "
            + "leave it out, or plan again", "0/7", "--colormap", "gray");
        AssertRefused($"'--threads 2' differs from the options of {_dump.Plan}, which has '--threads 1': leave it out, or plan again",
            "0/7", "--threads", "2");
        AssertRefused($"'--raw npz' differs from the options of {_dump.Plan}, which has no --raw: leave it out, or plan again",
            "0/7", "--raw", "npz");
        string other = SmallNetworks.Named("a").SaveTo(new TemporaryFolder());
        ProgramRun run = ProgramRun.Visualizer("dump", other, "--plan", _dump.Plan, "--shard", "0/7", "--out", _dump.File("shards"));
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith($"error: {other}: the model is another one than that of {_dump.Plan}: its SHA-256 is ", run.LastError);

        string picture = _dump.File("in", "0", "0.png");
        byte[] bytes = File.ReadAllBytes(picture);
        File.WriteAllBytes(picture, [.. bytes, 0]);
        AssertRefused($"{picture}: has {bytes.Length + 1} bytes, the plan lists {bytes.Length}: the list of inputs differs; plan again",
            "0/7");
        File.Delete(picture);
        AssertRefused($"{picture}: no such file, but the plan lists it; say where the inputs lie, or plan again", "0/7");
        File.WriteAllText(_dump.File("plan.inputs.tsv"), File.ReadAllText(_dump.File("plan.inputs.tsv")).Replace("0.png", "O.png"));
        AssertRefused($"{_dump.File("plan.inputs.tsv")}: the list differs from the one that {_dump.Plan} was made with, in shard 0; "
            + "bring both files back, or plan again", "0/7");
        File.AppendAllText(_dump.File("labels.txt"), " ");
        ProgramRun labels = _dump.RunShard("0/7");
        Assert.StartsWith($"error: {_dump.File("labels.txt")}: has changed since {_dump.Plan} was made with it", labels.LastError);
        _dump.ChangePlan("version", JsonValue.Create("9.9.9"));
        Assert.StartsWith($"error: {_dump.Plan}: was made by version 9.9.9, this program is ", _dump.RunShard("0/7").LastError);
        _dump.ChangePlan("format", JsonValue.Create("something"));
        AssertRefused($"{_dump.Plan}: is no plan that this program reads, expected \"format\": \"CnnOnnx plan 1\"", "0/7");
        Assert.IsFalse(Directory.Exists(_dump.File("shards", "shard-00003")));
    }

    [TestMethod]
    public void Worker_FolderOfAnotherPlan_IsRefusedUnlessForced()
    {
        string[] few = ["--without", "mosaics,report,kernels,pca,stats"];
        _dump.MakePlan(2, few);
        _dump.RunShard("1/2");
        _dump.MakePlan(3, few);
        AssertRefused($"{_dump.File("shards", "shard-00001")}: holds a shard of other inputs, options or another model; "
            + "give another folder, or --force to throw it away", "1/3");
        Assert.AreEqual(0, _dump.RunShard("1/3", "shards", "--force").ExitCode);
        Assert.StartsWith("1 of 3 shards done", ProgramRun.Visualizer("plan", _dump.File("shards"), "--status", _dump.Plan).Output);
    }

    [TestMethod]
    public void Worker_InputsElsewhere_FindsThemByRoot()
    {
        _dump.MakePlan(1, "--without", "mosaics,report,kernels,pca,stats");
        _dump.RunAll(1);
        Directory.Move(_dump.File("in"), _dump.File("there"));
        Assert.AreEqual(0, _dump.RunShard("0/1", "elsewhere", "--root", _dump.File("there")).ExitCode);
        _dump.AssertSame(Path.Combine("shards", "shard-00000"), Path.Combine("elsewhere", "shard-00000"),
            "survey.json", "top.csv", "survey.state");
    }

    [TestMethod]
    [DataRow("dump --shard 0/1 --out d m.onnx a.png", "--shard needs --plan PLAN.json, which 'visualizer plan' writes")]
    [DataRow("dump m.onnx a.png --plan p.json --out d", "'a.png' is an input, but with --plan the inputs are the plan's")]
    [DataRow("plan", "MODEL is missing: An ONNX file; with --status a folder of shards; INPUT is missing: Pictures, .npy or .npz files, "
        + "folders or patterns; with --status more folders of shards; --out PLAN.json is missing: The plan to write; "
        + "--shards N is missing: Parts to cut the inputs into, one a worker. See 'visualizer plan --help'.")]
    [DataRow("plan --status p.json", "p.json: cannot be read: Could not find file '{0}'.")]
    public void WrongUse_IsOneLine(string words, string message)
    {
        ProgramRun run = ProgramRun.Visualizer(words.Split(' '));
        Assert.AreEqual((2, "error: " + message.Replace("{0}", Path.GetFullPath("p.json"))), (run.ExitCode, run.LastError));
    }

    private void AssertRefused(string message, string shard, params string[] more)
    {
        ProgramRun run = _dump.RunShard(shard, "shards", more);
        Assert.AreEqual((2, "error: " + message), (run.ExitCode, run.LastError));
    }

    // The referee is a shard that nothing happened to.
    private void AssertIsThatOfOneRun()
    {
        _dump.RunAll(1, "undisturbed");
        string shard = Path.Combine("shards", "shard-00000"), expected = Path.Combine("undisturbed", "shard-00000");
        CollectionAssert.AreEqual(_dump.Tree(expected), _dump.Tree(shard));
        _dump.AssertSame(expected, shard, Results);
        Assert.AreEqual(File.ReadAllText(_dump.File(expected, "shard.json")), File.ReadAllText(_dump.File(shard, "shard.json")));
    }

    private string[] Whole(string folder) => !Directory.Exists(_dump.File(folder, "shard-00000")) ? []
        : [.. Directory.EnumerateDirectories(_dump.File(folder, "shard-00000"))
            .Where(path => File.Exists(Path.Combine(path, "manifest.json")))];
}
