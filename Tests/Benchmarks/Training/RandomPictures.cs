using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>Grey noise in ten classes: nothing to learn, but as much work as any set.</summary>
internal static class RandomPictures
{
    /// <summary>The caller disposes the set.</summary>
    public static PictureSet Make(int count, InputSpec spec)
    {
        var random = new Random(count);
        var store = new PictureStore(count, spec.Height * spec.Width);
        for (int i = 0; i < count; i++)
            random.NextBytes(store[i]);
        return new PictureSet(
            spec, [.. Enumerable.Range(0, 10).Select(c => $"{c}")], [.. Enumerable.Range(0, count).Select(i => i % 10)], store);
    }
}
