using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Operators;

/// <summary>torch's maximum pools by the number of spatial axes.</summary>
internal static class MaxWindows
{
    public static Tensor Values(Tensor map, long[] kernel, long[] strides, long[]? pads, long[] dilations, bool isCeil) => kernel.Length switch
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
