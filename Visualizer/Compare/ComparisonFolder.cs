using System.Text.Json;
using CnnOnnx.Compare;
using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Compare;

/// <summary>The folder of a comparison: compare.json, and repro/ with the first layer that adds a difference.</summary>
internal static class ComparisonFolder
{
    /// <summary>Writes the folder.</summary>
    /// <returns>The file to open.</returns>
    public static string Write(string folder, ComparisonResult result)
    {
        Directory.CreateDirectory(folder);
        string json = Path.Combine(folder, "compare.json");
        AtomicFile.WriteText(json, JsonSerializer.Serialize(ComparisonJson.Of(result), JsonSettings.Indented));
        result.Reproduction?.Save(Path.Combine(folder, "repro"));
        return json;
    }
}
