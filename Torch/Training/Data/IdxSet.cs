using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// The four files of MNIST and of sets that took over its form, such as EMNIST: grey pictures and labels, for training and for
/// testing. Their names differ a little from one distribution to the other.
/// <code>
/// train-images-idx3-ubyte.gz   train-images.idx3-ubyte   emnist-letters-train-images-idx3-ubyte
/// t10k-labels-idx1-ubyte.gz    t10k-labels.idx1-ubyte    emnist-letters-test-labels-idx1-ubyte
/// </code>
/// </summary>
internal static partial class IdxSet
{
    private const string RawFolder = "raw";

    /// <summary>
    /// The folder in which the files lie: the given one, or "raw" in it or one below, as torchvision has it; null for none.
    /// </summary>
    /// <exception cref="BadInputException">Several folders below hold such files.</exception>
    public static string? FolderOf(string folder)
    {
        if (Files(folder).Any())
            return folder;
        string[] below = [.. new[] { Path.Combine(folder, RawFolder) }
            .Concat(Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Select(f => Path.Combine(f, RawFolder)))
            .Where(f => Directory.Exists(f) && Files(f).Any())];
        return below.Length < 2
            ? below.FirstOrDefault()
            : throw new BadInputException($"{folder}: holds {below.Length} data sets, in {string.Join(", ", below)}; expected the "
                + "folder of one");
    }

    /// <exception cref="BadInputException">A file is missing or broken, or two files do not belong together.</exception>
    public static DataPart[] Parts(string folder)
    {
        string set = OnlySetIn(folder);
        var labelled = new List<(string Part, string Pictures, byte[] Labels)>();
        foreach (IGrouping<string, IdxName> part in Files(folder).GroupBy(f => f.Part))
        {
            (IdxName? pictures, IdxName? labels) = (part.FirstOrDefault(f => f.IsPictures), part.FirstOrDefault(f => !f.IsPictures));
            if (pictures is null || labels is null)
                throw new BadInputException($"{folder}: has {(pictures ?? labels)!.Path} but no file "
                    + $"{(pictures ?? labels)!.Stem}-{(pictures is null ? "images-idx3" : "labels-idx1")}-ubyte or .gz of it");
            labelled.Add((part.Key, pictures.Path, IdxFile.Read(labels.Path, axes: 1).Elements));
        }

        // training first
        labelled.Sort((a, b) => string.CompareOrdinal(b.Part, a.Part));
        string[] classes = ClassNames(folder, set, labelled.Select(l => l.Labels), out int first);
        if (classes.Length < 2)
            throw new BadInputException($"{folder}: all labels are {first}, expected at least two classes");
        return [.. labelled.Select(l =>
        {
            int[] labels = [.. l.Labels.Select(label => label - first)];
            return new DataPart(l.Part, classes, labels,
                (indices, spec, progress, _) => Load(l.Pictures, labels, classes, indices, spec, progress));
        })];
    }

    /// <summary>Notes for a user of the set; empty where there is nothing to know.</summary>
    public static string[] RemarksOf(string folder) => OnlySetIn(folder).StartsWith("emnist", StringComparison.OrdinalIgnoreCase)
        ? ["EMNIST stores its pictures with rows and columns exchanged; they are taken as they are stored"]
        : [];

    private static PictureSet Load(string path, int[] labels, string[] classes, int[] indices, InputSpec spec, Action<int>? progress)
    {
        IdxFile pictures = IdxFile.Read(path, axes: 3);
        (int count, int height, int width) = (pictures.Dims[0], pictures.Dims[1], pictures.Dims[2]);
        if (count != labels.Length)
            throw new BadInputException($"{path}: has {count:N0} pictures and its label file {labels.Length:N0} labels, expected as "
                + "many of each");
        var store = new PictureStore(indices.Length, spec.ChannelCount * spec.Height * spec.Width);
        bool fits = spec is { Channels: ChannelOrder.Gray } && (spec.Height, spec.Width) == (height, width);
        using var resizer = new PictureResizer(spec);
        for (int i = 0; i < indices.Length; i++)
        {
            Span<byte> grey = pictures.Elements.AsSpan(indices[i] * height * width, height * width);
            if (fits)
            {
                grey.CopyTo(store[i]);
                continue;
            }

            using var picture = new Mat(height, width, MatType.CV_8UC1);
            grey.CopyTo(picture.AsSpan<byte>());
            resizer.Resize(picture, store[i]);
        }

        progress?.Invoke(indices.Length);
        return new PictureSet(spec, classes, [.. indices.Select(i => labels[i])], store);
    }

