using System.Text.Json;
using CnnOnnx.Compare;
using CnnOnnx.Files;

namespace CnnOnnx.Pages;

/// <summary>
/// The folder of a comparison: index.html with values/ beside it, compare.json, and repro/ with the first layer that adds a difference.
/// </summary>
internal static class ComparisonFolder
{
    private const string PageFile = "index.html", JsonFile = "compare.json", ReproductionFolder = "repro";

    /// <summary>Most pixels a side of the first input on the page.</summary>
    public const int PictureSide = 416;

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">Folder; made when it is missing.</param>
    /// <param name="result">Result of the comparison.</param>
    /// <param name="picture">The first input as JPEG; null where it was no picture.</param>
    /// <param name="input">Name of the first input.</param>
    /// <returns>The file to open.</returns>
    public static string Write(string folder, ComparisonResult result, byte[]? picture, string input)
    {
        using var made = new OutputFolder(folder);
        AtomicFile.WriteText(Path.Combine(folder, JsonFile), JsonSerializer.Serialize(ComparisonJson.Of(result), JsonSettings.Indented));
        result.Reproduction?.Save(Path.Combine(folder, ReproductionFolder));
        string page = Path.Combine(folder, PageFile);
        ComparisonPage.Compose(folder, result, picture, input).WriteTo(page);
        made.Complete();
        return page;
    }
}
