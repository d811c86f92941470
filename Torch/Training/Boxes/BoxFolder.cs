namespace CnnOnnx.Torch.Training;

/// <summary>A folder with pictures and boxes in them: YOLO's, COCO's or Pascal VOC's labels, as its files tell.</summary>
internal sealed class BoxFolder
{
    private static readonly Func<string, LabelNotes, LabelledSet?>[] Formats = [YoloFolder.Read, CocoFolder.Read, VocFolder.Read];

    private BoxFolder(string folder, LabelledSet set, IReadOnlyList<string> remarks)
    {
        (Folder, Format, Classes, Numbers, Remarks) = (folder, set.Format, set.Classes, set.Numbers, remarks);
        Parts = [.. set.Parts.Select(part => new BoxSetPart(part.Name, set.Classes, part.Pictures))];
    }

    /// <summary>Path of the folder, as it was given.</summary>
    public string Folder { get; }

    /// <summary>Name of the folder.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <summary>Format of the labels: YOLO, COCO or VOC.</summary>
    public string Format { get; }

    /// <summary>Class names in the order of their indices.</summary>
    public string[] Classes { get; }

    /// <summary>Number of each class in the set's own files; null where that is its index.</summary>
    public int[]? Numbers { get; }

    /// <summary>What is wrong with the labels and what is left out, a line each with file and place; empty when all is well.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Parts by their names: train, val, test, or all where the set is not divided.</summary>
    public BoxSetPart[] Parts { get; }

    /// <summary>Reads the labels of a folder.</summary>
    /// <exception cref="BadInputException">No such folder, no labels that are known, no boxes, or too many that are of no use.</exception>
    public static BoxFolder Open(string folder) => Find(folder) ?? throw new BadInputException($"{folder}: holds no boxes that are known, "
        + "expected images and labels (YOLO), a JSON file of COCO, or Annotations and JPEGImages (VOC)");

    /// <summary>Reads the labels of a folder; null where it holds none that are known.</summary>
    /// <param name="folder">The set.</param>
    /// <param name="format">The only format to look for; null for all.</param>
    /// <exception cref="BadInputException">No such folder, no boxes, or too many that are of no use.</exception>
    public static BoxFolder? Find(string folder, string? format = null)
    {
        if (File.Exists(folder))
            throw new BadInputException($"{folder}: is a file, expected the folder of a data set");
        if (!Directory.Exists(folder))
            throw new BadInputException($"{folder}: no such folder, expected a data set");
        try
        {
            foreach (Func<string, LabelNotes, LabelledSet?> read in Formats)
            {
                var notes = new LabelNotes();
                if (read(folder, notes) is { } set && (format ?? set.Format) == set.Format)
                    return Checked(folder, set, notes);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder}: cannot be read: {fault.Message}", fault);
        }

        return null;
    }

    /// <summary>Divides the set for a training; what is missing to validate with is held out.</summary>
    /// <param name="share">Share 0..1 of the pictures to hold out; 0 for none, null for the usual one.</param>
    /// <param name="seed">Seed of the choice of pictures.</param>
    /// <exception cref="BadInputException">A share of a set with validation pictures of its own, or nothing to learn from.</exception>
    public (BoxSetPart Train, BoxSetPart Validation, BoxSetPart? Test) ForTraining(double? share, int seed) =>
        Division.ForTraining(share, seed);

    /// <summary>The part to measure a detector with.</summary>
    /// <param name="name">A part's name; null for the test part, or else what there is.</param>
    /// <exception cref="BadInputException">No such part.</exception>
    public BoxSetPart ForEvaluation(string? name) => Division.ForEvaluation(name);

    private SetDivision<BoxSetPart> Division =>
        new(Folder, [.. Parts.Select(part => (part.Name, part))], (part, share, seed) => part.Split(share, seed));

    private static BoxFolder Checked(string folder, LabelledSet set, LabelNotes notes)
    {
        notes.RequireMostUseful(folder);
        foreach (LabelledPart part in set.Parts)
            if (part.Pictures.Length == 0)
                throw new BadInputException($"{folder}: the part '{part.Name}' has no pictures that can be used"
                    + (notes.Lines.Count > 0 ? $"; {notes.Lines[0]}" : ""));
        int[] boxes = new int[set.Classes.Length];
        foreach (LabelledBox box in set.Parts.SelectMany(p => p.Pictures).SelectMany(p => p.Boxes))
            boxes[box.Class]++;
        if (boxes.Sum() == 0)
            throw new BadInputException($"{folder}: no picture has a box{(notes.Lines.Count > 0 ? $"; {notes.Lines[0]}" : "")}");
        string[] nobodys = [.. set.Classes.Where((_, c) => boxes[c] == 0)];
        return new BoxFolder(folder, set, nobodys.Length == 0 ? notes.Lines
            : [.. notes.Lines, $"{folder}: {(nobodys.Length == 1 ? "a class" : $"{nobodys.Length} classes")} that no box has: "
                + string.Join(", ", nobodys.Take(8)) + (nobodys.Length > 8 ? ", …" : "")]);
    }
}
