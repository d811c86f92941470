using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>Runs the script that measures on a machine with a GPU, here without one and with a program of the test's own.</summary>
[TestClass]
public sealed class GpuRunTests
{
    // Dumps two pictures and ends, or as many as it has time for; a tenth of a second each.
    private const string Dumper = """
        #!/bin/sh
        case "$*" in
          *cuda:9*) echo 'error: no such card' >&2; exit 2 ;;
          dump*pictures-1000*) ;;
          *--json*) echo '{ "a": 1 }'; exit ;;
          *) echo a line; exit ;;
        esac
        trap 'exit 143' TERM
        while [ $# -gt 0 ]; do [ "$1" = --out ] && out=$2; shift; done
        last=$(ls "$out" 2>/dev/null | wc -l) made=0
        while [ "$made" -lt COUNT ]; do
          made=$((made + 1))
          mkdir -p "$out/$((last + made))"
          : > "$out/$((last + made))/manifest.json"
          sleep 0.1
        done

        """;

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void RunGpu_StepThatFails_LosesNoOther()
    {
        GpuScripts.OnLinux();
        string parts = GpuScripts.Pack(_folder, """
            #!/bin/sh
            case "$*" in
              compare*bad*) echo 'error: it "broke"' >&2; exit 2 ;;
              *--json*) echo '{ "a": 1 }' ;;
              *) echo a line ;;
            esac

            """);

        (int code, string output, string error) = GpuScripts.Run(_folder, parts, "--phase", "doctor,check");

        Assert.AreEqual(1, code, output + error);
        Dictionary<string, JsonElement> steps = Steps();
        Assert.AreEqual("a line", steps["doctor-words"].GetProperty("output").GetString());
        Assert.AreEqual(1, steps["doctor-json"].GetProperty("result").GetProperty("a").GetInt32());
        Assert.IsTrue(steps["check-good"].GetProperty("ok").GetBoolean());
        Assert.IsFalse(steps["check-bad"].GetProperty("ok").GetBoolean());
        Assert.AreEqual(2, steps["check-bad"].GetProperty("exit").GetInt32());
        Assert.AreEqual("error: it \"broke\"", steps["check-bad"].GetProperty("errors").GetString());
        (code, string table, error) = GpuScripts.Script("GpuTable.cs", _folder.File("out/gpu.json"));
        Assert.AreEqual(0, code, error);
        Assert.Contains("| bad | – | – | – | – | failed with exit code 2: error: it \"broke\" |", table);
    }

    [TestMethod]
    public void RunGpu_BrokenPart_IsRefusedBeforeAnythingRuns()
    {
        GpuScripts.OnLinux();
        string parts = GpuScripts.Pack(_folder, "#!/bin/sh\n");
        File.AppendAllText(Path.Combine(parts, "program.tar.xz.00"), "x");

        (int code, _, string error) = GpuScripts.Run(_folder, parts, "--phase", "doctor");

        Assert.AreEqual(2, code);
        Assert.Contains("error: a part of program is missing or broken", error);
        Assert.IsFalse(File.Exists(_folder.File("out/gpu.json")));
    }

    [TestMethod]
    public void RunGpu_NoPhaseNamedAndNoPython_DoesAllThatCanBeDoneTheUnmeasuredFirst()
    {
        GpuScripts.OnLinux();
        string parts = GpuScripts.Pack(_folder, Dumper.Replace("COUNT", "2", StringComparison.Ordinal));

        (int code, string output, string error) = GpuScripts.Run(_folder, parts);

        Assert.AreEqual(0, code, output + error);
        string[] phases = [.. error.Split('\n').Where(line => line.Contains("== Phase ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[^1])];
        CollectionAssert.AreEqual(new[] { "doctor", "memory", "swin", "models", "check", "bench", "faults", "peer" }, phases);
        Dictionary<string, JsonElement> steps = Steps();
        foreach (string name in new[] { "doctor-first-run", "memory-1000", "check-good", "bench-dump-64-cpu", "faults-no-driver" })
            Assert.IsTrue(steps.ContainsKey(name), $"{name} of {string.Join(' ', steps.Keys)}");
        (code, string table, error) = GpuScripts.Script("GpuTable.cs", _folder.File("out/gpu.json"));
        Assert.AreEqual(0, code, error);
        Assert.Contains("Left out: models mobilenet_v2: there is no Python with PyTorch; ", table);
        Assert.Contains("2 pictures in ", table);
    }

    [TestMethod]
    public void RunGpu_MemoryBehindTheLimit_SaysHowFarItCameAndGoesOn()
    {
        GpuScripts.OnLinux();
        string[] options = ["--phase", "memory", "--memory-limit", "2"];

        (int code, _, string error) = GpuScripts.Run(
            _folder, GpuScripts.Pack(_folder, Dumper.Replace("COUNT", "1000", StringComparison.Ordinal)), options);

        Assert.AreEqual(0, code, error);
        JsonElement first = Steps()["memory-1000"].GetProperty("result");
        int made = first.GetProperty("pictures").GetInt32();
        Assert.IsGreaterThan(1, made);
        Assert.IsLessThan(100, made);
        Assert.IsTrue(first.GetProperty("stopped").GetBoolean());
        Assert.HasCount(4, first.GetProperty("hostMebibytes").EnumerateArray());
        Assert.IsFalse(first.GetProperty("grows").GetBoolean());

        (code, _, error) = GpuScripts.Run(
            _folder, GpuScripts.Pack(_folder, Dumper.Replace("COUNT", "3", StringComparison.Ordinal)), options);

        Assert.AreEqual(0, code, error);
        JsonElement second = Steps()["memory-1000"].GetProperty("result");
        Assert.AreEqual(made, second.GetProperty("before").GetInt32());
        Assert.AreEqual(3, second.GetProperty("pictures").GetInt32());
        Assert.IsFalse(second.GetProperty("stopped").GetBoolean());
        Assert.IsFalse(Directory.Exists(_folder.File("work/dump-1000")));
    }

    private Dictionary<string, JsonElement> Steps()
    {
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(_folder.File("out/gpu.json")));
        return result.RootElement.Clone().GetProperty("steps").EnumerateArray().ToDictionary(s => s.GetProperty("name").GetString()!);
    }
}
