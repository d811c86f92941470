namespace CnnOnnx.Torch.Training;

/// <summary>The parts of a data set for one training.</summary>
/// <param name="Train">Pictures to learn from.</param>
/// <param name="Validation">Pictures measured after every epoch; the test part where nothing is held out.</param>
/// <param name="Test">Pictures measured once, at the end; null where the set has none.</param>
internal sealed record TrainingParts(DataPart Train, DataPart Validation, DataPart? Test);

/// <summary>
/// A folder with labelled pictures: a folder for each class, in a train and a test folder or without, or the IDX files of MNIST
/// and its kin. Pictures are read when they are trained with.
/// </summary>
public sealed class PictureFolder
{
    /// <param name="folder">Path of the set.</param>
    /// <param name="parts">At least one; all have the same classes.</param>
    /// <param name="remarks">Notes on what is left out or taken in part.</param>
    internal PictureFolder(string folder, DataPart[] parts, params IReadOnlyList<string> remarks) =>
        (Folder, Parts, Remarks) = (folder, parts, remarks);

    /// <summary>Name of the only part of a set that has no split.</summary>
    internal const string Undivided = "all";

    /// <summary>Name of the part that is kept for the end.</summary>
    internal const string Test = "test";

    /// <summary>Path of the folder, as it was given.</summary>
    public string Folder { get; }

    /// <summary>Name of the folder.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <summary>Class names in the order of the labels.</summary>
    public string[] Classes => Parts[0].Classes;

    /// <summary>Notes on what is left out, counted by kind, or taken in part; empty when all of the folder is taken.</summary>
    public IReadOnlyList<string> Remarks { get; }

    internal DataPart[] Parts { get; }

    /// <summary>Looks at a folder: IDX files, or a folder for each class, in a train and a test folder or without.</summary>
    /// <param name="path">A folder; pictures in it are listed here and read when they are wanted.</param>
    /// <exception cref="BadInputException">No such folder, nothing to learn from in it, fewer than two classes.</exception>
    public static PictureFolder Open(string path)
    {
        if (File.Exists(path))
            throw new BadInputException($"{path}: is a file, expected the folder of a data set");
        if (!Directory.Exists(path))
            throw new BadInputException($"{path}: no such folder, expected a data set");
        if (IdxSet.FolderOf(path) is { } files)
            return new PictureFolder(path, IdxSet.Parts(files), IdxSet.RemarksOf(files));
        var remarks = new List<string>();
        return new PictureFolder(path, ImageFolder.Parts(path, remarks), remarks);
    }

    /// <summary>
    /// Divides the set: pictures to learn from, to choose the best epoch on and to test with. Validation pictures that the set does not
    /// have are held out from those to learn from; test pictures choose nothing.
    /// </summary>
    /// <param name="share">Share 0..1 of the pictures to hold out; 0 for none, null for the usual one.</param>
    /// <param name="seed">Seed of the choice of pictures.</param>
    /// <exception cref="BadInputException">A share of a set with validation pictures of its own, or nothing to learn from.</exception>
    internal TrainingParts ForTraining(double? share, int seed)
    {
        (DataPart train, DataPart validation, DataPart? test) = Division.ForTraining(share, seed);
        return new TrainingParts(train, validation, test);
    }

    /// <summary>The part to measure a trained network with.</summary>
    /// <param name="name">A part's name; null for the test part, or else what there is.</param>
    /// <exception cref="BadInputException">No such part.</exception>
    internal DataPart ForEvaluation(string? name) => Division.ForEvaluation(name);

    private SetDivision<DataPart> Division =>
        new(Folder, [.. Parts.Select(part => (part.Name, part))], (part, share, seed) => part.Split(share, seed, Folder));
}
