using System.Globalization;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Cluster;

/// <summary>A plan as an array job of a real Slurm, three nodes of which one dies: nothing is lost, nothing is there twice.</summary>
[TestClass]
public sealed class SlurmTests
{
    private const int Pictures = 3000, Shards = 9;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Long")]
    public void Array_NodeKilledAndTaskRequeued_MergesToTheSingleRun()
    {
        if (SlurmCluster.Missing() is { } missing)
            Assert.Inconclusive($"Skipped: {missing}.");
        using var folder = new TemporaryFolder();
        string model = SmallNetworks.LeNet().SaveTo(folder);
        DrawPictures(Directory.CreateDirectory(folder.File("pictures")).FullName);
        string[] dump = ["--batch", "8", "--threads", "1", "--without", "mosaics,kernels,pca,report"];
        Visualizer(["plan", model, folder.File("pictures"), "--shards", $"{Shards}", "--out", folder.File("plan.json"), .. dump]);
        Visualizer(["dump", model, folder.File("pictures"), "--out", folder.File("single"), .. dump]);

        using (var slurm = SlurmCluster.Start(nodes: 3))
            RunArray(slurm, folder);
        Visualizer(["merge", folder.File("shards"), "--out", folder.File("merged"), "--move"]);
        string[] expected = Files(folder.File("single"));
        Assert.HasCount(Pictures, expected.Where(file => file.EndsWith("manifest.json", StringComparison.Ordinal)));
        CollectionAssert.AreEqual(expected, Files(folder.File("merged")));
        foreach (string file in expected.Where(file => Path.GetFileName(file) != "manifest.json"))
            CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("single", file)), File.ReadAllBytes(folder.File("merged", file)), file);
    }

    private void RunArray(SlurmCluster slurm, TemporaryFolder folder)
    {
        string program = folder.File("visualizer");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet \"{VisualizerProcess.Program}\" \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string script = Visualizer("cluster", "slurm", "--plan", folder.File("plan.json"), "--out", folder.File("shards"),
            "--cpus", "1", "--memory", "500M", "--program", program);
        // Where its log goes.
        File.WriteAllText(folder.File("dump.sbatch"),
            script.Replace("--output=", $"--output={folder.Path}/", StringComparison.Ordinal));
        string job = slurm.Run("sbatch", "--parsable", folder.File("dump.sbatch"));
        (string Task, string Node)[] running = [];
        slurm.WaitUntil(() => Done(folder) >= 2 && (running = AtWork(slurm, job, folder)).Length >= 2, "no shard was done");
        slurm.Kill(running[0].Node);
        Requeue(slurm, running[1].Task);
        slurm.WaitUntil(() => Released(slurm, job).Length == 0, "the job did not end");
        Assert.AreEqual(Shards, Done(folder), Logs(folder));
        TestContext.WriteLine($"killed {running[0]}, requeued {running[1]}");
        Assert.IsGreaterThan(Shards, Starts(folder), "no task was run a second time");
    }

    // Begun, with the first pictures behind them.
    private static (string Task, string Node)[] AtWork(SlurmCluster slurm, string job, TemporaryFolder folder) =>
    [
        .. Tasks(slurm, job, "RUNNING").Where(running => folder.File($"dump-plan-{running.Task}.log") is var log && File.Exists(log)
            && File.ReadAllText(log).Contains("10 of ", StringComparison.Ordinal)),
    ];

    // What was requeued waits two minutes by itself.
    private static (string Task, string Node)[] Released(SlurmCluster slurm, string job)
    {
        foreach ((string task, _) in Tasks(slurm, job, "PENDING").Where(task => !task.Task.Contains('[', StringComparison.Ordinal)))
            Try(() => slurm.Run("scontrol", "update", $"jobid={task}", "StartTime=now"));
        return Tasks(slurm, job, "PENDING,RUNNING,COMPLETING,SUSPENDED,CONFIGURING");
    }

    private static void Requeue(SlurmCluster slurm, string task) => Try(() => slurm.Run("scontrol", "requeue", task));

    // It may have ended a moment before.
    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (InvalidOperationException)
        {
        }
    }

    private static (string Task, string Node)[] Tasks(SlurmCluster slurm, string job, string state) =>
    [
        .. slurm.Run("squeue", "--noheader", $"--job={job}", $"--states={state}", "--format=%i|%N")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|')).Select(parts => (parts[0], parts[1])),
    ];

    private static int Done(TemporaryFolder folder) => !Directory.Exists(folder.File("shards")) ? 0
        : Directory.EnumerateFiles(folder.File("shards"), "shard.json", SearchOption.AllDirectories).Count();

    private static int Starts(TemporaryFolder folder) => Directory.EnumerateFiles(folder.Path, "*.log")
        .Sum(log => File.ReadLines(log).Count(line => line.Contains("SLURM_ARRAY_TASK_ID=", StringComparison.Ordinal)));

    private static string Logs(TemporaryFolder folder) =>
        string.Join('\n', Directory.EnumerateFiles(folder.Path, "*.log").Select(log => $"{log}\n{File.ReadAllText(log)}"));

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order()];

    private static string Visualizer(params string[] args)
    {
        var run = ProgramRun.Visualizer(args);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        return run.Output;
    }

    private static void DrawPictures(string folder)
    {
        var random = new Random(5);
        using var picture = new Mat(28, 28, MatType.CV_8UC1);
        byte[] pixels = new byte[28 * 28];
        for (int i = 0; i < Pictures; i++)
        {
            random.NextBytes(pixels);
            picture.SetArray(pixels);
            Cv2.ImWrite(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{i:D4}.png")), picture);
        }
    }
}
