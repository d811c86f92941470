using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Mixes each picture of a batch with another one of it; the classes of both are then learned, by their shares.</summary>
internal static class Mixing
{
    /// <summary>Fades both pictures into one. Zhang et al.: https://arxiv.org/abs/1710.09412</summary>
    public static MixedPictures MixUp(Tensor pictures, double alpha, Random random)
    {
        using DisposeScope scope = NewDisposeScope();
        double share = Beta(random, alpha);
        Tensor partners = Partners(pictures, random);
        Tensor mixed = pictures.mul(share).add_(pictures.index_select(0, partners), alpha: 1 - share);
        return new MixedPictures(mixed.MoveToOuterDisposeScope(), partners.MoveToOuterDisposeScope(), share);
    }

    /// <summary>Puts a rectangle of one picture into the other. Yun et al.: https://arxiv.org/abs/1905.04899</summary>
    public static MixedPictures CutMix(Tensor pictures, double alpha, Random random)
    {
        using DisposeScope scope = NewDisposeScope();
        double side = Math.Sqrt(1 - Beta(random, alpha));
        Tensor partners = Partners(pictures, random);
        (long top, long height) = Range(pictures.size(2), side, random);
        (long left, long width) = Range(pictures.size(3), side, random);
        Tensor mixed = pictures.clone();
        if (height > 0 && width > 0)
            mixed.narrow(2, top, height).narrow(3, left, width)
                .copy_(pictures.index_select(0, partners).narrow(2, top, height).narrow(3, left, width));
        // what the edges have cut off is not mixed in
        double share = 1 - ((double)(height * width) / (pictures.size(2) * pictures.size(3)));
        return new MixedPictures(mixed.MoveToOuterDisposeScope(), partners.MoveToOuterDisposeScope(), share);
    }

    // A stretch about a place anywhere, cut off at the edges.
    private static (long Begin, long Length) Range(long size, double side, Random random)
    {
        long length = (long)Math.Round(size * side), begin = random.NextInt64(size) - (length / 2);
        long end = Math.Min(size, begin + length);
        begin = Math.Max(0, begin);
        return (begin, end - begin);
    }

    private static Tensor Partners(Tensor pictures, Random random)
    {
        long[] order = [.. Enumerable.Range(0, (int)pictures.size(0)).Select(i => (long)i)];
        random.Shuffle(order);
        return tensor(order, device: pictures.device);
    }

    // Jöhnk's way to draw from Beta(a, a): two powers, taken when their sum is at most 1.
    private static double Beta(Random random, double alpha)
    {
        while (true)
        {
            double first = Math.Pow(random.NextDouble(), 1 / alpha), second = Math.Pow(random.NextDouble(), 1 / alpha);
            if (first + second is > 0 and <= 1)
                return first / (first + second);
        }
    }
}
