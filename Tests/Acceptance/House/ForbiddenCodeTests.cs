using System.Text.RegularExpressions;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>Things that the compiler allows and the house does not.</summary>
[TestClass]
public sealed class ForbiddenCodeTests
{
    private const string BareWord = @"///.*<(summary|param name=""[^""]*"")>(Of|Such|That|To be) ";

    private const int WidestLine = 140;

    // Folder, pattern, why.
    private static readonly (string Folder, string Pattern, string Reason)[] Rules =
    [
        ("Shared", @"\bConsole\.", "a library does not write to the console"),
        ("Torch", @"\bConsole\.", "a library does not write to the console"),
        ("", @"#pragma warning disable", "a warning is mended, not silenced"),
        ("", @"NotImplementedException", "nothing is a stub"),
        ("", @"\b(TODO|FIXME|HACK)\b", "unfinished work does not stay in the code"),
        ("Tests", @"^\s*\w+\.allclose\(", "the result of allclose is asserted, not dropped"),
        .. new[] { "Shared", "Torch" }.Select(folder =>
            (folder, @"^(?!\s*//).*""[^""]*(?<!tf2onnx )(?<![(\w-])--[a-z]{2}", "a library's message names no option: a program adds it")),
        ("Shared", @"using (static )?TorchSharp", "Shared knows nothing of TorchSharp"),
        ("Visualizer", @"using (static )?TorchSharp", "Visualizer knows nothing of TorchSharp"),
        ("Torch", @"\.(matmul|cummax|cummin)\(|\bautograd\.grad\(|\.To(Half|BFloat16|Complex32|Complex64)\(\)",
            "TorchSharp passes on no refusal of libtorch here: the process ends"),
        .. new[] { "Torch", "Cli", "Trainer", "Visualizer" }.Select(folder =>
            (folder, @"Onnx\.Schema\b|\.Proto\b", "messages of a model's file stay in Shared: ModelRewriting changes models")),
        ("", @"File\.Write(AllBytes|AllText|AllLines)\(", "results are written with AtomicFile"),
    ];

    [TestMethod]
    public void Source_HasNoForbiddenCode()
    {
        string[] found = [.. Rules.SelectMany(rule => Sources(rule.Folder).SelectMany(path => Matches(path, rule.Pattern, rule.Reason)))];
        Assert.IsEmpty(found, string.Join(Environment.NewLine, found));
    }

    [TestMethod]
    public void Files_StayReadable()
    {
        string[] tooLong = [.. Sources("").Where(path => File.ReadLines(path).Count() > 300).Select(path =>
            Path.GetRelativePath(Repository.Root, path))];
        Assert.IsEmpty(tooLong, $"Over 300 lines: {string.Join(", ", tooLong)}");
    }

    [TestMethod]
    public void Comments_CanBeReadAlone()
    {
        string[] bare = [.. new[] { "", "Tests" }.SelectMany(Sources).SelectMany(path =>
            Matches(path, BareWord, "a summary starts with a verb or a noun and is understood alone"))];
        Assert.IsEmpty(bare, string.Join(Environment.NewLine, bare));
    }

    [TestMethod]
    public void Lines_StayReadable()
    {
        // A line of HTML is as long as its element, a line of text as the file that it goes into.
        string[] tooWide = [.. new[] { "", "Tests" }.SelectMany(Sources).SelectMany(path =>
            Matches(path, $"^(?!\\s*[<#]|.*\"\"\").{{{WidestLine + 1}}}", $"is wider than {WidestLine} columns"))];
        Assert.IsEmpty(tooWide, string.Join(Environment.NewLine, tooWide));
    }

    private static IEnumerable<string> Matches(string path, string pattern, string reason) => File.ReadLines(path)
        .Select((line, i) => (line, Number: i + 1))
        .Where(l => Regex.IsMatch(l.line, pattern))
        .Select(l => $"{Path.GetRelativePath(Repository.Root, path)}:{l.Number}: {reason}");

    // Tests write files of every kind, and this file quotes what it forbids.
    private static IEnumerable<string> Sources(string folder) =>
        new[] { "Shared", "Torch", "Cli", "Trainer", "Visualizer", "Tests" }
            .Where(room => folder.Length == 0 ? room != "Tests" : room == folder)
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}House{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
}
