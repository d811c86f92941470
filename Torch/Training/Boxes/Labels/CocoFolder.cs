using System.Text.Json;
using System.Text.Json.Serialization;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// A set in COCO's format: a JSON file for each part, with pictures, boxes and categories. Of several kinds of files those of instances
/// are taken.
/// <code>
/// set/annotations/instances_train2017.json      set/train/_annotations.coco.json      set/annotations.json
/// set/train2017/000000000009.jpg                set/train/9.jpg                       set/images/9.jpg
/// </code>
/// </summary>
internal static class CocoFolder
{
    private const string Instances = "instances";

    // A file with one of these in its path is meant to be COCO's.
    private static readonly string[] Words = [Instances, "annotations", "coco"];

    /// <summary>Reads a set; null where a folder is none.</summary>
    /// <param name="folder">The set.</param>
    /// <param name="notes">Gets what is wrong with the labels.</param>
    /// <exception cref="BadInputException">A file is broken, or the parts have other categories.</exception>
    public static LabelledSet? Read(string folder, LabelNotes notes)
    {
        (string Path, CocoFile File)[] files = [.. FilesIn(folder).Select(path => (path, Read(path))).Where(f => f.Item2 is not null)
            .Select(f => (f.path, f.Item2!))];
        if (files.Length == 0)
            return null;
        CocoCategory[] categories = [.. files[0].File.Categories!.OrderBy(c => c.Id)];
        foreach ((string path, CocoFile file) in files[1..])
            if (!file.Categories!.OrderBy(c => c.Id).SequenceEqual(categories))
                throw new BadInputException($"{path}: has other categories than {files[0].Path}, expected the same");
        int[] numbers = [.. categories.Select(c => c.Id)];
        LabelledPart[] parts = [.. files.Select(f => Part(folder, f.Path, f.File, numbers, notes))
            .OrderBy(p => Array.FindIndex(SetFiles.Parts, row => row.Part == p.Name))];
        if (parts.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new BadInputException($"{folder}: has {twice.Count()} files with COCO's labels for the part '{twice.Key}' "
                + $"({string.Join(", ", files.Select(f => Path.GetFileName(f.Path)))}), expected one");
        return new LabelledSet("COCO", [.. categories.Select(c => c.Name ?? $"category {c.Id}")], parts) { Numbers = numbers };
    }

    private static string[] FilesIn(string folder)
    {
        string?[] places = [folder, SetFiles.Folder(folder, "annotations"),
            .. SetFiles.Parts.Select(p => SetFiles.Folder(folder, p.Names))];
        string[] files = [.. places.OfType<string>().SelectMany(p => Directory.EnumerateFiles(p, "*.json")).Order(StringComparer.Ordinal)];
        string[] instances = [.. files.Where(f => Path.GetFileName(f).StartsWith(Instances, StringComparison.OrdinalIgnoreCase))];
        return instances.Length > 0 ? instances : files;
    }

    private static CocoFile? Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            CocoFile? file = JsonSerializer.Deserialize<CocoFile>(stream);
            return file is { Images: not null, Annotations: not null, Categories.Length: > 0 } ? file : null;
        }
        // any other program's file, such as a classification set may have
        catch (JsonException) when (!Words.Any(word => path.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }
        catch (JsonException fault)
        {
            throw new BadInputException(fault.Path is { } place
                ? $"{path}: has something else than COCO's labels at {place} (line {fault.LineNumber + 1})"
                : $"{path}: is no JSON, expected COCO's labels", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    private static LabelledPart Part(string folder, string path, CocoFile file, int[] numbers, LabelNotes notes)
    {
        string name = SetFiles.PartOf(Path.GetFileNameWithoutExtension(path))
            ?? (Path.GetDirectoryName(path) is { } parent && parent != folder ? SetFiles.PartOf(Path.GetFileName(parent)) : null)
            ?? SetFiles.Undivided;
        var pictures = new Dictionary<long, Found>();
        var all = new List<Found>();
        foreach (CocoImage image in file.Images!)
        {
            if (image.FileName is not { Length: > 0 })
                notes.LeaveOut($"{path}: picture {image.Id} has no file_name");
            else if (!pictures.TryAdd(image.Id, new Found(image, PathOf(folder, path, name, image.FileName))))
                notes.LeaveOut($"{path}: picture {image.Id} is there twice; the first counts");
            else
                all.Add(pictures[image.Id]);
        }

        for (int i = 0; i < file.Annotations!.Length; i++)
            Add(file.Annotations[i], $"{path}: annotations[{i}] (id {file.Annotations[i].Id})", pictures, numbers, notes);
        return new LabelledPart(name, [.. all.Where(p => IsThere(p, notes)).Select(p => p.Labelled())]);
    }

    private static void Add(CocoAnnotation annotation, string where, Dictionary<long, Found> pictures, int[] numbers, LabelNotes notes)
    {
        if (!pictures.TryGetValue(annotation.ImageId, out Found? picture))
            notes.Refuse(where, $"image_id {annotation.ImageId} is no picture of the file");
        else if (Array.IndexOf(numbers, annotation.CategoryId) is var index && index < 0)
            notes.Refuse(where, $"category_id {annotation.CategoryId} is no category of the file");
        else if (annotation.Box is not [double x, double y, double width, double height])
            notes.Refuse(where, $"bbox has {annotation.Box?.Length ?? 0} numbers, expected 4: left, top, width, height");
        else if (notes.Check(where, index, new Rect2d(x, y, width, height), picture.Size, numbers.Length) is { } box)
            picture.Add(box, annotation.IsCrowd != 0, annotation.Area ?? ((double)box.Width * box.Height));
    }

    private static bool IsThere(Found picture, LabelNotes notes)
    {
        if (!File.Exists(picture.Path))
        {
            notes.LeaveOut($"{picture.Path}: no such picture");
            return false;
        }

        if (picture.Told is { Width: > 0, Height: > 0 } told && told != picture.Size)
            notes.Tell($"{picture.Path}: is {picture.Size.Width}x{picture.Size.Height}, which counts; its labels say "
                + $"{told.Width}x{told.Height}");
        notes.Add(picture.Path, hasLabels: true);
        return true;
    }

    private static string PathOf(string folder, string labels, string part, string name)
    {
        string[] words = SetFiles.Parts.FirstOrDefault(p => p.Part == part).Names ?? [];
        string year = string.Concat(Path.GetFileNameWithoutExtension(labels).Where(char.IsAsciiDigit));
        string[] places = ["", .. words.Select(w => w + year), .. words];
        string beside = Path.GetDirectoryName(labels)!;
        string?[] candidates = [Path.Combine(beside, name), .. new[] { folder, Path.Combine(folder, "images") }
            .SelectMany(root => places.Select(place => Path.Combine(root, place, name)))];
        return candidates.FirstOrDefault(File.Exists) ?? Path.Combine(folder, "images", name);
    }

    private sealed record Found(CocoImage Image, string Path)
    {
        private readonly List<LabelledBox> _boxes = [], _crowds = [];
        private readonly List<double> _areas = [];

        /// <summary>Width and height as the labels say them; 0 where they do not.</summary>
        public Size Told => new(Image.Width, Image.Height);

        /// <summary>Width and height of the file, as of the other formats: boxes lie in its pixels.</summary>
        public Size Size { get; } = SizeOf(Image, Path);

        public void Add(LabelledBox box, bool isCrowd, double area)
        {
            (isCrowd ? _crowds : _boxes).Add(box);
            if (!isCrowd)
                _areas.Add(area);
        }

        // A file that is there and cannot be read is met again, and told, when it is decoded.
        private static Size SizeOf(CocoImage image, string path)
        {
            var told = new Size(image.Width, image.Height);
            if (!File.Exists(path))
                return told;
            try
            {
                return PictureSize.Read(path);
            }
            catch (BadInputException) when (told is { Width: > 0, Height: > 0 })
            {
                return told;
            }
        }

        public BoxPicture Labelled() => new(Path, Size, [.. _boxes]) { Ignored = [.. _crowds], Areas = [.. _areas], Number = Image.Id };
    }

    private sealed record CocoFile(
        [property: JsonPropertyName("images")] CocoImage[]? Images,
        [property: JsonPropertyName("annotations")] CocoAnnotation[]? Annotations,
        [property: JsonPropertyName("categories")] CocoCategory[]? Categories);

    private sealed record CocoImage(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("file_name")] string? FileName,
        [property: JsonPropertyName("width")] int Width,
        [property: JsonPropertyName("height")] int Height);

    private sealed record CocoAnnotation(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("image_id")] long ImageId,
        [property: JsonPropertyName("category_id")] int CategoryId,
        [property: JsonPropertyName("bbox")] double[]? Box,
        [property: JsonPropertyName("area")] double? Area,
        [property: JsonPropertyName("iscrowd")] int IsCrowd);

    private sealed record CocoCategory(
        [property: JsonPropertyName("id")] int Id,
        [property: JsonPropertyName("name")] string? Name);
}
