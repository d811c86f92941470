using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Decoded pictures, kept from the first use on as long as they take no more than a share of the memory; the others are decoded each time.
/// For several threads.
/// </summary>
internal sealed class DecodedPictures(int count) : IDisposable
{
    // The other half of a half: what trains needs the rest.
    private const int ShareOfMemory = 4;

    private readonly Mat?[] _kept = new Mat?[count];
    private long _bytesLeft = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ShareOfMemory;

    /// <summary>Hands a picture over, BGR of 8 bits, for the time of a call; it is not to be changed.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public void Use(int index, string path, Action<Mat> use)
    {
        if (Volatile.Read(ref _kept[index]) is { } kept)
        {
            use(kept);
            return;
        }

        Mat? picture = PictureFile.Read(path);
        try
        {
            use(picture);
            long bytes = picture.Total() * picture.ElemSize();
            if (Interlocked.Add(ref _bytesLeft, -bytes) >= 0 && Interlocked.CompareExchange(ref _kept[index], picture, null) is null)
                picture = null;
            else
                Interlocked.Add(ref _bytesLeft, bytes);
        }
        finally
        {
            picture?.Dispose();
        }
    }

    /// <summary>Frees the pictures; no thread uses them any more.</summary>
    public void Dispose()
    {
        foreach (Mat? picture in _kept)
            picture?.Dispose();
    }
}
