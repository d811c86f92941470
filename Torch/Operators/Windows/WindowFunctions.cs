using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Operators;

/// <summary>Sums and averages of the cells under each window of a map [N, C, …].</summary>
internal static class WindowSums
{
    public static Tensor Average(Tensor map, long[] kernel, long[] strides, long[]? pads, bool isCeil, bool countPadding) =>
        kernel.Length switch
        {
            1 => functional.avg_pool1d(map, kernel[0], strides[0], pads?[0], isCeil, countPadding),
            2 => functional.avg_pool2d(map, kernel, strides, pads, isCeil, countPadding),
            _ => functional.avg_pool3d(map, kernel, strides, pads, isCeil, countPadding),
        };

    public static Tensor Sum(Tensor map, long[] kernel, long[] strides, Window window)
    {
        if (!window.IsDilated)
            return Average(map, kernel, strides, null, false, true) * kernel.Aggregate(1.0, (product, size) => product * size);

        // A convolution of every channel by itself with ones.
        long[] shape = map.shape, dilations = window.Dilations(kernel.Length);
        Tensor single = map.reshape([shape[0] * shape[1], 1, .. shape[2..]]);
        Tensor filter = ones([1, 1, .. kernel], map.dtype, map.device);
        Tensor sums = kernel.Length switch
        {
            1 => functional.conv1d(single, filter, stride: strides[0], dilation: dilations[0]),
            2 => functional.conv2d(single, filter, strides: strides, dilation: dilations),
            _ => functional.conv3d(single, filter, strides: strides, dilation: dilations),
        };
        return sums.reshape([shape[0], shape[1], .. sums.shape[2..]]);
    }
}

/// <summary>torch's maximum pools by the number of spatial axes.</summary>
internal static class MaxWindows
{
    public static Tensor Values(Tensor map, long[] kernel, long[] strides, long[]? pads, long[] dilations, bool isCeil) =>
        kernel.Length switch
        {
            1 => functional.max_pool1d(map, kernel[0], strides[0], pads?[0], dilations[0], isCeil),
            2 => functional.max_pool2d(map, kernel, strides, pads, dilations, isCeil),
            _ => functional.max_pool3d(map, kernel, strides, pads, dilations, isCeil),
        };

    /// <summary>Indices count the cells of one channel of the map, row by row.</summary>
    public static (Tensor Values, Tensor Indices) WithIndices(
        Tensor map, long[] kernel, long[] strides, long[]? pads, long[] dilations, bool isCeil) => kernel.Length switch
        {
            1 => functional.max_pool1d_with_indices(map, kernel[0], strides[0], pads?[0], dilations[0], isCeil),
            2 => functional.max_pool2d_with_indices(map, kernel, strides, pads, dilations, isCeil),
            _ => functional.max_pool3d_with_indices(map, kernel, strides, pads, dilations, isCeil),
        };
}
