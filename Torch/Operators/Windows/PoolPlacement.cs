using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// How the windows of a pool lie on a map. What the last window needs beyond the declared padding (ceil_mode), or leaves
/// over, is in <see cref="Reach"/>:
/// <code>
///   Padding.Begin |   map   | Padding.End
///   Padding.Begin |   map   | Reach[i] = what windows really see behind the map, may be negative
/// </code>
/// </summary>
internal sealed class PoolPlacement
{
    private readonly OnnxNode _node;

    private PoolPlacement(OnnxNode node, Padding padding, long[] reach, long[] strides, bool isNative) =>
        (_node, Padding, Reach, Strides, IsNative) = (node, padding, reach, strides, isNative);

    /// <summary>The padding as the node declares it.</summary>
    public Padding Padding { get; }

    public long[] Reach { get; }

    public long[] Strides { get; }

    /// <summary>True where torch's pools can do the padding: the same on both sides and at most half a window.</summary>
    public bool IsNative { get; }

    public static PoolPlacement Of(OnnxNode node, Window window, long[] kernel, Tensor input)
    {
        int axes = window.SpatialAxes(input);
        Padding padding = window.PaddingOf(input, kernel);
        long[] strides = window.Strides(axes), outputs = window.OutputSizes(input, kernel, padding), reach = new long[axes];
        bool isNative = padding.IsSymmetric;
        for (int i = 0; i < axes; i++)
        {
            reach[i] = (outputs[i] - 1) * strides[i] + window.Extent(kernel, i) - input.size(i + 2) - padding.Begin[i];
            isNative &= 2 * padding.Begin[i] <= kernel[i];
        }

        Budget.Require(node, input.dtype, [input.size(0), input.size(1), .. outputs]);
        return new PoolPlacement(node, padding, reach, strides, isNative);
    }

    /// <summary>The map with all that the windows see around it, and nothing more.</summary>
    public Tensor Pad(Tensor input, double value)
    {
        long[] shape = input.shape;
        for (int i = 2; i < shape.Length; i++)
            shape[i] += Padding.Begin[i - 2] + Reach[i - 2];
        Budget.Require(_node, input.dtype, shape);
        return nn.functional.pad(input, new Padding(Padding.Begin, Reach).LastAxisFirst(), value: value);
    }

    /// <summary>The rest of the padding when some of it is there already.</summary>
    public Padding Beyond(Padding done) =>
        new([.. Padding.Begin.Zip(done.Begin, (all, part) => all - part)], [.. Reach.Zip(done.End, (all, part) => all - part)]);
}

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
