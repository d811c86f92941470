using System.Security.Cryptography;
using System.Text;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>Makes a plan of what a dump would be given.</summary>
internal sealed class PlanMaker
{
    // What stands in the folder of a shard beside the results of inputs.
    private static readonly string[] Reserved =
        [KernelWriter.Subfolder, TableFiles.Folder, ShardMarker.FileName, ShardFolder.BegunFile, ShardFolder.StateFile,
            ShardedPicture.FileName];

    public required string Model { get; init; }

    public required InputList Inputs { get; init; }

    /// <summary>Folder that the names of the inputs start from; null for the deepest that holds all of them.</summary>
    public string? Root { get; init; }

    /// <summary>Options of the dump, each with its values.</summary>
    public required string[][] Options { get; init; }

    /// <summary>Files that options name.</summary>
    public required IEnumerable<string> Files { get; init; }

    /// <summary>Pictures in a run that were asked for.</summary>
    public required int Batch { get; init; }

    public required int Shards { get; init; }

    /// <summary>An earlier plan, whose shards stay as they are and keep what is done; null to begin.</summary>
    public ShardPlan? Earlier { get; init; }

    /// <summary>Writes the plan and, beside it, the list of inputs.</summary>
    /// <exception cref="BadInputException">The model cannot be read, or an input cannot be planned.</exception>
    public ShardPlan Write(string path)
    {
        if (Inputs.FirstVideo is { } video)
            throw new BadInputException($"{video}: a plan lists pictures and NumPy files; save the frames of a video as pictures first");
        var model = OnnxModel.Read(Model);
        int batch = Math.Min(Batch, PictureInput.Find(model.Graph)?.Batch ?? int.MaxValue);
        string[] paths = [.. Inputs.Items().Select(item => Path.GetFullPath(item.Path))];
        string root = Path.GetFullPath(Root ?? Earlier?.Root ?? CommonFolder(paths));
        var plan = new ShardPlan(ShardPlan.CurrentFormat, ShardPlan.OwnVersion, Path.GetFullPath(Model), ModelRecord.HashOf(Model),
            [.. WeightFiles.Paths(model).Concat(Files).Select(file => new PlannedFile(Path.GetFullPath(file), ModelRecord.HashOf(file)))],
            Options, batch, root, Path.GetFileNameWithoutExtension(path) + ".inputs.tsv", "", 0, [])
        { Path = path };
        if (Earlier is not null && Earlier.Settings != plan.Settings)
            throw new BadInputException($"{Earlier.Path}: was made with another model, options, files or version of the program, "
                + "so nothing that was done can be kept; make a new plan without it");
        return Write(plan, [.. paths.Select(file => NameIn(root, file))]);
    }

    private ShardPlan Write(ShardPlan plan, string[] names)
    {
        var folders = new SafeNames();
        foreach (string name in Reserved)
            folders.Unique(name);
        var shards = new List<PlannedShard>();
        using var file = new PendingFile(PlanList.PathOf(plan));
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long offset = 0;
        var planned = new HashSet<string>(StringComparer.Ordinal);
        for (int shard = 0; shard < Earlier?.Shards.Length; shard++)
            Add([.. PlanList.Read(Earlier, shard).Select(input => Again(plan.Root, input))], Earlier.Shards[shard].First);
        string[] added = [.. names.Where(name => !planned.Contains(name))];
        if (added.Length == 0 && Earlier is not null)
            throw new BadInputException($"{Earlier.Path}: lists all of the {names.Length} inputs already");
        // In whole batches, as equal as can be.
        long first = RoundUp(shards.Count == 0 ? 0 : shards.Max(s => s.First + s.Count), plan.Batch);
        long batches = (added.Length + plan.Batch - 1) / plan.Batch;
        for (long shard = 0; shard < Shards; shard++)
        {
            long from = batches * shard / Shards * plan.Batch, to = Math.Min(batches * (shard + 1) / Shards * plan.Batch, added.Length);
            Add([.. added[(int)Math.Min(from, to)..(int)to].Select(name => New(plan.Root, name))], first + from);
        }

        plan = plan with { ListSha256 = Convert.ToHexStringLower(all.GetHashAndReset()), Shards = [.. shards], Inputs = planned.Count };
        file.Commit();
        plan.Write(plan.Path);
        return plan;

        void Add(PlannedInput[] inputs, long number)
        {
            byte[] lines = Encoding.UTF8.GetBytes(string.Concat(inputs.Select(PlanList.LineOf)));
            file.Write(lines);
            all.AppendData(lines);
            planned.UnionWith(inputs.Select(input => input.Name));
            shards.Add(new PlannedShard(number, inputs.Length, offset, lines.Length, Convert.ToHexStringLower(SHA256.HashData(lines))));
            offset += lines.Length;
        }

        PlannedInput New(string root, string name) => new(SizeOf(root, name), name, folders.Unique(Path.ChangeExtension(name, null)));

        PlannedInput Again(string root, PlannedInput input)
        {
            folders.Unique(input.Folder);
            return input with { Bytes = SizeOf(root, input.Name) };
        }
    }

    private static long SizeOf(string root, string name)
    {
        var file = new FileInfo(Path.Combine(root, name));
        return file.Exists ? file.Length : throw new BadInputException($"{file.FullName}: no such file");
    }

    private static long RoundUp(long number, int step) => (number + step - 1) / step * step;

    private static string NameIn(string root, string path)
    {
        string name = Path.GetRelativePath(root, path).Replace('\\', '/');
        return name.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(name)
            ? throw new BadInputException($"{path}: does not lie below the root {root}")
            : name.Any(char.IsControl) ? throw new BadInputException($"{path}: has a control character in its name; rename it")
            : name;
    }

    private static string CommonFolder(string[] paths)
    {
        string folder = Path.GetDirectoryName(paths[0])!;
        foreach (string path in paths)
            while (!path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                folder = Path.GetDirectoryName(folder) ?? throw new BadInputException($"{path}: lies on another disk than {paths[0]}");
        return folder;
    }
}
