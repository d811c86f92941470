namespace CnnOnnx.Trainer.Data;

/// <summary>A folder with a data set: which kind it is and which parts it has.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Parts">At least one; all have the same classes.</param>
internal sealed record DataSource(string Folder, DataPart[] Parts)
{
    /// <summary>Name of the only part of a set that has no split.</summary>
    public const string Undivided = "all";

    /// <summary>Name of the folder.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    public string[] Classes => Parts[0].Classes;

    /// <summary>Looks at a folder: IDX files, or a folder for each class, in a train and a test folder or without.</summary>
    /// <exception cref="BadInputException">No such folder, nothing to learn from in it, fewer than two classes.</exception>
    public static DataSource Open(string path)
    {
        if (File.Exists(path))
            throw new BadInputException($"{path}: is a file, expected the folder of a data set");
        if (!Directory.Exists(path))
            throw new BadInputException($"{path}: no such folder, expected a data set");
        DataPart[] parts = IdxSet.IsIn(path) ? IdxSet.Parts(path) : ImageFolder.Parts(path);
        return new DataSource(path, parts);
    }

    /// <summary>What to learn from and what to measure with, as the set is split or else by a share.</summary>
    /// <param name="share">Of the pictures to measure with; null for the usual one where the set has no split.</param>
    /// <exception cref="BadInputException">There is a split and a share was asked for too, or nothing to learn from.</exception>
    public (DataPart Train, DataPart Validation) ForTraining(double? share, int seed)
    {
        const double UsualShare = 0.2;
        DataPart? measured = Find("val") ?? Find("test");
        if (Find("train") is { } train && measured is not null)
            return share is null
                ? (train, measured)
                : throw new BadInputException($"{Folder}: is split into {Names}; --validation is for a folder without a split");
        DataPart whole = Find("train") ?? Find(Undivided)
            ?? throw new BadInputException($"{Folder}: has only {Names}, expected pictures to train with");
        return whole.Split(share ?? UsualShare, seed);
    }

    /// <summary>The part to measure a trained network with.</summary>
    /// <param name="name">A part's name; null for the test part, or else what there is.</param>
    /// <exception cref="BadInputException">No such part.</exception>
    public DataPart ForEvaluation(string? name) => name is null
        ? Find("test") ?? Find("val") ?? Parts[0]
        : Find(name) ?? throw new BadInputException($"{Folder}: has no part '{name}', only {Names}");

    private string Names => string.Join(" and ", Parts.Select(p => p.Name));

    private DataPart? Find(string name) => Array.Find(Parts, part => part.Name == name);
}
