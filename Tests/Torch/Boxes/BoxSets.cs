using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using OpenCvSharp;

namespace CnnOnnx.Tests.Boxes;

/// <summary>Small sets of pictures with boxes.</summary>
internal static class BoxSets
{
    /// <summary>Writes a text file, with the folders that it needs.</summary>
    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Writes a gray picture.</summary>
    public static void Picture(string path, int width, int height)
    {
        using var picture = new Mat(height, width, MatType.CV_8UC3, Scalar.All(90));
        PictureFile.Write(path, picture);
    }

    /// <summary>A set with one picture a label file, 100 wide and 50 high, in YOLO's undivided form.</summary>
    public static BoxFolder Yolo(TemporaryFolder folder, string names, params string[] labels)
    {
        Write(folder.File("classes.txt"), names);
        for (int i = 0; i < labels.Length; i++)
        {
            Picture(folder.File("images", $"{i}.png"), 100, 50);
            Write(folder.File("labels", $"{i}.txt"), labels[i]);
        }

        return BoxFolder.Open(folder.Path);
    }

    public static string Text(IEnumerable<LabelledBox> boxes) =>
        string.Join("; ", boxes.Select(b =>
            FormattableString.Invariant($"{b.Class}: {b.X:0.##} {b.Y:0.##} {b.Width:0.##} {b.Height:0.##}")));
}
