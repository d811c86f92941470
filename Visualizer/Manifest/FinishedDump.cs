using System.Text.Json;
using CnnOnnx.Inference;
using CnnOnnx.Pages;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>A dump that is complete, as far as the overview needs it.</summary>
/// <param name="Fingerprint">See <see cref="DumpManifest.Fingerprint"/>.</param>
/// <param name="Input">The input, with its small picture.</param>
/// <param name="Scores">Class scores, or the largest outputs; null when no output is a row of numbers.</param>
/// <param name="Tensors">Pictures of the tensors, one each.</param>
/// <param name="Skipped">Tensors that could not be drawn, with reasons.</param>
internal sealed record FinishedDump(
    string Fingerprint, InputRecord Input, ClassScores? Scores, FinishedDump.Drawn[] Tensors, SkippedTensor[] Skipped)
{
    public static FinishedDump Of(DumpManifest manifest) =>
        new(manifest.Fingerprint, manifest.Input, manifest.Scores,
            [.. manifest.Tensors.Select(t => new Drawn(t.Index, t.Name, t.Picture, t.Pca))],
            [.. manifest.Skipped]);

    /// <summary>What is known of an input that was looked at, and of which nothing is in files.</summary>
    public static FinishedDump OfNoFolder(string input, ClassScores? scores) =>
        new("", new InputRecord(input, null, null, [], null, null), scores, [], []);

    /// <summary>
    /// The dump in a folder, when there is a whole one of the same input, model and options. The manifest is the last file that
    /// is written, so where it is everything was made; that nobody has deleted pictures since is looked at.
    /// </summary>
    public static FinishedDump? Find(string folder, string fingerprint)
    {
        string path = Path.Combine(folder, DumpManifest.FileName);
        try
        {
            using FileStream file = File.OpenRead(path);
            FinishedDump? found = JsonSerializer.Deserialize(file, ManifestJson.Readable.FinishedDump);
            return found?.Fingerprint == fingerprint && found.Tensors.All(t =>
                t.Picture is null || File.Exists(Path.Combine(folder, t.Picture.File))) ? found : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    internal sealed record Drawn(int Index, string Name, WrittenPicture? Picture, LayerPictureRecord? Pca);
}
