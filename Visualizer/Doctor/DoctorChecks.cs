using CnnOnnx.Inference;

namespace CnnOnnx.Visualizer.Doctor;

/// <summary>Looks at everything that a program of ONNX Runtime and OpenCV needs, and says what to do about what is missing.</summary>
internal static class DoctorChecks
{
    private const string Runtime = "ONNX Runtime", Probes = "Runs on", OpenCv = "OpenCV", Windows = "Windows on the screen",
        Cuda = "Libraries for GPUs";

    /// <param name="wanted">The device that somebody wants to use: what a GPU lacks is listed one by one only where one is wanted.</param>
    public static DoctorReport Run(ComputeDevice wanted) => Judge(
    [
        DoctorSection.Try("Machine", MachineFacts.Machine),
        DoctorSection.Try("Packages", MachineFacts.Packages),
        DoctorSection.Try(Runtime, RuntimeFacts.Runtime),
        DoctorSection.Try(Probes, RuntimeFacts.Probes),
        DoctorSection.Try(Cuda, MachineFacts.Cuda),
        DoctorSection.Try(OpenCv, PictureFacts.OpenCv),
        DoctorSection.Try("Videos", PictureFacts.Videos),
        DoctorSection.Try(Windows, PictureFacts.Windows),
    ], MachineFacts.Natives(AppContext.BaseDirectory).Select(f => f.Name), wanted != ComputeDevice.Auto && wanted != ComputeDevice.Cpu);

    /// <summary>The verdict on what was found.</summary>
    /// <param name="sections">Findings.</param>
    /// <param name="nativeFiles">Names of the native libraries beside the program.</param>
    /// <param name="wantsGpu">True when a GPU was asked for.</param>
    internal static DoctorReport Judge(DoctorSection[] sections, IEnumerable<string> nativeFiles, bool wantsGpu = false)
    {
        DoctorFact[] probes = Facts(Probes);
        bool hasRuntime = probes.Any(p => p is { Name: "CPU", State: FactState.Works });
        bool hasOpenCv = Facts(OpenCv).Any(f => f.State != FactState.Missing);
        string[] gpus = [.. probes.Where(p => p.State == FactState.Works && p.Name != "CPU").Select(p => p.Name)];
        bool seesNvidia = Facts(Runtime).Any(f => f.Name == "GPU" && f.Words.Contains("0x10de", StringComparison.Ordinal))
            || Facts(Cuda).Any(f => f is { Name: "the NVIDIA driver", State: FactState.Works });

        string[] cudnn = gpus.Length == 0 ? [] : [.. Facts(Cuda).Where(f => f.State == FactState.Missing
            && f.Name.StartsWith("cuDNN", StringComparison.Ordinal)).Select(f => f.Name)];

        var steps = new List<string>();
        if (!hasRuntime)
            steps.Add("add the package Microsoft.ML.OnnxRuntime or Microsoft.ML.OnnxRuntime.Gpu to the program, one of the two");
        if (!hasOpenCv)
            steps.Add(OperatingSystem.IsWindows()
                ? "add the package OpenCvSharp4.runtime.win to the program"
                : "install GTK 3 (apt-get install libgtk-3-0, dnf install gtk3) "
                    + "and add the package OpenCvSharp4.official.runtime.linux-x64");
        if (MachineFacts.Collision(nativeFiles,
            Facts(Runtime).Any(f => f.Words.Contains("CUDAExecutionProvider", StringComparison.Ordinal))) is { } collision)
            steps.Add(collision);
        else if (seesNvidia && gpus.Length == 0 && hasRuntime)
            steps.Add($"to use the NVIDIA GPU: {probes.First(p => p.Name == "CUDA").Words}");
        if (cudnn.Length > 0)
            steps.Add("put all libraries of one cuDNN 9 into the library path, since some networks fail on CUDA: "
                + $"{string.Join(", ", cudnn)} missing");
        if (Facts(Windows).FirstOrDefault(f => f.State == FactState.Missing) is { } window)
            steps.Add($"for 'visualizer live': {window.Words}");

        string[] lacking = [.. new[] { hasRuntime ? "" : "ONNX Runtime", hasOpenCv ? "" : "OpenCV" }.Where(w => w.Length > 0)];
        string verdict = lacking.Length > 0 ? $"{string.Join(" and ", lacking)} cannot be loaded; nothing can be drawn"
            : cudnn.Length > 0 ? $"models run on {string.Join(", ", gpus)} and on the CPU, but cuDNN is not whole"
            : gpus.Length > 0 ? $"all is well; models run on {string.Join(", ", gpus)} and on the CPU"
            : "all is well on the CPU; " + (seesNvidia ? "the NVIDIA GPU is not used" : "no GPU is seen");
        return new DoctorReport(verdict, [.. steps], sections)
        {
            Works = lacking.Length == 0,
            Folded = wantsGpu || seesNvidia || gpus.Length > 0 ? null : Cuda,
        };

        DoctorFact[] Facts(string title) => sections.FirstOrDefault(s => s.Title == title)?.Facts ?? [];
    }
}
