using System.Diagnostics;
using System.IO.Compression;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.House;

/// <summary>The packages as other programs get them: packed here, restored from a folder, built, run.</summary>
[TestClass]
public sealed class PackageTests
{
    private const string Native = """
        <PackageReference Include="libtorch-cpu-linux-x64" Version="2.10.0" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.31.1" />
            <PackageReference Include="OpenCvSharp4.official.runtime.linux-x64" Version="4.13.0.20260627" />
        """;

    [TestMethod]
    [DataRow("Shared", "CnnOnnx")]
    [DataRow("Torch", "CnnOnnx.Torch")]
    public void Package_OfALibrary_HasReadmeIconNotesAndSymbols(string project, string id)
    {
        using var folder = new TemporaryFolder();
        Pack(project, folder.Path);
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(folder.Path, $"{id}.0.1.0.nupkg"));
        string[] names = [.. package.Entries.Select(e => e.FullName)];
        CollectionAssert.IsSubsetOf(new[] { "README.md", "icon.png", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml" }, names);
        using var readme = new StreamReader(package.GetEntry("README.md")!.Open());
        Assert.Contains("dotnet new console", readme.ReadToEnd());
        using var description = new StreamReader(package.GetEntry($"{id}.nuspec")!.Open());
        string text = description.ReadToEnd();
        Assert.Contains("<icon>icon.png</icon>", text);
        Assert.Contains("<releaseNotes># Changes", text);
        using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(folder.Path, $"{id}.0.1.0.snupkg"));
        Assert.IsNotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
    }

    [TestMethod]
    public void Torch_Package_CarriesWhatProgramsNeed()
    {
        using var folder = new TemporaryFolder();
        Pack("Torch", folder.Path);
        using ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(folder.Path, "CnnOnnx.Torch.*.nupkg").Single());
        string[] names = [.. package.Entries.Select(e => e.FullName)];
        string[] expected =
        [
            "lib/net10.0/CnnOnnx.Torch.dll", "lib/net10.0/CnnOnnx.Torch.xml", "README.md",
            "buildTransitive/CnnOnnx.Torch.targets", "buildTransitive/WeakGlibcxx.targets",
        ];
        foreach (string name in expected)
            CollectionAssert.Contains(names, name);
        using var description = new StreamReader(package.GetEntry("CnnOnnx.Torch.nuspec")!.Open());
        string text = description.ReadToEnd();
        Assert.Contains("<dependency id=\"CnnOnnx\" ", text);
        Assert.Contains("<dependency id=\"TorchSharp\" ", text);
        Assert.DoesNotContain("libtorch", text);
    }

    /// <summary>
    /// A new program with the package and the sample's code: its build says which native packages are missing, and with them it
    /// runs, also where the C++ library is older than TorchSharp asks for.
    /// </summary>
    [TestMethod]
    [TestCategory("Long")]
    [OSCondition(OperatingSystems.Linux)]
    public void Torch_InANewProgram_SaysWhatIsMissing_AndRuns()
    {
        using var folder = new TemporaryFolder();
        Pack("Shared", folder.File("feed"));
        Pack("Torch", folder.File("feed"));
        string others = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string program = folder.File("program");
        Directory.CreateDirectory(program);
        File.Copy(Path.Combine(Repository.Root, "Samples", "DifferentiateModel", "Program.cs"), Path.Combine(program, "Program.cs"));

        WriteProject("");
        (int code, string output) = Run("dotnet", "build", program, "-c", "Release", "-v", "quiet");
        Assert.AreEqual(0, code, output);
        string[] expected =
        [
            "CNNONNX001", "libtorch-cpu-linux-x64 2.10.0", "CNNONNX002", "Microsoft.ML.OnnxRuntime 1.31.1",
            "CNNONNX003", "OpenCvSharp4.official.runtime.linux-x64 4.13.0.20260627",
        ];
        foreach (string told in expected)
            Assert.Contains(told, output);

        WriteProject(Native);
        (code, output) = Run("dotnet", "build", program, "-c", "Release", "-v", "quiet");
        Assert.AreEqual(0, code, output);
        Assert.DoesNotContain("warning", output);
        SmallNetworks.LeNet().Save(folder.File("net.onnx"));
        using (Mat picture = TestPictures.Noise(28, 28))
            Cv2.ImWrite(folder.File("noise.png"), picture);
        string built = Path.Combine(program, "bin", "Release", "net10.0", "Saliency");
        (code, output) = Run(built, folder.File("net.onnx"), folder.File("noise.png"), folder.File("map.png"));
        Assert.AreEqual(0, code, output);
        Assert.Contains("score ", output);
        Assert.IsTrue(File.Exists(folder.File("map.png")));

        // Packages of this test are nobody else's; all others are taken from where they are.
        void WriteProject(string native) => File.WriteAllText(Path.Combine(program, "Saliency.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <RestoreAdditionalProjectSources>{folder.File("feed")}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{folder.File("packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{others}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="CnnOnnx.Torch" Version="0.1.0" />
                {native}
              </ItemGroup>
            </Project>
            """);
    }

    internal static void Pack(string project, string feed)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        (int code, string output) = Run("dotnet", "pack", Path.Combine(Repository.Root, project), "--no-build", "-v", "quiet", "-o", feed,
            "-c", configuration == "debug" ? "Debug" : "Release");
        Assert.AreEqual(0, code, output);
    }

    internal static (int Code, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
