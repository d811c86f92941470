using System.IO.Enumeration;
using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Pictures in a folder for each class. The class folders lie in folders for training and for testing, or directly in the
/// folder; classes are in the order of their names.
/// <code>
/// set/train/circles/1.png      set/circles/1.png
/// set/train/crosses/1.png      set/crosses/1.png
/// set/test/circles/2.png
/// </code>
/// </summary>
internal static class ImageFolder
{
    // A few levels, so that a link to a folder above does not lead round in circles for long.
    private static readonly EnumerationOptions Nested = new() { RecurseSubdirectories = true, MaxRecursionDepth = 4 };

    // Part and the folder names that it goes by.
    private static readonly (string Part, string[] Names)[] Splits =
    [
        ("train", ["train", "train_data", "training"]),
        ("test", ["test", "test_data", "testing"]),
        ("val", ["val", "val_data", "valid", "validation"]),
    ];

    /// <exception cref="BadInputException">Fewer than two classes, a class without pictures, parts with different classes.</exception>
    /// <param name="folder">The folder of the set.</param>
    /// <param name="remarks">Gets notes on what is left out or taken in part.</param>
    public static DataPart[] Parts(string folder, List<string> remarks)
    {
        (string Part, string Folder)[] splits = [.. Splits
            .Select(s => (s.Part,
                Folder: Folders(folder).FirstOrDefault(f => s.Names.Contains(Path.GetFileName(f), StringComparer.OrdinalIgnoreCase))))
            .Where(s => s.Folder is not null).Select(s => (s.Part, s.Folder!))];
        if (splits.Length == 0)
            splits = [(PictureFolder.Undivided, folder)];

        string[] classes = Classes(splits[0].Folder);
        foreach ((_, string other) in splits[1..])
            if (!Classes(other).SequenceEqual(classes))
                throw new BadInputException($"{other}: has the classes {Some(Classes(other))}, expected those of {splits[0].Folder}: "
                    + $"{Some(classes)}");
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        DataPart[] parts = [.. splits.Select(s => Part(s.Part, s.Folder, classes, kinds))];
        // a kind is a file name's ending, in lower case
        string[] others = [.. kinds.Where(k => !PictureFile.IsPicture(k.Key)).Select(k => $"{k.Value:N0} "
            + $"{(k.Key.Length == 0 ? "without an ending" : k.Key)}")];
        if (others.Length > 0)
            remarks.Add($"left out of {folder}, as no pictures: {string.Join(", ", others)}");
        if (kinds.TryGetValue(".gif", out int animated))
            remarks.Add($"of {animated:N0} .gif the first frame is taken");
        return parts;
    }

    /// <param name="kinds">Counts files by their endings: those of all kinds, but of pictures only the ones that are animated.</param>
    private static DataPart Part(string name, string folder, string[] classes, SortedDictionary<string, int> kinds)
    {
        var files = new List<(string Path, int Label)>();
        for (int label = 0; label < classes.Length; label++)
        {
            foreach (string path in Files(Path.Combine(folder, classes[label])).Order(StringComparer.Ordinal))
            {
                string kind = Path.GetExtension(path).ToLowerInvariant();
                bool isPicture = PictureFile.IsPicture(path);
                if (isPicture)
                    files.Add((path, label));
                if (!isPicture || kind == ".gif")
                    kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            }
        }

        return new DataPart(name, classes, [.. files.Select(f => f.Label)],
            (indices, spec, progress, cancel) => Load(folder, classes, [.. indices.Select(i => files[i])], spec, progress, cancel))
        {
            Stream = (indices, spec) =>
                new PictureStream(spec, classes, [.. indices.Select(i => files[i].Label)], [.. indices.Select(i => files[i].Path)]),
        };
    }

    private static string[] Classes(string folder)
    {
        string[] classes = [.. Folders(folder).Select(f => Path.GetFileName(f))];
        if (classes.Length < 2)
            throw new BadInputException(
                $"{folder}: has {(classes.Length == 0 ? "no class folder" : $"one class folder ({classes[0]})")}, "
                + "expected at least two with pictures in them");
        foreach (string name in classes)
            if (!Files(Path.Combine(folder, name)).Any(PictureFile.IsPicture))
                throw new BadInputException(
                    $"{Path.Combine(folder, name)}: holds no picture, expected some of class '{name}' "
                        + $"({string.Join(", ", PictureFile.Endings)})");
        return classes;
    }

    private static PictureSet Load(string folder, string[] classes, (string Path, int Label)[] files, InputSpec spec,
        Action<int>? progress, CancellationToken cancel)
    {
        var store = new PictureStore(files.Length, spec.ChannelCount * spec.Height * spec.Width);
        try
        {
            string?[] faults = Decode(files, store, spec, progress, cancel);
            string[] unreadable = [.. faults.OfType<string>()];
            if (BatchSource.TooMany(unreadable, files.Length) is { } problem)
                throw new BadInputException($"{folder}: {problem}");
            int[] readable = [.. Enumerable.Range(0, files.Length).Where(i => faults[i] is null)];
            for (int i = 0; i < readable.Length; i++)
                if (readable[i] != i)
                    store[readable[i]].CopyTo(store[i]);
            return new PictureSet(spec, classes, [.. readable.Select(i => files[i].Label)], store) { Unreadable = unreadable };
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Fills the store; returns for each file why it cannot be read, or null.</summary>
    private static string?[] Decode((string Path, int Label)[] files, PictureStore store, InputSpec spec,
        Action<int>? progress, CancellationToken cancel)
    {
        string?[] faults = new string?[files.Length];
        Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = cancel }, () => new PictureResizer(spec), (i, _, resizer) =>
        {
            try
            {
                using Mat picture = PictureFile.Read(files[i].Path);
                resizer.Resize(picture, store[i]);
            }
            catch (BadInputException fault)
            {
                faults[i] = fault.Message;
            }

            progress?.Invoke(1);
            return resizer;
        }, resizer => resizer.Dispose());
        return faults;
    }

    private static IEnumerable<string> Folders(string folder) =>
        Directory.EnumerateDirectories(folder, "*", new EnumerationOptions()).Where(f => !IsPassedOver(f)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Files(string folder) =>
        new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), Nested)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !IsPassedOver(entry.FileName),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsPassedOver(entry.FileName),
        };

    // Hidden ones, and what macOS puts into each zip file: a shadow "._name" of every file, in a folder of their own.
    private static bool IsPassedOver(ReadOnlySpan<char> path) => Path.GetFileName(path) is ['.', ..] or "__MACOSX";

    private static string Some(string[] names) => string.Join(", ", names.Take(6)) + (names.Length > 6 ? $", … ({names.Length})" : "");
}