    /// <param name="first">The label of the first class: 1 in sets that count from there, such as EMNIST's letters.</param>
    private static string[] ClassNames(string folder, string set, IEnumerable<byte[]> labels, out int first)
    {
        first = labels.Min(part => part.Min()) == 1 ? 1 : 0;
        // Digits and clothes come in files of the same names; the labels tell which they are.
        if (labels.Any(part => FashionMnist.LabelHashes.Contains(Convert.ToHexStringLower(SHA256.HashData(part)))))
            return FashionMnist.Classes;
        Dictionary<int, string> mapping = Mapping(Path.Combine(folder, set + "mapping.txt"));
        int start = first;
        return [.. Enumerable.Range(start, labels.Max(part => part.Max()) + 1 - start)
            .Select(label => mapping.GetValueOrDefault(label) ?? label.ToString(CultureInfo.InvariantCulture))];
    }

    /// <summary>EMNIST's file of lines "label code code …": the characters that a class stands for.</summary>
    private static Dictionary<int, string> Mapping(string path)
    {
        var names = new Dictionary<int, string>();
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            int[] numbers = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
            if (numbers.Length >= 2 && !numbers.Contains(-1) && numbers[1..].All(code => code is > ' ' and < char.MaxValue))
                names.TryAdd(numbers[0], string.Concat(numbers[1..].Select(code => (char)code)));
        }

        return names.Values.Distinct().Count() == names.Count ? names : [];
    }

    private static string OnlySetIn(string folder)
    {
        string[] sets = [.. Files(folder).Select(f => f.Set).Distinct(StringComparer.OrdinalIgnoreCase)];
        return sets.Length == 1
            ? sets[0]
            : throw new BadInputException($"{folder}: holds {sets.Length} data sets "
                + $"({string.Join(", ", sets.Select(s => s.Length == 0 ? "one without a name" : s.TrimEnd('-')))}); "
                + "expected the files of one, in a folder of its own");
    }

    /// <summary>The files of such names; of a plain and a compressed one of the same name the compressed one.</summary>
    private static IEnumerable<IdxName> Files(string folder) => Directory.EnumerateFiles(folder)
        .Select(path => (Path: path, Match: NamePattern().Match(Path.GetFileName(path)))).Where(f => f.Match.Success)
        .Select(f => new IdxName(
            f.Path, f.Match.Groups["set"].Value, f.Match.Groups["part"].Value, f.Match.Groups["what"].Value == "images"))
        .OrderBy(f => f.Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? 0 : 1).ThenBy(f => f.Path, StringComparer.Ordinal);

    [GeneratedRegex(@"^(?<set>.*?)(?<part>train|test|t10k)-(?<what>images|labels)[-.]idx[13]-ubyte(\.gz)?$", RegexOptions.IgnoreCase)]
    private static partial Regex NamePattern();

    /// <summary>Name of a file of such a set, taken apart.</summary>
    /// <param name="Set">Text in front of the part, such as emnist-letters-; empty for MNIST's own names.</param>
    /// <param name="Word">train, test or t10k.</param>
    private sealed record IdxName(string Path, string Set, string Word, bool IsPictures)
    {
        public string Part => Word.Equals("train", StringComparison.OrdinalIgnoreCase) ? "train" : "test";

        public string Stem => Set + Word;
    }
}
