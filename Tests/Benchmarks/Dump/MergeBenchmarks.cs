using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Shards;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Benchmarks.Dump;

/// <summary>
/// Shards of 10,000 pictures put together, hashes checked and tables written, against reading the bytes of the pictures once: at most
/// twice as long. The bytes of the shards alone are read for comparison; they are few.
/// </summary>
[Config(typeof(RatioConfig))]
public class MergeBenchmarks
{
    private const int Pictures = 10_000, Folders = 100, Shards = 8;

    private readonly TemporaryFolder _folder = new();
    private OnnxModel? _model;

    [GlobalSetup]
    public void MakeShards()
    {
        for (int i = 0; i < Pictures; i++)
            TestPictures.Write(_folder.File("in", $"{i % Folders:00}", $"{i}.png"), seed: i);
        string path = SmallNetworks.LeNet().SaveTo(_folder);
        _model = OnnxModel.Read(path);
        Run("plan", path, _folder.File("in"), "--recursive", "--shards", $"{Shards}", "--batch", "16", "--without", "folders", "--out",
            _folder.File("plan.json"));
        for (int shard = 0; shard < Shards; shard++)
            Run("dump", "--plan", _folder.File("plan.json"), "--shard", $"{shard}/{Shards}", "--out", _folder.File("shards"), "--quiet");
    }

    [Benchmark(Baseline = true)]
    public long ReadPictures() => BytesIn("in");

    [Benchmark]
    public long ReadShards() => BytesIn("shards");

    [Benchmark]
    public long Merge()
    {
        var set = ShardSet.Find([_folder.File("shards")]);
        var totals = new SurveyTotals();
        var pictures = new MergedPictures(hasReport: true, mostTold: 100);
        foreach ((string shard, ShardMarker marker) in set.Shards)
        {
            totals.Add(SurveyTotals.ReadFrom(Path.Combine(shard, ShardFolder.StateFile)));
            pictures.Add(shard, marker, "");
        }

        new ChannelSurvey(_model!.Graph, totals: totals).Write(_folder.File("merged"));
        return pictures.Done == Pictures ? pictures.Done : throw new InvalidOperationException($"{pictures.Done} pictures");
    }

    [GlobalCleanup]
    public void DeleteFolder() => _folder.Dispose();

    private long BytesIn(string folder) => Directory.EnumerateFiles(_folder.File(folder), "*", SearchOption.AllDirectories)
        .Sum(path => (long)File.ReadAllBytes(path).Length);

    private static void Run(params string[] args)
    {
        using Process run = Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "CnnOnnx.Visualizer.dll"), .. args]);
        run.WaitForExit();
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"{args[0]} ended with {run.ExitCode}.");
    }
}
