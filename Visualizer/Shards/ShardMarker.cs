using System.Security.Cryptography;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Pages;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>A shard that is done: shard.json, the last file of its folder. Holds no time, so that it is the same whoever made it.</summary>
/// <param name="Format">Kind and version of the file.</param>
/// <param name="Identity">See <see cref="ShardPlan.IdentityOf"/>.</param>
/// <param name="Settings">See <see cref="ShardPlan.Settings"/>: the same in all shards that belong together.</param>
/// <param name="Shard">Index of the shard, from 0.</param>
/// <param name="Of">Number of shards of the plan.</param>
/// <param name="First">Number of its first input among all.</param>
/// <param name="Count">Number of its inputs.</param>
/// <param name="Done">Number of inputs with results.</param>
/// <param name="Faults">Number of inputs that could not be used.</param>
/// <param name="Model">Path of the model as the worker has it.</param>
/// <param name="ModelSha256">Hash of the model.</param>
/// <param name="Options">Options of the dump, each with its values.</param>
/// <param name="Device">The device that was really used; null where nothing had to be run.</param>
/// <param name="Layers">Layers with a picture in every input's folder.</param>
/// <param name="Files">Files of the shard, as they were written.</param>
internal sealed record ShardMarker(string Format, string Identity, string Settings, int Shard, int Of, long First, long Count, long Done,
    long Faults, string Model, string ModelSha256, string[][] Options, string? Device, ShardLayer[] Layers, ShardFile[] Files)
{
    public const string FileName = "shard.json", CurrentFormat = "CnnOnnx shard 1";

    /// <summary>Reads the marker of a folder; null when there is none, or none that can be read.</summary>
    public static ShardMarker? Find(string folder)
    {
        try
        {
            using FileStream file = File.OpenRead(Path.Combine(folder, FileName));
            return JsonSerializer.Deserialize(file, ShardJson.Readable.ShardMarker) is { Format: CurrentFormat } found ? found : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName),
        JsonSerializer.Serialize(this, ShardJson.Readable.ShardMarker) + "\n");

    /// <summary>Says what is wrong with the files of a shard, in words; null when they are as they were written.</summary>
    public string? DamageIn(string folder)
    {
        foreach (ShardFile file in Files)
        {
            string path = Path.Combine(folder, file.Name);
            if (!File.Exists(path))
                return $"{file.Name} is missing";
            if (new FileInfo(path).Length != file.Bytes || ShardFile.Of(folder, file.Name).Sha256 != file.Sha256)
                return $"{file.Name} has changed";
        }

        return null;
    }
}

/// <summary>A file of a shard.</summary>
/// <param name="Name">Path from the shard's folder on.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Hash of its bytes, in hexadecimal.</param>
internal sealed record ShardFile(string Name, long Bytes, string Sha256)
{
    public static ShardFile Of(string folder, string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(folder, name));
        return new ShardFile(name, file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }
}

/// <summary>A layer with a picture of its own in every input's folder.</summary>
internal sealed record ShardLayer(int Index, string Name, string File);

/// <summary>What became of an input: a line of pictures.jsonl.</summary>
/// <param name="Number">Number of the input among all.</param>
/// <param name="Input">Path from the root on.</param>
/// <param name="Folder">Folder of its results; null after a fault.</param>
/// <param name="Answer">Its class, as the overview has it; null where there are no classes.</param>
/// <param name="Picture">Its small picture, from the folder of results on; null for tensors.</param>
/// <param name="Fault">Reason why there are no results; null when there are.</param>
internal sealed record ShardedPicture(
    long Number, string Input, string? Folder, string? Answer, WrittenPicture? Picture, string? Fault)
{
    public const string FileName = "pictures.jsonl";
}
