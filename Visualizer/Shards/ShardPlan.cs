using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CnnOnnx.Files;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>
/// A dump that many workers share: what it is made of, and which inputs are whose. Small; the list of the inputs lies beside it, of which
/// each worker reads its part.
/// </summary>
/// <param name="Format">Kind and version of the file.</param>
/// <param name="Version">Version of the program that made it, which is to do the work, too.</param>
/// <param name="Model">Full path of the model.</param>
/// <param name="ModelSha256">Hash of the model's file, in hexadecimal.</param>
/// <param name="Files">Other files that results depend on: weights beside the model, names of classes, tensors for other inputs.</param>
/// <param name="Options">Options of the dump, each with its values, by name.</param>
/// <param name="Batch">Pictures in a run; shards begin at multiples of it.</param>
/// <param name="Root">Full path of the folder that the names of the inputs start from.</param>
/// <param name="List">Name of the file with the inputs, beside this one.</param>
/// <param name="ListSha256">Hash of that file, in hexadecimal.</param>
/// <param name="Inputs">Number of inputs.</param>
/// <param name="Shards">Parts of the list, in its order.</param>
internal sealed record ShardPlan(string Format, string Version, string Model, string ModelSha256, PlannedFile[] Files, string[][] Options,
    int Batch, string Root, string List, string ListSha256, long Inputs, PlannedShard[] Shards)
{
    public const string CurrentFormat = "CnnOnnx plan 1";

    /// <summary>Version of this program.</summary>
    public static string OwnVersion { get; } =
        typeof(ShardPlan).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Path of the plan's file.</summary>
    [JsonIgnore]
    public string Path { get; init; } = "";

    /// <summary>Hash of everything that decides what any input's results are.</summary>
    [JsonIgnore]
    public string Settings => field ??= HashOf(string.Join('\n',
        [CurrentFormat, Version, ModelSha256, Batch.ToString(CultureInfo.InvariantCulture),
            .. Options.Select(words => string.Join('\t', words)), .. Files.Select(file => file.Sha256)]));

    /// <summary>Hash of everything that decides what the results of a shard are: with the same one they are the same.</summary>
    /// <param name="shard">Index of the shard, from 0.</param>
    public string IdentityOf(int shard) => HashOf(string.Create(CultureInfo.InvariantCulture,
        $"{Settings}\n{Shards[shard].First}\n{Shards[shard].Count}\n{Shards[shard].Sha256}"));

    /// <summary>Reads a plan.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static ShardPlan Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (JsonSerializer.Deserialize(file, ShardJson.Readable.ShardPlan) is { Format: CurrentFormat, Shards: not null } plan)
                return plan with { Path = path };
            throw new BadInputException($"{path}: is no plan that this program reads, expected \"format\": \"{CurrentFormat}\"");
        }
        catch (JsonException fault)
        {
            throw new BadInputException($"{path}: is no plan: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, ShardJson.Readable.ShardPlan) + "\n");

    /// <exception cref="BadInputException">Another version of the program has made the plan.</exception>
    public void RequireVersion()
    {
        if (Version != OwnVersion)
            throw new BadInputException($"{Path}: was made by version {Version}, this program is {OwnVersion}; "
                + "results of different versions are not put together: use that version, or plan again");
    }

    /// <exception cref="BadInputException">The model is another one.</exception>
    public void RequireModel(string model)
    {
        if (!File.Exists(model))
            throw new BadInputException($"{model}: no such file, expected the model of {Path}; name it in front of the options");
        if (ModelRecord.HashOf(model) is var hash && hash != ModelSha256)
            throw new BadInputException($"{model}: the model is another one than that of {Path}: "
                + $"its SHA-256 is {hash[..12]}…, expected {ModelSha256[..12]}…");
    }

    /// <exception cref="BadInputException">A file is missing, or is another one.</exception>
    public void RequireFiles()
    {
        foreach (PlannedFile file in Files)
        {
            if (!File.Exists(file.Path))
                throw new BadInputException($"{file.Path}: no such file, but the options of {Path} need it");
            if (ModelRecord.HashOf(file.Path) is var hash && hash != file.Sha256)
                throw new BadInputException($"{file.Path}: has changed since {Path} was made with it: "
                    + $"its SHA-256 is {hash[..12]}…, expected {file.Sha256[..12]}…; plan again");
        }
    }

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>A file that results depend on.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Sha256">Hash of its bytes, in hexadecimal.</param>
internal sealed record PlannedFile(string Path, string Sha256);

/// <summary>A part of a plan's inputs.</summary>
/// <param name="First">Number of its first input among all, a multiple of the batch.</param>
/// <param name="Count">Number of inputs; 0 where there are more shards than batches.</param>
/// <param name="Offset">Place of its lines in the list, in bytes.</param>
/// <param name="Bytes">Length of its lines.</param>
/// <param name="Sha256">Hash of its lines, in hexadecimal.</param>
internal sealed record PlannedShard(long First, long Count, long Offset, long Bytes, string Sha256);
