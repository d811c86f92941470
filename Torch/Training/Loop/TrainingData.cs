namespace CnnOnnx.Torch.Training;

/// <summary>Name and size of a data set, and how it was divided for a training.</summary>
/// <param name="Name">Name of the folder.</param>
/// <param name="Train">Number of pictures to learn from.</param>
/// <param name="Validation">Number of pictures that are measured after every epoch.</param>
/// <param name="ValidatedOn">Name of the part of the set that those are: val, held-out, test.</param>
/// <param name="Test">Number of pictures that are measured at the end; 0 for none.</param>
/// <param name="Classes">Names of the classes, in the order of the labels.</param>
public sealed record DataReport(string Name, int Train, int Validation, string ValidatedOn, int Test, string[] Classes)
{
    /// <summary>True when the best epoch is chosen; false where only test pictures are measured, and the last epoch is kept.</summary>
    public bool ChoosesBestEpoch => ValidatedOn != PictureFolder.Test;

    /// <summary>Words for the pictures on which the exported epoch was chosen.</summary>
    public string EpochChosenOn => ChoosesBestEpoch ? $"{Validation:N0} {ValidatedOn} pictures" : "nothing, the last one is kept";

    /// <summary>Name, pictures and classes, such as "xo (1,500 pictures in 2 classes)".</summary>
    public override string ToString() => $"{Name} ({Train:N0} pictures in {Classes.Length} classes)";
}

/// <summary>Pictures to learn from and to measure with, ready to be read; disposes all.</summary>
/// <param name="Report">The set in numbers and names.</param>
/// <param name="Train">Pictures to learn from.</param>
/// <param name="Validation">Pictures measured after every epoch.</param>
/// <param name="Test">
/// Pictures measured at the end: null where there are none; the same as <paramref name="Validation"/> where nothing is held out.
/// </param>
internal sealed record TrainingData(DataReport Report, BatchSource Train, BatchSource Validation, BatchSource? Test) : IDisposable
{
    /// <summary>Pictures to prove an export with, where the others are no pictures but features; stay with whoever opened them.</summary>
    public BatchSource? Pictures { get; init; }

    /// <summary>Each source once.</summary>
    public IReadOnlyList<BatchSource> All => [.. new[] { Train, Validation, Test }.OfType<BatchSource>().Distinct()];

    /// <summary>Pictures that the exported weights are measured with.</summary>
    public BatchSource Measured => Test ?? Validation;

    /// <summary>Opens the parts of a data set for a training. The caller disposes them.</summary>
    /// <param name="load">Opens one part.</param>
    /// <param name="seen">Told of the pictures to learn from, before the others are opened.</param>
    /// <exception cref="BadInputException">Nothing to learn from, or a part cannot be read.</exception>
    public static TrainingData Open(PictureFolder folder, TrainingOptions options, Func<DataPart, BatchSource> load,
        Action<BatchSource>? seen = null)
    {
        TrainingParts parts = folder.ForTraining(options.ValidationShare, options.Seed);
        var loaded = new List<BatchSource>();
        BatchSource Load(DataPart part)
        {
            loaded.Add(load(part));
            return loaded[^1];
        }

        try
        {
            BatchSource train = Load(parts.Train);
            RequireClasses(parts.Train, train, folder.Folder);
            train.Augmentation = Augmentation.Parse(options.Augment);
            seen?.Invoke(train);
            BatchSource validation = Load(parts.Validation);
            BatchSource? test = parts.Test is null ? null : parts.Test == parts.Validation ? validation : Load(parts.Test);
            string validatedOn = parts.Validation.Name;
            var report = new DataReport(folder.Name, train.Count, validation.Count, validatedOn, test?.Count ?? 0, folder.Classes);
            return new TrainingData(report, train, validation, test);
        }
        catch
        {
            loaded.ForEach(source => source.Dispose());
            throw;
        }
    }

    // A network never answers with a class that it has not seen, and the share of the set that may be unreadable can be a class.
    private static void RequireClasses(DataPart part, BatchSource read, string folder)
    {
        foreach (int lost in part.Labels.Except(read.Labels))
            throw new BadInputException($"{folder}: none of the {part.Labels.Count(label => label == lost)} pictures of class "
                + $"'{part.Classes[lost]}' to train with can be read, expected some; the first fault: {read.Unreadable[0]}");
    }

    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
        Test?.Dispose();
    }
}
