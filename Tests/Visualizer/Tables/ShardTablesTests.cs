using System.Diagnostics;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Tables;

/// <summary>Tables of shards that are put together have the rows of one run.</summary>
[TestClass]
public sealed class ShardTablesTests
{
    private static readonly string[] Tables = ["--tables", "parquet", "--vectors", "relu*"];
    private static readonly string[] Kinds = ["statistics", "classes", "vectors"];

    private readonly ShardedFolder _dump = new();
    private readonly Duck _duck = new();

    [TestCleanup]
    public void DeleteFolder()
    {
        _duck.Dispose();
        _dump.Dispose();
    }

    [TestMethod]
    [DataRow(1, "folders")]
    [DataRow(2, "mosaics,report,kernels,pca,stats")]
    [DataRow(7, "folders")]
    public void Merge_AnyNumberOfShards_HasTheRowsOfOneRun(int shards, string without)
    {
        string[] options = ["--without", without, .. Tables];
        Assert.AreEqual(2, _dump.RunSingle("single", options).ExitCode, "One picture cannot be used.");
        Assert.AreEqual(0, _dump.MakePlan(shards, options).ExitCode);
        _dump.RunAll(shards);
        // What another merge left is not read with it.
        Directory.CreateDirectory(_dump.File("merged", "tables", "classes", "shard=00099"));
        File.Copy(_dump.File("single", "tables", "classes", "shard=00000", "part.parquet"),
            _dump.File("merged", "tables", "classes", "shard=00099", "part.parquet"));
        Assert.AreEqual(2, _dump.Merge("shards", "merged").ExitCode);
        foreach (string kind in Kinds)
        {
            string expected = $"select * exclude (shard) from {Duck.Parquet(_dump.File("single", "tables", kind))}";
            string actual = $"select * exclude (shard) from {Duck.Parquet(_dump.File("merged", "tables", kind))}";
            _duck.AssertSameRows(expected, actual);
            // In the order of the inputs, in files that are read in the order of their names.
            if (kind != "vectors")
                CollectionAssert.AreEqual(_duck.Rows($"select number from ({expected})").Select(row => row[0]).ToArray(),
                    _duck.Rows($"select number from ({actual})").Select(row => row[0]).ToArray());
            Assert.AreEqual(shards, _duck.Number(
                $"select count(distinct shard) from {Duck.Parquet(_dump.File("merged", "tables", kind))}"));
        }

        float[] parts = [.. Directory.EnumerateFiles(_dump.File("merged", "tables", "npy", "tensor=relu3"))
            .Order(StringComparer.Ordinal).SelectMany(path => NpyFile.Read(path).As<float>().ToArray())];
        TensorData whole = NpyFile.Read(_dump.File("single", "tables", "npy", "tensor=relu3", "00000.npy"));
        CollectionAssert.AreEqual(whole.As<float>().ToArray(), parts);
    }

    /// <summary>With folders the rows of what is done come from the manifests.</summary>
    [TestMethod]
    public void Shard_TableDamaged_IsMadeAgain()
    {
        _dump.MakePlan(1, ["--without", "mosaics,report,kernels,pca,stats", .. Tables]);
        _dump.RunAll(1);
        _dump.RunAll(1, "undisturbed");
        File.AppendAllText(_dump.File("shards", "shard-00000", "tables", "statistics", "shard=00000", "part.parquet"), " ");
        Assert.Contains("shard 0 is damaged: tables/statistics/shard=00000/part.parquet has changed",
            _dump.Merge("shards", "merged").LastError);
        ProgramRun again = _dump.RunShard("0/1");
        Assert.Contains($"{ShardedFolder.Pictures - 1} of {ShardedFolder.Pictures} inputs were done already", again.Error);
        AssertUndisturbed("shard-00000");
    }

    /// <summary>Without folders it is the checkpoint that has the rows of what is done.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Shard_WithoutFoldersAskedToEnd_GoesOnWithItsRows()
    {
        for (int i = 0; i < 400; i++)
            TestPictures.Write(_dump.File("in", "more", $"{i}.png"), seed: i);
        _dump.MakePlan(2, ["--without", "folders", .. Tables]);
        using Process worker = VisualizerProcess.Start(_dump.ShardArguments("1/2"));
        // Results are told for each ten.
        for (int line = 0; line < 3; line++)
            worker.StandardOutput.ReadLine();
        using (Process.Start("kill", ["-TERM", $"{worker.Id}"]))
        {
        }

        Assert.AreEqual(130, worker.Finish().ExitCode);
        Assert.HasCount(1, Directory.GetFiles(_dump.File("shards", "shard-00001"), ".rows-*"));
        ProgramRun again = _dump.RunShard("1/2");
        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.Contains(" inputs were done already", again.Error);
        _dump.RunShard("1/2", "undisturbed");
        AssertUndisturbed("shard-00001");
    }

    private void AssertUndisturbed(string shard)
    {
        (string expected, string made) = (Path.Combine("undisturbed", shard), Path.Combine("shards", shard));
        CollectionAssert.AreEqual(_dump.Tree(expected), _dump.Tree(made));
        string[] tables = [.. _dump.Tree(Path.Combine(expected, "tables")).Select(file => Path.Combine("tables", file))];
        Assert.HasCount(2 + 4 * 2 + 1, tables);
        _dump.AssertSame(expected, made, [.. tables, "shard.json"]);
    }
}
