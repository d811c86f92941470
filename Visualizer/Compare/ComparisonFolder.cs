using System.Text.Json;
using CnnOnnx.Compare;
using CnnOnnx.Files;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Compare;

/// <summary>The folder of a comparison: index.html, compare.json, and repro/ with the first layer that adds a difference.</summary>
internal static class ComparisonFolder
{
    private const int PictureSide = 416;

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">Folder; made when it is missing.</param>
    /// <param name="result">Result of the comparison.</param>
    /// <param name="picture">The first input as JPEG; null where it was no picture.</param>
    /// <param name="input">Name of the first input.</param>
    /// <returns>The file to open.</returns>
    public static string Write(string folder, ComparisonResult result, byte[]? picture, string input)
    {
        Directory.CreateDirectory(folder);
        string json = Path.Combine(folder, "compare.json");
        AtomicFile.WriteText(json, JsonSerializer.Serialize(ComparisonJson.Of(result), JsonSettings.Indented));
        result.Reproduction?.Save(Path.Combine(folder, "repro"));
        string page = Path.Combine(folder, "index.html");
        ComparisonPage.Compose(result, picture, input).WriteTo(page);
        return page;
    }

    /// <summary>Makes a picture small enough for a page: JPEG, at most 416 pixels wide and high.</summary>
    public static byte[] Thumbnail(Mat picture)
    {
        double scale = Math.Min(1, (double)PictureSide / Math.Max(picture.Width, picture.Height));
        using var small = new Mat();
        Cv2.Resize(picture, small, new Size(), scale, scale, InterpolationFlags.Area);
        using var bytes = new Mat();
        small.ConvertTo(bytes, MatType.CV_8UC(small.Channels()), picture.Depth() == MatType.CV_16U ? 1 / 257.0 : 1);
        Cv2.ImEncode(".jpg", bytes, out byte[] jpeg);
        return jpeg;
    }
}
