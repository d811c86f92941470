using System.Text.Json;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Tables;

/// <summary>Tables of a dump of many inputs, read by DuckDB, against what the folders of the inputs say.</summary>
[TestClass]
public sealed class DumpTablesTests
{
    private const string Values = "tensor, op, dtype, count, min, max, mean, std, zeros, nan, inf";

    private readonly ShardedFolder _dump = new();
    private readonly Duck _duck = new();

    [TestCleanup]
    public void DeleteFolder()
    {
        _duck.Dispose();
        _dump.Dispose();
    }

    private static string[] Few => ["--without", "mosaics,report,kernels,pca"];

    [TestMethod]
    public void Dump_Tables_SayWhatTheFoldersSay()
    {
        ProgramRun run = _dump.RunSingle("out", [.. Few, "--raw", "npz", "--tables", "parquet", "--vectors", "*conv?", "fc1", "logits"]);
        Assert.AreEqual(2, run.ExitCode, "One picture cannot be used.");
        string statistics = Duck.Parquet(_dump.File("out", "tables", "statistics"));
        // stats.csv, read by DuckDB, too: floats as they are, and digits that give a double back.
        _duck.AssertSameRows($"select {Values.Replace("min, max", "min::float min, max::float max")} "
            + $"from read_csv('{_dump.File("out")}/*/stats.csv') where channel is null", $"select {Values} from {statistics}");
        Assert.AreEqual(ShardedFolder.Pictures - 1, _duck.Number($"select count(distinct picture) from {statistics}"));
        // Six maps of 28 by 28, of one picture although four run together.
        CollectionAssert.AreEqual(new object[] { 1L, 6L, 28L, 28L },
            ((IEnumerable<long>)_duck.Rows($"select distinct shape from {statistics} where tensor = 'conv1'").Single()[0])
                .Cast<object>().ToArray());

        AssertClasses();
        AssertVectors();
    }

    /// <summary>Tables of what is done already are made from the manifests; with or without folders they are the same.</summary>
    [TestMethod]
    public void Dump_TablesOfWhatIsDone_AreTheSame()
    {
        string[] tables = ["--tables", "parquet", "--vectors", "relu*"];
        _dump.RunSingle("out", Few);
        Assert.IsFalse(Directory.Exists(_dump.File("out", "tables")));
        ProgramRun again = _dump.RunSingle("out", [.. Few, "--resume", .. tables]);
        Assert.Contains($"{ShardedFolder.Pictures - 1} of {ShardedFolder.Pictures} inputs were done already", again.Error);
        _dump.RunSingle("bare", ["--without", "folders", .. tables]);
        CollectionAssert.AreEqual(_dump.Tree(Path.Combine("out", "tables")), _dump.Tree(Path.Combine("bare", "tables")));
        _dump.AssertSame(Path.Combine("out", "tables"), Path.Combine("bare", "tables"), _dump.Tree(Path.Combine("out", "tables")));
        Assert.HasCount(2 + 4 * 2 + 1, _dump.Tree(Path.Combine("out", "tables")), "Statistics, classes, four tensors twice, the index.");

        // Fewer tables, and none of the earlier ones between them.
        Assert.AreEqual(2, _dump.RunSingle("out", [.. Few, "--tables", "parquet", "--vectors", "relu3"]).ExitCode);
        Assert.HasCount(2 + 2 + 1, _dump.Tree(Path.Combine("out", "tables")));
    }

