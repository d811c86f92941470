using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Writes what was explained as a folder: index.html, manifest.json, maps.npz, scores.csv, contact sheets and overlays/.</summary>
internal static class ExplainFolder
{
    /// <summary>Name of the page.</summary>
    public const string Page = "index.html";

    private const string Maps = "maps.npz";

    /// <summary>Writes the folder of one input.</summary>
    /// <param name="folder">The folder; made when it is not there.</param>
    /// <param name="explained">The input and its maps.</param>
    /// <param name="model">The model.</param>
    /// <param name="request">Methods, targets and options.</param>
    /// <returns>What the manifest says.</returns>
    public static ExplainManifest Write(string folder, Explained explained, ExplainModelRecord model, ExplainRequest request)
    {
        string name = Path.GetFileNameWithoutExtension(model.File);
        IReadOnlyDictionary<ExplainedMap, MapPictures> files = MapFiles.Write(explained, folder, request.Overlay);
        IReadOnlyList<string> sheets = ContactSheets.Write(explained, folder, name, request.Overlay);
        AtomicFile.Write(Path.Combine(folder, Maps), stream =>
        {
            using var archive = new NpzWriter(stream);
            foreach (ExplainedMap map in explained.Maps)
                archive.Add(map.Key, map.Map.Values, map.Map.Channels == 1
                    ? new TensorShape(map.Map.Height, map.Map.Width)
                    : new TensorShape(map.Map.Channels, map.Map.Height, map.Map.Width));
        });
        ScoreTable.Write(folder, ScoreTable.Rows(explained));
        ExplainManifest manifest = ExplainManifest.Of(explained, model, request.Options, files, sheets);
        ExplainPage.Write(Path.Combine(folder, Page), explained, manifest);
        // Last: a folder with it is whole.
        manifest.Write(folder);
        return manifest;
    }
}
