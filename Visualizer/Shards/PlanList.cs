using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CnnOnnx.Files;
using CnnOnnx.Inputs;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>
/// The inputs of a plan, a line each: size in bytes, path from the root on, and the folder of its results where that is not the path
/// with other letters. Shards are parts of the file, so that a worker reads and checks no more than its own.
/// <code>
/// 14021	cats/tabby.jpg
/// 9127	cats:tabby.jpg	cats_tabby~2
/// </code>
/// </summary>
internal static class PlanList
{
    /// <summary>Reads the inputs of a shard.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="shard">Index of the shard, from 0.</param>
    /// <exception cref="BadInputException">The lines are not those that the plan was made with.</exception>
    public static PlannedInput[] Read(ShardPlan plan, int shard)
    {
        string path = PathOf(plan);
        PlannedShard part = plan.Shards[shard];
        byte[] bytes = new byte[part.Bytes];
        try
        {
            using FileStream file = File.OpenRead(path);
            file.Position = part.Offset;
            file.ReadExactly(bytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: the list of inputs of {plan.Path} cannot be read: {fault.Message}", fault);
        }

        PlannedInput[] inputs = Convert.ToHexStringLower(SHA256.HashData(bytes)) == part.Sha256
            ? [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)] : [];
        return inputs.Length == part.Count ? inputs
            : throw new BadInputException($"{path}: the list differs from the one that {plan.Path} was made with, in shard {shard}; "
                + "bring both files back, or plan again");
    }

    /// <summary>Where the list of a plan lies: beside it.</summary>
    public static string PathOf(ShardPlan plan) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(plan.Path))!, plan.List);

    /// <summary>Makes the line of an input.</summary>
    public static string LineOf(PlannedInput input) => string.Create(CultureInfo.InvariantCulture,
        $"{input.Bytes}\t{input.Name}{(input.Folder == PlannedInput.FolderOf(input.Name) ? "" : $"\t{input.Folder}")}\n");

    private static PlannedInput Parse(string line)
    {
        string[] fields = line.Split('\t');
        return new PlannedInput(long.Parse(fields[0], CultureInfo.InvariantCulture), fields[1],
            fields.Length > 2 ? fields[2] : PlannedInput.FolderOf(fields[1]));
    }
}

/// <summary>An input of a plan.</summary>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Name">Path from the root on, with slashes.</param>
/// <param name="Folder">Name of the folder of its results; no other input has the same.</param>
internal sealed record PlannedInput(long Bytes, string Name, string Folder)
{
    /// <summary>Folder of the results of an input, where no other one has it.</summary>
    public static string FolderOf(string name) => SafeNames.Clean(Path.ChangeExtension(name, null));

    /// <summary>Makes what a dump reads.</summary>
    /// <param name="root">Folder that the name starts from.</param>
    /// <exception cref="BadInputException">The file is not the one that was planned.</exception>
    public InputItem ItemIn(string root)
    {
        string path = Path.Combine(root, Name);
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new BadInputException($"{path}: no such file, but the plan lists it; say where the inputs lie, or plan again");
        if (file.Length != Bytes)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{path}: has {file.Length} bytes, the plan lists {Bytes}: the list of inputs differs; plan again"));
        return new InputItem(path, Path.ChangeExtension(Name, null), $"{Name}|{Bytes}", () => ModelInput.Read(path))
        {
            Label = Name,
            IsLasting = true,
        };
    }
}
