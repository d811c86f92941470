using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using CnnOnnx.Visualizer.Commands;

namespace CnnOnnx.Tests.House;

/// <summary>The commands of the readme: all are understood, and those that look inside a model are run as they stand.</summary>
[TestClass]
public sealed class ReadmeTests
{
    private static readonly Dictionary<string, Func<RootCommand>> Programs = new()
    {
        ["trainer"] = TrainerCommands.Root,
        ["visualizer"] = VisualizerCommands.Root,
    };

    [TestMethod]
    public void Commands_OfTheReadme_AreUnderstood()
    {
        string[][] commands = [.. Commands()];
        Assert.IsGreaterThan(10, commands.Length);
        foreach (string[] command in commands)
        {
            RootCommand root = Programs[command[0]]();
            foreach (Option option in CommonOptions.All)
                root.Options.Add(option);
            Assert.IsEmpty(root.Parse(command[1..]).Errors, string.Join(' ', command));
        }
    }

    [TestMethod]
    public void Commands_ThatLookInsideAModel_Work()
    {
        using var folder = new TemporaryFolder();
        var written = new HashSet<string>();
        foreach (string[] command in Commands().Where(c => c[0] == "visualizer"))
        {
            if (Array.IndexOf(command, "--out") is > 0 and var option)
                written.Add(command[option + 1]);
            string[] here = [command[1], .. command[2..].Select(word => written.Contains(word) ? folder.File(word)
                : word.StartsWith("models/", StringComparison.Ordinal) || word.StartsWith("docs/", StringComparison.Ordinal)
                    ? Path.Combine(Repository.Root, word)
                : word)];
            var error = new StringWriter();
            Assert.AreEqual(ExitCode.Done, CommandHost.Run(Programs[command[0]](), here, TextWriter.Null, error),
                $"{string.Join(' ', command)}: {error}");
        }
    }

    private static IEnumerable<string[]> Commands() => File.ReadLines(Path.Combine(Repository.Root, "README.md"))
        .Where(line => Programs.Keys.Any(program => line.StartsWith(program + " ", StringComparison.Ordinal)))
        .Select(line => line.Split(' ').Select(word => word.Trim('"')).ToArray());
}
