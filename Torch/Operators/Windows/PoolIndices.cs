using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>The Indices output of MaxPool.</summary>
internal static class PoolIndices
{
    /// <summary>
    /// torch counts cells of one channel of the map that it pooled, padding included; ONNX counts cells of the whole
    /// input tensor, or with <paramref name="columnMajor"/> those of each channel with the first spatial axis fastest.
    /// </summary>
    public static Tensor FromTorch(Tensor indices, Tensor input, Tensor padded, PoolPlacement place, bool columnMajor)
    {
        int axes = (int)input.dim() - 2;
        bool isPadded = !ReferenceEquals(input, padded);
        if (isPadded || columnMajor)
        {
            Tensor left = indices, cells = zeros_like(indices);
            long stride = columnMajor ? Product(input, 2, axes) : 1;
            for (int i = axes - 1; i >= 0; i--)
            {
                long size = padded.size(i + 2);
                Tensor coordinate = left.remainder(size) - (isPadded ? place.Padding.Begin[i] : 0);
                left = left.div(size, RoundingMode.floor);
                if (columnMajor)
                    stride /= input.size(i + 2);
                cells += coordinate * stride;
                if (!columnMajor)
                    stride *= input.size(i + 2);
            }

            indices = cells;
        }

        long[] perChannel = [input.size(0), input.size(1), .. Enumerable.Repeat(1L, axes)];
        Tensor firstCell = arange(input.size(0) * input.size(1), ScalarType.Int64, indices.device).reshape(perChannel);
        return indices + firstCell * Product(input, 2, axes);
    }

    private static long Product(Tensor tensor, int from, int count)
    {
        long product = 1;
        for (int axis = from; axis < from + count; axis++)
            product *= tensor.size(axis);
        return product;
    }
}
