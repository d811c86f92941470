using System.Reflection;
using System.Runtime.InteropServices;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Doctor;

/// <summary>The computer, the packages and the native files beside the program.</summary>
internal static class MachineFacts
{
    private static readonly string[] NativeFiles = ["*onnxruntime*", "*OpenCvSharpExtern*", "*DirectML*"];

    // Of Linux only.
    private const string DriverFile = "/proc/driver/nvidia/version";

    public static IEnumerable<DoctorFact> Machine()
    {
        yield return new DoctorFact("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        yield return new DoctorFact(".NET", RuntimeInformation.FrameworkDescription);
        yield return new DoctorFact("threads", $"{Environment.ProcessorCount}");
        yield return new DoctorFact("memory",
            $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB for this process, {Environment.WorkingSet >> 20} MiB in use");
    }

    public static IEnumerable<DoctorFact> Packages()
    {
        yield return Version("CnnOnnx", typeof(OnnxModel).Assembly);
        yield return Version("Microsoft.ML.OnnxRuntime.Managed", typeof(InferenceSession).Assembly);
        yield return Version("OpenCvSharp4", typeof(Mat).Assembly);
        yield return Version("Google.Protobuf", typeof(Google.Protobuf.ByteString).Assembly);
        foreach (FileInfo file in Natives(AppContext.BaseDirectory))
            yield return new DoctorFact(file.Name,
                $"{file.Length >> 10} KiB in {Path.GetRelativePath(AppContext.BaseDirectory, file.DirectoryName!)}");
    }

    public static IEnumerable<DoctorFact> Cuda() => GpuLibrary.Cuda.Concat(OperatingSystem.IsWindows() ? GpuLibrary.DirectMl : [])
        .Concat(GpuLibrary.TensorRt)
        .Select(library => library.Found(GpuLibrary.CanLoad) is { } name
            ? new DoctorFact(library.What, name, FactState.Works)
            : new DoctorFact(library.What, $"missing: {string.Join(" or ", library.Names)}", FactState.Missing))
        .Concat(DriverVersion())
        .Append(new DoctorFact(CudaPlugin.Variable, CudaPlugin.Path ?? "not set, and no plugin beside the program"));

    private static IEnumerable<DoctorFact> DriverVersion() => File.Exists(DriverFile)
        ? [new DoctorFact("NVIDIA kernel module", File.ReadLines(DriverFile).FirstOrDefault() ?? "", FactState.Works)]
        : [];

    // Both packages of ONNX Runtime at once leave files of the one over files of the other, in either order.
    internal static string? Collision(IEnumerable<string> files, bool hasCudaProvider) =>
        !hasCudaProvider && files.Any(name => name.Contains("onnxruntime_providers_cuda", StringComparison.Ordinal))
            ? "files of ONNX Runtime's GPU package lie beside its CPU library: "
                + "reference one of the two packages and delete the output folder"
            : null;

    internal static IEnumerable<FileInfo> Natives(string folder) => NativeFiles
        .SelectMany(pattern =>
            Directory.EnumerateFiles(folder, pattern, new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }))
        .Where(path => Path.GetExtension(path) is ".so" or ".dll" or ".dylib" && !IsManaged(path) && IsForThisSystem(path))
        .Order(StringComparer.Ordinal)
        .Select(path => new FileInfo(path));

    // A build for no system in particular carries the files of all, in runtimes/linux-x64/native and the like.
    private static bool IsForThisSystem(string path)
    {
        string[] parts = path.Split(Path.DirectorySeparatorChar);
        int runtimes = Array.LastIndexOf(parts, "runtimes");
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return runtimes < 0 || parts[runtimes + 1] == $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static bool IsManaged(string path) => Path.GetFileName(path) == "Microsoft.ML.OnnxRuntime.dll";

    // The informational version is the package's; a hash of the sources may follow a plus sign.
    private static DoctorFact Version(string name, Assembly assembly) => new(name,
        (assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? $"{assembly.GetName().Version}")
            .Split('+')[0]);
}
