using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Tests.Imaging;

[TestClass]
public sealed class PictureHeaderTests
{
    [TestMethod]
    [DataRow(".png", "PNG")]
    [DataRow(".jpg", "JPEG")]
    [DataRow(".bmp", "BMP")]
    [DataRow(".webp", "WebP")]
    [DataRow(".gif", "GIF")]
    [DataRow(".tif", "TIFF")]
    public void Read_FilesThatOpenCvWrote_KnowsFormatAndSize(string extension, string format)
    {
        using var picture = new Mat(301, 77, MatType.CV_8UC3, new Scalar(1, 2, 3));
        Cv2.ImEncode(extension, picture, out byte[] bytes);
        PictureHeader? header = PictureHeader.Read(bytes);
        Assert.AreEqual((format, 77L, 301L), (header!.Value.Format, header.Value.Width, header.Value.Height));
    }

    [TestMethod]
    [DataRow(".png")]
    [DataRow(".webp")]
    public void Read_FourChannels_HaveAlpha(string extension)
    {
        using var opaque = new Mat(9, 9, MatType.CV_8UC3, Scalar.White);
        using var clear = new Mat(9, 9, MatType.CV_8UC4, new Scalar(1, 2, 3, 4));
        Cv2.ImEncode(extension, opaque, out byte[] withoutAlpha);
        Cv2.ImEncode(extension, clear, out byte[] withAlpha, new ImageEncodingParam(ImwriteFlags.WebPQuality, 101));
        Assert.IsFalse(PictureHeader.Read(withoutAlpha)!.Value.HasAlpha);
        Assert.IsTrue(PictureHeader.Read(withAlpha)!.Value.HasAlpha);
    }

    [TestMethod]
    public void Read_TopDownBmp_HasAPositiveHeight()
    {
        using var picture = new Mat(5, 4, MatType.CV_8UC3, Scalar.White);
        Cv2.ImEncode(".bmp", picture, out byte[] bytes);
        BitConverter.GetBytes(-5).CopyTo(bytes, 22);
        Assert.AreEqual(5, PictureHeader.Read(bytes)!.Value.Height);
    }

    [TestMethod]
    public void Read_EveryPrefix_NeitherThrowsNorInventsASize()
    {
        using var picture = new Mat(30, 20, MatType.CV_8UC3, Scalar.White);
        foreach (string extension in new[] { ".png", ".jpg", ".bmp", ".webp", ".gif", ".tif" })
        {
            Cv2.ImEncode(extension, picture, out byte[] bytes);
            for (int length = 0; length < Math.Min(bytes.Length, 1000); length++)
                if (PictureHeader.Read(bytes.AsSpan(0, length)) is { } header)
                    Assert.IsTrue(header.Width <= 20 && header.Height <= 30, $"{extension} of {length} bytes: {header}");
        }
    }

    [TestMethod]
    public void Read_OtherBytes_GivesNothing()
    {
        Assert.IsNull(PictureHeader.Read([]));
        Assert.IsNull(PictureHeader.Read("RIFF----AVI "u8));
        Assert.IsNull(PictureHeader.Read("%PDF-1.7"u8));
    }
}
