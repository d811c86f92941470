using System.Xml.Linq;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>The house's rules about who may know whom, read from the project files.</summary>
[TestClass]
public sealed class ProjectRulesTests
{
    [TestMethod]
    [DataRow("Shared", "")]
    [DataRow("Cli", "Shared")]
    [DataRow("Torch", "Shared")]
    [DataRow("Trainer", "Cli Shared Torch")]
    [DataRow("Visualizer", "Cli Shared")]
    [DataRow("Samples/LiveMosaic", "Shared")]
    [DataRow("Samples/CheckedClassifier", "Shared")]
    [DataRow("Samples/DifferentiateModel", "Torch")]
    [DataRow("Samples/TrainModel", "Torch")]
    public void Project_References_PointOneWay(string project, string expected)
    {
        string[] references = [.. Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];
        Assert.AreEqual(expected, string.Join(' ', references));
    }

    [TestMethod]
    [DataRow("Shared", "TorchSharp")]
    [DataRow("Visualizer", "TorchSharp")]
    [DataRow("Shared", "Microsoft.ML.OnnxRuntime")]
    [DataRow("Shared", "OpenCvSharp4.official.runtime.linux-x64")]
    [DataRow("Cli", "Microsoft.ML.OnnxRuntime")]
    public void Project_Packages_LeaveOut(string project, string package) =>
        CollectionAssert.DoesNotContain(Items(project, "PackageReference"), package);

    [TestMethod]
    public void NativePackages_AreChosenByTheExecutablesOnly()
    {
        string[] importers = [.. Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => XDocument.Load(path).Descendants("Import").Any(i =>
                i.Attribute("Project")!.Value.EndsWith("Native.props", StringComparison.Ordinal)))
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order()];
        Assert.AreEqual(
            "Acceptance.Tests Benchmarks CheckedClassifier DifferentiateModel LiveMosaic Shared.Tests Torch.Tests TrainModel Trainer "
                + "Trainer.Tests Visualizer Visualizer.Tests",
            string.Join(' ', importers));
    }

    // Anybody could name an assembly "trainer" and see the inside of the libraries.
    [TestMethod]
    public void InternalsVisibleTo_NamesAreOurs()
    {
        string[] friends = [.. new[] { "Shared", "Torch", "Cli", "Trainer", "Visualizer" }.SelectMany(project =>
            Items(project, "InternalsVisibleTo"))];
        Assert.IsGreaterThan(10, friends.Length);
        string[] others = [.. friends.Where(name => !name.StartsWith("CnnOnnx.", StringComparison.Ordinal))];
        Assert.IsEmpty(others, string.Join(", ", others));
    }

    // artifacts/bin/<project>/<configuration>, for the tests as for the programs.
    [TestMethod]
    [DataRow("Trainer", "trainer")]
    [DataRow("Visualizer", "visualizer")]
    public void Program_IsStartedByItsCommandsName(string project, string command)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        string folder = Path.Combine(Repository.Root, "artifacts", "bin", project, configuration);
        Assert.IsTrue(File.Exists(Path.Combine(folder, command + (OperatingSystem.IsWindows() ? ".exe" : ""))), folder);
        Assert.IsTrue(File.Exists(Path.Combine(folder, $"CnnOnnx.{project}.dll")), folder);
    }

    private static string[] Items(string project, string kind) =>
        [.. XDocument.Load(Path.Combine(Repository.Root, project, Path.GetFileName(project) + ".csproj")).Descendants(kind).Select(i =>
            i.Attribute("Include")!.Value)];
}
