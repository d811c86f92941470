namespace CnnOnnx.Torch.Training;

/// <summary>A folder with a data set: which kind it is and which parts it has.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Parts">At least one; all have the same classes.</param>
internal sealed record DataSource(string Folder, DataPart[] Parts)
{
    /// <summary>Name of the only part of a set that has no split.</summary>
    public const string Undivided = "all";

    /// <summary>Name of the part that is kept for the end.</summary>
    public const string Test = "test";

    // Of a set that is not divided at all, and of the training pictures of one that has pictures to test with.
    private const double UsualShare = 0.2, UsualShareBesideTest = 0.1;

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

    /// <summary>
    /// What to learn from, what to choose the best epoch on and what to test with. Validation pictures that the set does not
    /// have are held out from those to learn from; test pictures choose nothing.
    /// </summary>
    /// <param name="share">Of the pictures to hold out; 0 for none, null for the usual one.</param>
    /// <exception cref="BadInputException">A share of a set with validation pictures of its own, or nothing to learn from.</exception>
    public TrainingParts ForTraining(double? share, int seed)
    {
        DataPart whole = Find("train") ?? Find(Undivided)
            ?? throw new BadInputException($"{Folder}: has only {Names}, expected pictures to train with");
        DataPart? test = Find(Test);
        if (Find("val") is { } own)
            return share is null
                ? new TrainingParts(whole, own, test)
                : throw new BadInputException($"{Folder}: is split into {Names}; --validation is for a data set without validation pictures of its own");
        if (share == 0)
            return test is not null
                ? new TrainingParts(whole, test, test)
                : throw new BadInputException($"{Folder}: has no test pictures, so --validation is needed to measure with; it is 0, expected a share above");
        (DataPart train, DataPart heldOut) = whole.Split(share ?? (test is null ? UsualShare : UsualShareBesideTest), seed);
        return new TrainingParts(train, heldOut, test);
    }

    /// <summary>The part to measure a trained network with.</summary>
    /// <param name="name">A part's name; null for the test part, or else what there is.</param>
    /// <exception cref="BadInputException">No such part.</exception>
    public DataPart ForEvaluation(string? name) => name is null
        ? Find(Test) ?? Find("val") ?? Parts[0]
        : Find(name) ?? throw new BadInputException($"{Folder}: has no part '{name}', only {Names}");

    private string Names => string.Join(" and ", Parts.Select(p => p.Name));

    private DataPart? Find(string name) => Array.Find(Parts, part => part.Name == name);
}
