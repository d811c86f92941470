using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>Value of white in a Mat, by its depth: 255 of 8 bits, 65535 of 16, 1 of floating point, as OpenCV shows them.</summary>
internal static class PixelDepth
{
    private static readonly Dictionary<int, double> White = new()
    {
        [MatType.CV_8U] = byte.MaxValue,
        [MatType.CV_8S] = sbyte.MaxValue,
        [MatType.CV_16U] = ushort.MaxValue,
        [MatType.CV_16S] = short.MaxValue,
        [MatType.CV_32S] = int.MaxValue,
        [MatType.CV_32F] = 1,
        [MatType.CV_64F] = 1,
    };

    /// <summary>Tells whether all of OpenCV's functions take the depth; its colours and sizes change in no other.</summary>
    public static bool IsTakenByAll(Mat picture) =>
        picture.Depth() is var depth && (depth == MatType.CV_8U || depth == MatType.CV_16U || depth == MatType.CV_32F);

    /// <exception cref="ArgumentException">A depth that pictures do not have.</exception>
    public static double WhiteOf(Mat picture) => White.TryGetValue(picture.Depth(), out double white)
        ? white
        : throw new ArgumentException($"A Mat of type {picture.Type()} is no picture; expected 8, 16 or 32 bits or floating point.");
}
