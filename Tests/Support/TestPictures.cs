using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Tests.Support;

/// <summary>Seeded pictures.</summary>
internal static class TestPictures
{
    /// <summary>Noise, BGR. The caller disposes it.</summary>
    public static Mat Noise(int height, int width, int seed = 1)
    {
        var random = new Random(seed);
        var picture = new Mat(height, width, MatType.CV_8UC3);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                picture.Set(y, x, new Vec3b((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)));
        return picture;
    }

    /// <summary>A PNG of noise; returns its path.</summary>
    public static string Write(string path, int height = 28, int width = 28, int seed = 1)
    {
        using Mat picture = Noise(height, width, seed);
        PictureFile.Write(path, picture);
        return path;
    }
}
