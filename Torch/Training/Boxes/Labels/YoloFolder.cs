using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// A set in YOLO's format: a label file for each picture, whose path is the picture's with "labels" for "images".
/// <code>
/// set/images/train/1.jpg      set/train/images/1.jpg      set/data.yaml, set/*.data: names of the classes, places of the parts
/// set/labels/train/1.txt      set/train/labels/1.txt      set/classes.txt, set/*.names: names of the classes, a line each
/// </code>
/// </summary>
internal static class YoloFolder
{
    private static readonly string[] NameFiles = ["classes.txt", "labels.txt", "obj.names"];

    /// <summary>Reads a set; null where a folder is none.</summary>
    /// <param name="folder">The set.</param>
    /// <param name="notes">Gets what is wrong with the labels.</param>
    /// <exception cref="BadInputException">A part that is named has no pictures, or a file cannot be read.</exception>
    public static LabelledSet? Read(string folder, LabelNotes notes)
    {
        YoloSettings? settings = YoloSettings.Find(folder);
        (string Part, string[] Pictures)[] parts = settings is { Parts.Length: > 0 }
            ? [.. settings.Parts.Select(p =>
                (p.Part, p.Places.SelectMany(place => PicturesAt(settings, place)).Distinct().ToArray()))]
            : Found(folder);
        if (parts.Length == 0)
            return null;
        string[]? names = settings?.Names ?? NamesBeside(folder);
        LabelledPart[] read = [.. parts.Select(p => new LabelledPart(p.Part, [.. p.Pictures.Select(picture =>
            Read(picture, names?.Length ?? int.MaxValue, notes)).OfType<BoxPicture>()]))];
        names ??= Numbered(read, folder, notes);
        return new LabelledSet("YOLO", names, read);
    }

    private static BoxPicture? Read(string picture, int classes, LabelNotes notes)
    {
        try
        {
            Size size = PictureSize.Read(picture);
            string labels = LabelsOf(picture);
            bool hasLabels = File.Exists(labels);
            notes.Add(picture, hasLabels);
            return new BoxPicture(picture, size, hasLabels ? YoloLabels.Read(labels, size, classes, notes) : []);
        }
        catch (BadInputException fault)
        {
            notes.LeaveOut(fault.Message);
            return null;
        }
    }

    // The last folder of that name, as Darknet and Ultralytics do it; where there is none, labels lie beside the picture.
    private static string LabelsOf(string picture)
    {
        string[] steps = picture.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        int at = Array.FindLastIndex(steps, steps.Length - 2, s => s.ToLowerInvariant() is "images" or "jpegimages");
        if (at >= 0)
            steps[at] = "labels";
        return Path.ChangeExtension(string.Join(Path.DirectorySeparatorChar, steps), ".txt");
    }

    private static (string, string[])[] Found(string folder)
    {
        var found = new List<(string, string[])>();
        foreach ((string part, string[] names) in SetFiles.Parts)
        {
            // images/train beside labels/train, or train/images beside train/labels
            string? pictures = SetFiles.Folder(folder, "labels") is not null && SetFiles.Folder(folder, "images") is { } images
                ? SetFiles.Folder(images, [.. names, .. names.Select(n => n + "2017")])
                : SetFiles.Folder(folder, names) is { } own && SetFiles.Folder(own, "labels") is not null
                    ? SetFiles.Folder(own, "images")
                    : null;
            if (pictures is not null)
                found.Add((part, SetFiles.Pictures(pictures)));
        }

        if (found.Count == 0 && SetFiles.Folder(folder, "labels") is not null && SetFiles.Folder(folder, "images") is { } all)
            found.Add((SetFiles.Undivided, SetFiles.Pictures(all)));
        return [.. found];
    }

    private static string[] PicturesAt(YoloSettings settings, string place)
    {
        string path = settings.Candidates(place).FirstOrDefault(p => Directory.Exists(p) || File.Exists(p))
            ?? throw new BadInputException($"{settings.Path}: names '{place}', which is not there; expected a folder of pictures or a "
                + "list");
        path = Path.GetFullPath(path);
        if (Directory.Exists(path))
            return SetFiles.Pictures(path);
        string beside = Path.GetDirectoryName(path)!;
        return [.. SetFiles.Lines(path).Select(line => Path.GetFullPath(
            new[] { Path.Combine(beside, line) }.Concat(settings.Candidates(line)).FirstOrDefault(File.Exists)
            ?? Path.Combine(beside, line)))];
    }

    private static string[]? NamesBeside(string folder)
    {
        string?[] places = [folder, SetFiles.Folder(folder, "labels")];
        string? file = places.OfType<string>().SelectMany(p => NameFiles.Select(n => Path.Combine(p, n))).FirstOrDefault(File.Exists)
            ?? Directory.EnumerateFiles(folder, "*.names").Order(StringComparer.Ordinal).FirstOrDefault();
        return file is null ? null : SetFiles.Lines(file);
    }

    private static string[] Numbered(LabelledPart[] parts, string folder, LabelNotes notes)
    {
        int classes = parts.SelectMany(p => p.Pictures).SelectMany(p => p.Boxes).Select(b => b.Class + 1).DefaultIfEmpty(0).Max();
        notes.Tell($"{folder}: no names of the classes (data.yaml, *.data, classes.txt, *.names); they are called class 0 to "
            + $"{classes - 1}");
        return [.. Enumerable.Range(0, classes).Select(c => $"class {c}")];
    }
}
