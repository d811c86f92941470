using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Commands;
using CnnOnnx.Visualizer.Doctor;

namespace CnnOnnx.Tests.Doctor;

[TestClass]
public sealed class DoctorChecksTests
{
    private static readonly string[] NoFiles = [];

    [TestMethod]
    public void Doctor_OnThisMachine_FindsThatTheCpuWorks()
    {
        var output = new StringWriter();
        int code = CommandHost.Run(VisualizerCommands.Root(), ["doctor", "--json"], output, new StringWriter());

        Assert.AreEqual(ExitCode.Done, code);
        using JsonDocument report = JsonDocument.Parse(output.ToString());
        JsonElement[] facts = [.. report.RootElement.GetProperty("sections").EnumerateArray().SelectMany(s =>
            s.GetProperty("facts").EnumerateArray())];
        Assert.AreEqual("works", StateOf("CPU"));
        Assert.AreEqual("works", StateOf("Motion JPEG in AVI"));
        Assert.Contains("well", report.RootElement.GetProperty("verdict").GetString()!);

        string? StateOf(string name) => facts.Last(f => f.GetProperty("name").GetString() == name).GetProperty("state").GetString();
    }

    [TestMethod]
    public void Judge_OpenCvDoesNotLoad_SaysWhatToInstall()
    {
        DoctorReport report = DoctorChecks.Judge([Probe("CPU", FactState.Works), Broken("OpenCV")], NoFiles);

        Assert.IsFalse(report.Works);
        Assert.Contains("OpenCV cannot be loaded", report.Verdict);
        Assert.HasCount(1, report.NextSteps);
    }

    [TestMethod]
    public void Judge_NothingLoads_NamesBoth()
    {
        DoctorReport report = DoctorChecks.Judge([Broken("Runs on"), Broken("OpenCV")], NoFiles);

        Assert.AreEqual("ONNX Runtime and OpenCV cannot be loaded; nothing can be drawn", report.Verdict);
        Assert.HasCount(2, report.NextSteps);
    }

    [TestMethod]
    public void Judge_NvidiaGpuWithoutProvider_TellsHowToUseIt()
    {
        DoctorReport report = DoctorChecks.Judge(
        [
            new DoctorSection("ONNX Runtime", [new DoctorFact("GPU", "NVIDIA (vendor 0x10de, device 0x2330)")]),
            new DoctorSection("Runs on",
                [new DoctorFact("CPU", "", FactState.Works), new DoctorFact("CUDA", "it is in a package", FactState.Missing)]),
            new DoctorSection("OpenCV", [new DoctorFact("OpenCV", "4")]),
        ], NoFiles);

        Assert.IsTrue(report.Works);
        Assert.AreEqual("all is well on the CPU; the NVIDIA GPU is not used", report.Verdict);
        CollectionAssert.AreEqual(new[] { "to use the NVIDIA GPU: it is in a package" }, report.NextSteps);
    }

    [TestMethod]
    public void Judge_CudaRunsWithoutAPartOfCuDnn_SaysThatNetworksMayFail()
    {
        DoctorReport report = DoctorChecks.Judge(
        [
            new DoctorSection("Runs on", [new DoctorFact("CPU", "", FactState.Works), new DoctorFact("CUDA", "", FactState.Works)]),
            new DoctorSection("Libraries for GPUs",
            [
                DoctorFact.Of("cuDNN 9", true, ""), DoctorFact.Of("cuDNN 9 cnn", false, ""), DoctorFact.Of("TensorRT", false, ""),
            ]),
            new DoctorSection("OpenCV", [new DoctorFact("OpenCV", "4")]),
        ], NoFiles);

        Assert.AreEqual("models run on CUDA and on the CPU, but cuDNN is not whole", report.Verdict);
        CollectionAssert.AreEqual(new[]
        {
            "put all libraries of one cuDNN 9 into the library path, since some networks fail on CUDA: cuDNN 9 cnn missing",
        }, report.NextSteps);
    }

    [TestMethod]
    public void Lines_LibrariesOfGpus_AreOneLineWhereNobodyAskedForThem()
    {
        DoctorSection gpus = new("Libraries for GPUs", [.. Enumerable.Range(0, 18).Select(i =>
            DoctorFact.Of($"library {i}", false, $"missing: lib{i}.so"))]);
        DoctorSection[] sections = [Probe("CPU", FactState.Works), gpus, new DoctorSection("OpenCV", [new DoctorFact("OpenCV", "4")])];
        string[] folded = [.. DoctorChecks.Judge(sections, NoFiles).Lines()];
        Assert.HasCount(1, folded.Where(line => line.Contains("librar", StringComparison.Ordinal)));
        Assert.Contains("18 libraries  missing; no GPU is seen and none was asked for ('visualizer doctor --device cuda' lists them)",
            string.Join('\n', folded));
        Assert.HasCount(18, DoctorChecks.Judge(sections, NoFiles, wantsGpu: true).Lines().Where(line => line.Contains("missing: lib")));
        var nvidia = new DoctorSection("ONNX Runtime", [new DoctorFact("GPU", "NVIDIA (vendor 0x10de, device 0x2330)")]);
        Assert.HasCount(18, DoctorChecks.Judge([nvidia, new DoctorSection("Runs on", [new DoctorFact("CPU", "", FactState.Works),
            new DoctorFact("CUDA", "it is in a package", FactState.Missing)]), gpus], NoFiles).Lines()
            .Where(line => line.Contains("missing: lib")));
    }

    [TestMethod]
    public void Judge_FilesOfBothRuntimePackages_AreTheReason()
    {
        DoctorReport report = DoctorChecks.Judge([Probe("CPU", FactState.Works),
            new DoctorSection("OpenCV", [new DoctorFact("OpenCV", "4")])],
            ["libonnxruntime.so", "libonnxruntime_providers_cuda.so"]);

        Assert.Contains("reference one of the two packages", report.NextSteps.Single());
    }

    [TestMethod]
    public void Try_LookThatThrows_IsAFact()
    {
        DoctorSection section = DoctorSection.Try("x", () =>
            throw new TypeInitializationException("T", new DllNotFoundException("libx.so: not there\nmore")));

        Assert.AreEqual("libx.so: not there", section.Facts.Single().Words);
        Assert.AreEqual(FactState.Missing, section.Facts.Single().State);
    }

    private static DoctorSection Probe(string name, FactState state) => new("Runs on", [new DoctorFact(name, "", state)]);

    private static DoctorSection Broken(string title) => DoctorSection.Try(title, () => throw new DllNotFoundException("not there"));
}
