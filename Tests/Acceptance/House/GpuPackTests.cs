using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>Checks what goes to a machine with a GPU and nothing else: thinned CUDA code, and the script that runs there.</summary>
[TestClass]
public sealed class GpuPackTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void ThinCuda_TwoFatbins_KeepsHeadersAndTheCodeOfOneGeneration()
    {
        byte[] library = SyntheticFatbins.Library();
        File.WriteAllBytes(_folder.File("in.so"), library);

        (int code, string output, _) = Thin(_folder.File("in.so"), _folder.File("out.so"), "--arch", "sm_90");

        Assert.AreEqual(0, code, output);
        Assert.Contains("2 fatbins, 5 entries for sm_75, sm_90, sm_120: 56 of 136 bytes kept for sm_90", output);
        byte[] thin = File.ReadAllBytes(_folder.File("out.so"));
        AssertCode(library, thin, arch => arch == 90);
    }

    [TestMethod]
    public void ThinCuda_Common_LeavesOutWhatOneGenerationLacks()
    {
        byte[] library = SyntheticFatbins.Library();
        File.WriteAllBytes(_folder.File("in.so"), library);

        (int code, string output, _) = Thin(_folder.File("in.so"), _folder.File("out.so"), "--arch", "sm_90", "--common");

        Assert.AreEqual(0, code, output);
        Assert.Contains("32 of 136 bytes kept for sm_90", output);
    }

    [TestMethod]
    [DataRow("sm_80", "error: has no code for sm_80, only for sm_75, sm_90, sm_120")]
    [DataRow("90", "error: --arch is '90', expected sm_ and a number such as sm_90")]
    public void ThinCuda_UnknownGeneration_SaysWhichThereAre(string arch, string expected)
    {
        File.WriteAllBytes(_folder.File("in.so"), SyntheticFatbins.Library());

        (int code, _, string error) = Thin(_folder.File("in.so"), _folder.File("out.so"), "--arch", arch);

        Assert.AreEqual(2, code);
        Assert.AreEqual(expected, error.Trim());
        Assert.IsFalse(File.Exists(_folder.File("out.so")));
    }

    [TestMethod]
    public void ThinCuda_BrokenFatbin_IsRefused()
    {
        byte[] library = SyntheticFatbins.Library();
        // The size of the first entry's code, by 2 GiB.
        library[SyntheticFatbins.SectionStart + 16 + 8 + 3] = 0x7f;
        File.WriteAllBytes(_folder.File("in.so"), library);

        (int code, _, string error) = Thin(_folder.File("in.so"), _folder.File("out.so"), "--arch", "sm_90");

        Assert.AreEqual(2, code);
        Assert.AreEqual("error: .nv_fatbin has a broken entry at 0x10", error.Trim());
    }

    [TestMethod]
    public void RunGpu_StepThatFails_LosesNoOther()
    {
        OnLinux();
        string parts = Pack("""
            #!/bin/sh
            case "$*" in
              compare*bad*) echo 'error: it "broke"' >&2; exit 2 ;;
              *--json*) echo '{ "a": 1 }' ;;
              *) echo a line ;;
            esac

            """);

        (int code, string output, string error) = RunGpu(parts, "--phase", "doctor,check");

        Assert.AreEqual(1, code, output + error);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(_folder.File("out/gpu.json")));
        Dictionary<string, JsonElement> steps = result.RootElement.GetProperty("steps").EnumerateArray()
            .ToDictionary(s => s.GetProperty("name").GetString()!);
        Assert.AreEqual("a line", steps["doctor-words"].GetProperty("output").GetString());
        Assert.AreEqual(1, steps["doctor-json"].GetProperty("result").GetProperty("a").GetInt32());
        Assert.IsTrue(steps["check-good"].GetProperty("ok").GetBoolean());
        Assert.IsFalse(steps["check-bad"].GetProperty("ok").GetBoolean());
        Assert.AreEqual(2, steps["check-bad"].GetProperty("exit").GetInt32());
        Assert.AreEqual("error: it \"broke\"", steps["check-bad"].GetProperty("errors").GetString());
        (code, string table, error) = Script("GpuTable.cs", _folder.File("out/gpu.json"));
        Assert.AreEqual(0, code, error);
        Assert.Contains("| bad | – | – | – | – | failed with exit code 2: error: it \"broke\" |", table);
    }

    [TestMethod]
    public void RunGpu_BrokenPart_IsRefusedBeforeAnythingRuns()
    {
        OnLinux();
        string parts = Pack("#!/bin/sh\n");
        File.AppendAllText(Path.Combine(parts, "program.tar.xz.00"), "x");

        (int code, _, string error) = RunGpu(parts, "--phase", "doctor");

        Assert.AreEqual(2, code);
        Assert.Contains("error: a part of program is missing or broken", error);
        Assert.IsFalse(File.Exists(_folder.File("out/gpu.json")));
    }

    private static void AssertCode(byte[] before, byte[] after, Func<uint, bool> isKept)
    {
        byte[] expected = [.. before];
        foreach ((uint arch, int offset, int length) in SyntheticFatbins.Entries)
            if (!isKept(arch))
                expected.AsSpan(SyntheticFatbins.SectionStart + offset, length).Clear();
        CollectionAssert.AreEqual(expected, after);
    }

    private static void OnLinux()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Skipped: the script is for Linux.");
    }

    // A program of its own in place of visualizer, in two parts.
    private string Pack(string program)
    {
        string script = $"""
            set -e
            cd '{_folder.Path}'
            mkdir -p native/libs native/std program/bin program/models program/build parts
            touch native/libx.so program/models/good.onnx program/models/bad.onnx program/models/cat.jpg
            cp program.sh program/bin/visualizer
            chmod +x program/bin/visualizer
            tar -c native | xz | split -b 100 -d - parts/native.tar.xz.
            tar -c program | xz | split -b 100 -d - parts/program.tar.xz.
            (cd parts && sha256sum *.xz.* > SHA256SUMS)
            rm -r native program
            """;
        File.WriteAllText(_folder.File("program.sh"), program);
        (int code, _, string error) = Start("bash", "-c", script);
        Assert.AreEqual(0, code, error);
        return _folder.File("parts");
    }

    private (int Code, string Output, string Error) RunGpu(string parts, params string[] options) =>
        Start("bash", [Path.Combine(Repository.Root, "build", "run-gpu.sh"), parts, _folder.File("out"),
            "--work", _folder.File("work"), "--device", "cpu", .. options]);

    private static (int Code, string Output, string Error) Thin(params string[] arguments) => Script("ThinCuda.cs", arguments);

    private static (int Code, string Output, string Error) Script(string name, params string[] arguments) =>
        Start("dotnet", ["run", Path.Combine(Repository.Root, "build", name), "--", .. arguments]);

    private static (int Code, string Output, string Error) Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
