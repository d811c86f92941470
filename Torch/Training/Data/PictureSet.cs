using CnnOnnx.Imaging;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Labelled pictures that were decoded once and lie in a store: right for as many as fit.</summary>
/// <param name="store">The bytes, C·H·W each; the set disposes it.</param>
internal sealed class PictureSet(InputSpec spec, string[] classes, int[] labels, PictureStore store) : BatchSource(spec, classes, labels)
{
    public override ReadOnlySpan<byte> Bytes(int index) => store[index];

    /// <summary>A batch in the order of the indices. The caller disposes its tensors, or its scope does.</summary>
    public Batch Read(ReadOnlySpan<int> indices, Device device)
    {
        int[] chosen = [.. indices];
        return PictureBatch.Of(chosen.Length, Spec, device, (pixels, classOf) =>
        {
            for (int i = 0; i < chosen.Length; i++)
            {
                store[chosen[i]].CopyTo(pixels.Slice(i * store.PictureBytes, store.PictureBytes));
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

        public override Batch Next() => _next < order.Count
            ? set.Read(order[_next++], device)
            : throw new InvalidOperationException("There is no other batch.");

        public override void Dispose()
        {
        }
    }
}
