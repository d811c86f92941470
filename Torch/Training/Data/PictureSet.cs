using System.Runtime.InteropServices;
using CnnOnnx.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Labelled pictures of one size, ready to become batches.</summary>
/// <param name="spec">How the pictures were resized, and how bytes become numbers.</param>
/// <param name="classes">Class names in the order of the labels.</param>
/// <param name="labels">A class index for each picture.</param>
/// <param name="store">The bytes, C·H·W each; the set disposes it.</param>
internal sealed class PictureSet(InputSpec spec, string[] classes, int[] labels, PictureStore store) : IDisposable
{
    public InputSpec Spec => spec;

    public IReadOnlyList<string> Classes => classes;

    public IReadOnlyList<int> Labels => labels;

    public int Count => labels.Length;

    /// <summary>Files that were to be in the set and cannot be read, each with its reason.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];

    /// <summary>One picture's bytes 0..255, C·H·W.</summary>
    public ReadOnlySpan<byte> Bytes(int index) => store[index];

    /// <summary>A batch in the order of the indices.</summary>
    /// <returns>Pictures [N, C, H, W] as the network takes them and labels [N]; the caller disposes both, or its scope does.</returns>
    public (Tensor Pictures, Tensor Labels) Read(ReadOnlySpan<int> indices, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor bytes = empty([indices.Length, spec.ChannelCount, spec.Height, spec.Width], ScalarType.Byte);
        Tensor classIndices = empty([indices.Length], ScalarType.Int64);
        Span<byte> pixels = bytes.bytes;
        Span<long> classOf = MemoryMarshal.Cast<byte, long>(classIndices.bytes);
        for (int i = 0; i < indices.Length; i++)
        {
            store[indices[i]].CopyTo(pixels.Slice(i * store.PictureBytes, store.PictureBytes));
            classOf[i] = labels[indices[i]];
        }

        // bytes travel to an accelerator, not floats
        Tensor pictures = Normalized(bytes.to(device).to(ScalarType.Float32));
        return (pictures.MoveToOuterDisposeScope(), classIndices.to(device).MoveToOuterDisposeScope());
    }

    public void Dispose() => store.Dispose();

    // (value · range / 255 − mean) / std as one product and one sum, as for single pictures.
    private Tensor Normalized(Tensor pictures)
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
