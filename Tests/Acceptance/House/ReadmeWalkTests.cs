using System.Text.RegularExpressions;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>The code in the readmes of the packages, typed in by whoever follows them from "dotnet new console" on.</summary>
[TestClass]
public sealed partial class ReadmeWalkTests
{
    [TestMethod]
    [TestCategory("Long")]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("Shared")]
    [DataRow("Torch")]
    public void Readme_OfAPackage_CompilesAsItStands(string library)
    {
        using var folder = new TemporaryFolder();
        PackageTests.Pack("Shared", folder.File("feed"));
        PackageTests.Pack("Torch", folder.File("feed"));
        string readme = File.ReadAllText(Path.Combine(Repository.Root, library, "README.md")), program = folder.File("program");
        Directory.CreateDirectory(program);
        File.WriteAllText(Path.Combine(program, "Program.cs"), Code(readme));
        File.WriteAllText(Path.Combine(program, "Walk.csproj"), Project(readme, folder));

        (int code, string output) = PackageTests.Run("dotnet", "build", program, "-c", "Release", "-v", "quiet");

        Assert.AreEqual(0, code, output);
        Assert.DoesNotContain("warning", output);
    }

    // All pieces as one program: they build on one another. Usings come first in a file.
    private static string Code(string readme)
    {
        string[] lines = [.. CSharp().Matches(readme).SelectMany(piece => piece.Groups["code"].Value.Split('\n'))];
        Assert.IsGreaterThan(10, lines.Length, "the readme shows code");
        ILookup<bool, string> isUsing = lines.ToLookup(line => Using().IsMatch(line));
        return string.Join('\n', [.. isUsing[true].Distinct(), .. isUsing[false]]);
    }

    // Packages of this test are nobody else's; all others are taken from where they are.
    private static string Project(string readme, TemporaryFolder folder)
    {
        string others = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string packages = string.Concat(Package().Matches(readme).Select(package => $"<PackageReference Include=\"{package.Groups["id"]}\" "
            + $"Version=\"{(package.Groups["version"].Success ? package.Groups["version"].Value : "0.1.0")}\" />"));
        return $"""
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
              <ItemGroup>{packages}</ItemGroup>
            </Project>
            """;
    }

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex(@"^using [A-Z][\w.]*;")]
    private static partial Regex Using();

    [GeneratedRegex(@"^dotnet add package (?<id>\S+)( --version (?<version>\S+))?", RegexOptions.Multiline)]
    private static partial Regex Package();
}
