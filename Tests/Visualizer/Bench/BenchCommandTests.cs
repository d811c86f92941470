using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Bench;

[TestClass]
public sealed class BenchCommandTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Bench_Json_HasEveryStage()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        ProgramRun run = ProgramRun.Visualizer("bench", model, "--runs", "2", "--json", "--threads", "2");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        JsonElement result = JsonDocument.Parse(run.Output).RootElement;
        JsonElement[] stages = [.. result.GetProperty("stages").EnumerateArray()];
        Assert.AreEqual("plain exposed memory statistics render encode dump",
            string.Join(' ', stages.Select(s => s.GetProperty("name").GetString())));
        Assert.IsTrue(stages.All(s => s.GetProperty("milliseconds").GetDouble() > 0));
        Assert.AreEqual(12, result.GetProperty("tensors").GetInt32());
        Assert.IsGreaterThan(0, result.GetProperty("memoryToExposed").GetDouble());
    }

    [TestMethod]
    public void Bench_Words_NameTheRatios()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("a.png"));
        ProgramRun run = ProgramRun.Visualizer("bench", model, picture, "--runs", "1", "--ops", "Conv");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("2 tensors", run.Output);
        Assert.Contains("dump of all tensors into memory:", run.Output);
        Assert.Contains("Mpixel/s", run.Output);
    }
}
