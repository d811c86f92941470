using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>The picture that a model makes of a picture: a style, a larger one, a depth.</summary>
internal static class OutputPicture
{
    private const int SmallestSide = 64;

    // Values of up to so much are shares of white; larger ones are bytes.
    private const float LargestShare = 2;

    /// <summary>
    /// Draws an output of one or three channels that is at least as large as the input; BGR or grey, the caller disposes it.
    /// </summary>
    /// <param name="output">An output of the model.</param>
    /// <param name="spec">How the input was made, of which size and channels count.</param>
    /// <returns>Null for every other output.</returns>
    public static Mat? Of(Activation output, InputSpec spec)
    {
        if (output.Shape.Rank != 4 || output.Shape[0] != 1 || output.Shape[1] is not (1 or 3))
            return null;
        (int channels, int height, int width) = ((int)output.Shape[1], (int)output.Shape[2], (int)output.Shape[3]);
        if (Math.Min(height, width) < SmallestSide || height < spec.Height || width < spec.Width)
            return null;
        ReadOnlySpan<float> values = output.Values;
        float largest = 0;
        foreach (float value in values)
            largest = Math.Max(largest, float.IsFinite(value) ? value : 0);
        float factor = largest <= LargestShare ? 255 : 1;
        var picture = new Mat(height, width, channels == 1 ? MatType.CV_8UC1 : MatType.CV_8UC3);
        Span<byte> pixels = picture.AsSpan<byte>();
        int area = height * width;
        for (int channel = 0; channel < channels; channel++)
        {
            int place = spec.Channels == ChannelOrder.Bgr ? channel : channels - 1 - channel;
            for (int i = 0; i < area; i++)
                pixels[i * channels + place] = (byte)Math.Clamp(values[channel * area + i] * factor + 0.5f, 0, 255);
        }

        return picture;
    }
}
