using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Brings pictures to a network's size and channels and leaves them as bytes: what remains, the range and mean and std, is
/// done for a whole batch at once. Not for several threads at once.
/// </summary>
internal sealed class PictureResizer(InputSpec spec) : IDisposable
{
    // Resizing and recolouring work on bytes, so in this range the floats are whole numbers.
    private readonly PictureTensorizer _tensorizer = new(spec with { Range = byte.MaxValue, Mean = [], Std = [] });
    private readonly float[] _floats = new float[spec.ChannelCount * spec.Height * spec.Width];

    /// <param name="picture">8 bits, grey or BGR.</param>
    /// <param name="bytes">Filled with C·H·W bytes.</param>
    public void Resize(Mat picture, Span<byte> bytes)
    {
        _tensorizer.ToNchw(picture, _floats);
        for (int i = 0; i < _floats.Length; i++)
            bytes[i] = (byte)MathF.Round(_floats[i]);
    }

    public void Dispose() => _tensorizer.Dispose();
}
