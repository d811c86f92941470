using System.Reflection;
using CnnOnnx.Cli;
using CnnOnnx.Inference;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Trainer.Commands;
using CnnOnnx.Visualizer.Commands;

namespace CnnOnnx.Tests.House;

/// <summary>The house's rooms: one concept each, arrows one way, a line about each in docs/architecture.md.</summary>
[TestClass]
public sealed class RoomTests
{
    private const int MostFiles = 16;

    private static readonly Dictionary<string, Assembly> Projects = new()
    {
        ["Shared"] = typeof(ActivationSession).Assembly,
        ["Torch"] = typeof(OnnxModule).Assembly,
        ["Cli"] = typeof(ExitCode).Assembly,
        ["Trainer"] = typeof(TrainerCommands).Assembly,
        ["Visualizer"] = typeof(VisualizerCommands).Assembly,
    };

    [TestMethod]
    [DataRow("Shared")]
    [DataRow("Torch")]
    [DataRow("Cli")]
    [DataRow("Trainer")]
    [DataRow("Visualizer")]
    public void Rooms_KnowOneAnother_OneWay(string project)
    {
        string[] circles = [.. new RoomGraph(project, Projects[project]).Circles()];
        Assert.IsEmpty(circles, string.Join(Environment.NewLine, circles));
    }

    [TestMethod]
    public void Rooms_HaveFewFiles()
    {
        string[] crowded = [.. Rooms().Select(room => (room, Files: Directory.GetFiles(room, "*.cs").Length)).Where(r =>
            r.Files > MostFiles)
            .Select(r => $"{Relative(r.room)}: {r.Files} files")];
        Assert.IsEmpty(crowded, string.Join(Environment.NewLine, crowded));
    }

    [TestMethod]
    public void Rooms_StandInTheArchitecturePage()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        string[] missing = [.. Rooms().Select(Relative).Where(room => !page.Contains($"`{room}/`", StringComparison.Ordinal))];
        Assert.IsEmpty(missing, $"docs/architecture.md has no line for: {string.Join(", ", missing)}");
    }

    /// <summary>A namespace is a project and a room of it; rooms inside a room share its namespace.</summary>
    [TestMethod]
    public void Namespace_IsTheRoom()
    {
        string[] elsewhere = [.. Rooms().SelectMany(room => Directory.GetFiles(room, "*.cs")).Where(path =>
        {
            string[] parts = Relative(path).Split('/');
            string project = parts[0] == "Shared" ? "CnnOnnx" : $"CnnOnnx.{parts[0]}";
            string expected = parts.Length > 2 ? $"namespace {project}.{parts[1]};" : $"namespace {project};";
            return !File.ReadLines(path).Contains(expected);
        }).Select(Relative)];
        Assert.IsEmpty(elsewhere, string.Join(Environment.NewLine, elsewhere));
    }

    private static IEnumerable<string> Rooms() => Projects.Keys
        .SelectMany(project => Directory.EnumerateDirectories(Path.Combine(Repository.Root, project), "*", SearchOption.AllDirectories)
            .Prepend(Path.Combine(Repository.Root, project)))
        .Where(room => Relative(room).Split('/') is not [_, "obj" or "bin", ..] && Directory.GetFiles(room, "*.cs").Length > 0);

    private static string Relative(string path) => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/');
}
