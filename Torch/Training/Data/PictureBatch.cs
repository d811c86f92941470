using System.Runtime.InteropServices;
using CnnOnnx.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Bytes of pictures as a batch for a network.</summary>
internal static class PictureBatch
{
    public delegate void Filler(Span<byte> pixels, Span<long> labels);

    public delegate void PixelFiller(Span<byte> pixels);

    /// <param name="fill">Given room for N pictures of C·H·W bytes and N class indices.</param>
    /// <returns>The caller disposes its tensors, or its scope does.</returns>
    public static Batch Of(int count, InputSpec spec, Device device, Filler fill)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor classIndices = empty([count], ScalarType.Int64);
        Tensor pictures = Inputs(count, spec, device, pixels => fill(pixels, MemoryMarshal.Cast<byte, long>(classIndices.bytes)));
        return new Batch(pictures.MoveToOuterDisposeScope(), classIndices.to(device).MoveToOuterDisposeScope());
    }

    /// <summary>Pictures as the network takes them, [N, C, H, W].</summary>
    /// <param name="fill">Given room for N pictures of C·H·W bytes.</param>
    /// <returns>The caller disposes it, or its scope does.</returns>
    public static Tensor Inputs(int count, InputSpec spec, Device device, PixelFiller fill)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor bytes = empty([count, spec.ChannelCount, spec.Height, spec.Width], ScalarType.Byte);
        fill(bytes.bytes);
        // bytes travel to an accelerator, not floats
        return Normalized(bytes.to(device).to(ScalarType.Float32), spec).MoveToOuterDisposeScope();
    }

    // (value · range / 255 − mean) / std as one product and one sum, as for single pictures.
    private static Tensor Normalized(Tensor pictures, InputSpec spec)
    {
        double factor = spec.Range / byte.MaxValue;
        if (spec.Mean.Length + spec.Std.Length == 0)
            return factor == 1 ? pictures : pictures.mul_(factor);
        for (int c = 0; c < spec.ChannelCount; c++)
        {
            double mean = spec.Mean.Length == 0 ? 0 : spec.Mean[c], std = spec.Std.Length == 0 ? 1 : spec.Std[c];
            pictures.select(1, c).mul_(factor / std).add_(-mean / std);
        }

        return pictures;
    }
}