    /// <summary>Names that a path could misread are read back by DuckDB.</summary>
    [TestMethod]
    public void Dump_NamesWithSlashes_ComeBackAsColumns()
    {
        string[] names = ["/block.0/relu:1", "a b", "50%"];
        using var folder = new TemporaryFolder();
        string model = SmallNetworks.Named(names).SaveTo(folder);
        for (int i = 0; i < 2; i++)
        {
            string path = folder.File("in", $"{i}.npy");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            NpyFile.Write(path, TensorData.FromArray([.. Enumerable.Repeat(1f + i, 16)], new TensorShape(1, 1, 4, 4)));
        }

        ProgramRun run = ProgramRun.Visualizer(["dump", model, folder.File("in"), "--out", folder.File("out"), "--without", "folders",
            "--tables", "parquet", "--vectors", .. names]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        string vectors = Duck.Parquet(folder.File("out", "tables", "vectors"));
        CollectionAssert.AreEquivalent(names, _duck.Rows($"select distinct tensor from {vectors}").Select(row => row[0]).ToArray());
        Assert.AreEqual(3 * 2, _duck.Number($"select count(*) from {vectors} where vector = [1::float + number]"));
    }

    [TestMethod]
    [DataRow("--vectors relu3", "--vectors says what is in the tables of all inputs, and needs --tables parquet")]
    [DataRow("--tables parquet --vectors conv9", "--vectors is 'conv9', which names none of the 12 tensors of this dump: "
        + "conv1, relu_conv1, pool1, conv2, relu_conv2, pool2, flat, fc1, …")]
    public void WrongUse_IsOneLine(string words, string message)
    {
        ProgramRun run = _dump.RunSingle("out", words.Split(' '));
        Assert.AreEqual((2, "error: " + message), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void OneInput_HasNoTables()
    {
        ProgramRun run = ProgramRun.Visualizer("dump", _dump.Model, _dump.File("in", "0", "0.png"), "--out", _dump.File("out"),
            "--tables", "parquet");
        Assert.AreEqual((2, "error: --tables puts what is known of many inputs together, and there is one input"),
            (run.ExitCode, run.LastError));
    }

    private void AssertClasses()
    {
        List<object[]> rows = _duck.Rows("select picture, class, label, score, top_classes, top_labels, top_scores "
            + $"from {Duck.Parquet(_dump.File("out", "tables", "classes"))} order by number");
        Assert.HasCount(ShardedFolder.Pictures - 1, rows);
        foreach (object[] row in rows)
        {
            using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(_dump.File("out", FolderOf(row[0]), "manifest.json")));
            JsonElement[] top = [.. manifest.RootElement.GetProperty("scores").GetProperty("top").EnumerateArray()];
            CollectionAssert.AreEqual(top.Select(t => t.GetProperty("index").GetInt32()).ToArray(), (List<int>)row[4]);
            CollectionAssert.AreEqual(top.Select(t => t.GetProperty("label").GetString()).ToArray(), (List<string>)row[5]);
            CollectionAssert.AreEqual(top.Select(t => t.GetProperty("probability").GetDouble()).ToArray(), (List<double>)row[6]);
            CollectionAssert.AreEqual(new object[] { ((List<int>)row[4])[0], ((List<string>)row[5])[0], ((List<double>)row[6])[0] },
                row[1..4]);
        }
    }

    private void AssertVectors()
    {
        string vectors = Duck.Parquet(_dump.File("out", "tables", "vectors"));
        CollectionAssert.AreEqual(new object[] { "conv1", "conv2", "fc1", "logits", "relu_conv1", "relu_conv2" },
            _duck.Rows($"select distinct tensor from {vectors} order by tensor").Select(row => row[0]).ToArray());
        foreach (string tensor in new[] { "conv1", "relu_conv2", "fc1" })
        {
            List<object[]> rows = _duck.Rows($"select picture, vector, number from {vectors} where tensor = '{tensor}' order by number");
            List<object[]> index = _duck.Rows(
                $"select picture, row, number from read_csv('{_dump.File("out", "tables", "npy", "index", "00000.csv")}') order by row");
            TensorData all = NpyFile.Read(_dump.File("out", "tables", "npy", $"tensor={tensor}", "00000.npy"));
            ReadOnlySpan<float> npy = all.As<float>();
            Assert.HasCount(ShardedFolder.Pictures - 1, rows);
            for (int i = 0; i < rows.Count; i++)
            {
                float[] vector = [.. (List<float>)rows[i][1]];
                Assert.AreEqual(new TensorShape(rows.Count, vector.Length), all.Shape);
                CollectionAssert.AreEqual(vector, npy.Slice(i * vector.Length, vector.Length).ToArray());
                CollectionAssert.AreEqual(new[] { rows[i][0], (long)i, rows[i][2] }, index[i]);
                AssertMeans(vector, Path.Combine(FolderOf(rows[i][0]), "activations.npz"), tensor);
            }
        }
    }

    // The mean as a float is off by half of its last bit, 2⁻²⁴ of it; sums of at most 784 doubles in another order by far less.
    private void AssertMeans(float[] vector, string archive, string tensor)
    {
        using NpzReader npz = NpzReader.Open(_dump.File("out", archive));
        ReadOnlySpan<float> values = npz.Read(tensor).As<float>();
        int area = values.Length / vector.Length;
        for (int channel = 0; channel < vector.Length; channel++)
        {
            double sum = 0;
            foreach (float value in values.Slice(channel * area, area))
                sum += value;
            Assert.AreEqual(sum / area, vector[channel], Math.Abs(sum / area) * Math.Pow(2, -24) + 1e-12);
        }
    }

    private static string FolderOf(object picture) => Path.ChangeExtension((string)picture, null).Replace('/', '_');
}
