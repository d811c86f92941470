using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Tests.Data;

/// <summary>Folders of small pictures for tests.</summary>
internal static class PictureFolders
{
    /// <summary>Pictures of one colour that says which they are: BGR (10·class, number, 200).</summary>
    public static void Write(string folder, string[] classes, int perClass, string extension = ".png")
    {
        for (int c = 0; c < classes.Length; c++)
        {
            for (int i = 0; i < perClass; i++)
            {
                using var picture = new Mat(6, 8, MatType.CV_8UC3, new Scalar(10 * c, i, 200));
                PictureFile.Write(Path.Combine(folder, classes[c], $"{i:00}{extension}"), picture);
            }
        }
    }
}
