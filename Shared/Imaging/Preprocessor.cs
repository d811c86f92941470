using System.Runtime.InteropServices;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>One picture to a network's input. For many of them, <see cref="PictureTensorizer"/> keeps its buffers.</summary>
public static class Preprocessor
{
    /// <inheritdoc cref="PictureTensorizer.ToNchw"/>
    /// <param name="bgr"><inheritdoc cref="PictureTensorizer.ToNchw" path="/param[@name='picture']"/></param>
    /// <param name="spec">Size, channels, range, mean and std.</param>
    public static void ToNchw(Mat bgr, InputSpec spec, Span<float> nchw)
    {
        using var tensorizer = new PictureTensorizer(spec);
        tensorizer.ToNchw(bgr, nchw);
    }

    /// <summary>A float32 tensor of shape [1, C, H, W].</summary>
    /// <inheritdoc cref="ToNchw"/>
    public static TensorData ToTensor(Mat bgr, InputSpec spec)
    {
        using var tensorizer = new PictureTensorizer(spec);
        byte[] bytes = new byte[tensorizer.Length * sizeof(float)];
        tensorizer.ToNchw(bgr, MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
        return new TensorData(ElementType.Float, new TensorShape(1, spec.ChannelCount, spec.Height, spec.Width), bytes);
    }
}
