using System.Globalization;
using System.Security.Cryptography;
using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>The four files of MNIST and of sets that took over its form: grey pictures and labels, for training and for testing.</summary>
internal static class IdxSet
{
    private static readonly (string Part, string Prefix)[] Files = [("train", "train"), ("test", "t10k")];

    public static bool IsIn(string folder) => Files.Any(f => PicturesFile(folder, f.Prefix) is not null || LabelsFile(folder, f.Prefix) is not null);

    /// <exception cref="BadInputException">A file is missing or broken, or two files do not belong together.</exception>
    public static DataPart[] Parts(string folder)
    {
        var labelled = new List<(string Part, string Pictures, byte[] Labels, int Count)>();
        foreach ((string part, string prefix) in Files)
        {
            (string? pictures, string? labels) = (PicturesFile(folder, prefix), LabelsFile(folder, prefix));
            if (pictures is null && labels is null)
                continue;
            if (pictures is null || labels is null)
                throw new BadInputException($"{folder}: has {pictures ?? labels} but no file {(pictures is null ? PicturesName(prefix) : LabelsName(prefix))} or .gz of it");
            byte[] classOf = IdxFile.Read(labels, axes: 1).Elements;
            labelled.Add((part, pictures, classOf, classOf.Length));
        }

        string[] classes = ClassNames(labelled.Select(l => l.Labels));
        if (classes.Length < 2)
            throw new BadInputException($"{folder}: all labels are {classes[0]}, expected at least two classes");
        return [.. labelled.Select(l => new DataPart(l.Part, classes, [.. l.Labels.Select(label => (int)label)],
            (indices, spec, progress, _) => Load(l.Pictures, l.Labels, classes, indices, spec, progress)))];
    }

    private static PictureSet Load(string path, byte[] labels, string[] classes, int[] indices, InputSpec spec, Action<int>? progress)
    {
        IdxFile pictures = IdxFile.Read(path, axes: 3);
        (int count, int height, int width) = (pictures.Dims[0], pictures.Dims[1], pictures.Dims[2]);
        if (count != labels.Length)
            throw new BadInputException($"{path}: has {count:N0} pictures and its label file {labels.Length:N0} labels, expected as many of each");
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
        return new PictureSet(spec, classes, [.. indices.Select(i => (int)labels[i])], store);
    }

    // Digits and clothes come in files of the same names; the labels tell which they are.
    private static string[] ClassNames(IEnumerable<byte[]> labels) =>
        labels.Any(part => FashionMnist.LabelHashes.Contains(Convert.ToHexStringLower(SHA256.HashData(part))))
            ? FashionMnist.Classes
            : [.. Enumerable.Range(0, labels.Max(part => part.Max()) + 1).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    private static string PicturesName(string prefix) => prefix + "-images-idx3-ubyte";

    private static string LabelsName(string prefix) => prefix + "-labels-idx1-ubyte";

    private static string? PicturesFile(string folder, string prefix) => IdxFile.Find(folder, PicturesName(prefix));

    private static string? LabelsFile(string folder, string prefix) => IdxFile.Find(folder, LabelsName(prefix));
}
