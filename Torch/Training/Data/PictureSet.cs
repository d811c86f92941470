using CnnOnnx.Imaging;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Labelled pictures that were decoded once and lie in a store: right for as many as fit.</summary>
/// <param name="store">The bytes, C·H·W each; the set disposes it.</param>
internal sealed class PictureSet(InputSpec spec, string[] classes, int[] labels, PictureStore store) : BatchSource(spec, classes, labels)
{
    public override ReadOnlySpan<byte> Bytes(int index) => store[index];

    /// <summary>A batch in the order of the indices. The caller disposes its tensors, or its scope does.</summary>
    /// <param name="randomOf">Random numbers for each place in the batch, to change its picture by; null for no change.</param>
    public Batch Read(ReadOnlySpan<int> indices, Device device, Func<int, Random>? randomOf = null)
    {
        int[] chosen = [.. indices];
        byte[] scratch = randomOf is null ? [] : new byte[store.PictureBytes];
        return PictureBatch.Of(chosen.Length, Spec, device, (pixels, classOf) =>
        {
            for (int i = 0; i < chosen.Length; i++)
            {
                Span<byte> picture = pixels.Slice(i * store.PictureBytes, store.PictureBytes);
                store[chosen[i]].CopyTo(picture);
                if (randomOf is not null)
                    Augmentation.Apply(picture, Spec, randomOf(i), scratch);
                classOf[i] = Labels[chosen[i]];
            }
        });
    }

    public override BatchReader Open(BatchOrder order, int first, Device device, CancellationToken cancel) =>
        new Reader(this, order, first, device);

    public override void Dispose() => store.Dispose();

    private sealed class Reader(PictureSet set, BatchOrder order, int next, Device device) : BatchReader
    {
        private int _next = next;

        public override Batch Next()
        {
            if (_next >= order.Count)
                throw new InvalidOperationException("There is no other batch.");
            int batch = _next++;
            return set.Read(order[batch], device,
                order.IsAugmented && !set.Augmentation.IsEmpty ? place => order.RandomOf(batch, place) : null);
        }

        public override void Dispose()
        {
        }
    }
}
