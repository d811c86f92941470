using CnnOnnx.Inference;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>A tensor of one picture in few numbers: each channel as means over a grid of places.</summary>
internal static class PooledMaps
{
    /// <summary>Most places along one side.</summary>
    public const int Grid = 6;

    /// <summary>Pools a tensor of one sample.</summary>
    /// <param name="tensor">[1, C, H, W], [1, H, W, C], or any other shape, which stays as it is.</param>
    /// <param name="layout">Where the channels are.</param>
    /// <returns>Features channel by channel, and how many channels there are.</returns>
    public static (float[] Features, int Channels) Of(Activation tensor, ChannelLayout layout)
    {
        ReadOnlySpan<float> values = tensor.Values;
        if (tensor.Shape.Rank != 4 || tensor.Shape[0] != 1)
            return (values.ToArray(), tensor.Shape.Rank < 2 ? values.Length : (int)tensor.Shape[1]);
        bool isLast = layout == ChannelLayout.Last;
        int channels = (int)tensor.Shape[isLast ? 3 : 1];
        int height = (int)tensor.Shape[isLast ? 1 : 2], width = (int)tensor.Shape[isLast ? 2 : 3];
        int rows = Math.Min(Grid, height), columns = Math.Min(Grid, width);
        float[] pooled = new float[channels * rows * columns];
        int[] counts = new int[rows * columns];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                counts[y * rows / height * columns + x * columns / width]++;
        for (int c = 0; c < channels; c++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    int place = y * rows / height * columns + x * columns / width;
                    float value = values[isLast ? (y * width + x) * channels + c : (c * height + y) * width + x];
                    pooled[c * rows * columns + place] += value / counts[place];
                }

        return (pooled, channels);
    }
}
