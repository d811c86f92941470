using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Rearrangement of pixels, sampling of grids and regions, choice of boxes.</summary>
internal static class SpatialOperators
{
    public static Operator[] Rows { get; } =
    [
        new("AffineGrid", 20, AffineGrid),
        new("Col2Im", 18, Col2Im),
        new("DepthToSpace", 1, DepthToSpace),
        new("GridSample", 16, GridSampling.Prepare),
        new("MaxRoiPool", 1, RegionPooling.PrepareMax),
        new("NonMaxSuppression", 10, BoxSelection.Prepare),
        new("RoiAlign", 10, RegionPooling.PrepareAlign),
        new("SpaceToDepth", 1, SpaceToDepth),
    ];

    // theta [N, 2, 3] for size [N, C, H, W], [N, 3, 4] for [N, C, D, H, W]
    private static OperatorFunction AffineGrid(OnnxNode node)
    {
        bool alignCorners = node.Flag("align_corners", false);
        return operands =>
        {
            long[] size = operands.Longs(1);
            Budget.Require(node, operands[0].dtype, [.. size, size.Length]);
            return [nn.functional.affine_grid(operands[0], size, alignCorners)];
        };
    }

    // The inverse of the unfolding of an image into columns: [N, C·∏kernel, L] → [N, C, size…], overlaps are added.
    private static OperatorFunction Col2Im(OnnxNode node)
    {
        long[]? strides = node.AllWithin("strides", 1), dilations = node.AllWithin("dilations", 1), pads = node.AllWithin("pads", 0);
        return operands =>
        {
            long[] image = operands.Longs(1), kernel = operands.Longs(2);
            int axes = image.Length;
            long[] stride = strides ?? Ones(axes), dilation = dilations ?? Ones(axes), pad = pads ?? new long[2 * axes];
            operands.RequireRank(0, 3, 3);
            if (kernel.Length != axes || stride.Length != axes || dilation.Length != axes || pad.Length != 2 * axes
                || kernel.Any(size => size is < 1 or > int.MaxValue))
                throw operands.Fault($"has kernel {new TensorShape(kernel)}, strides {new TensorShape(stride)}, dilations "
                    + $"{new TensorShape(dilation)} and pads {new TensorShape(pad)} for an image {new TensorShape(image)}");
            long[] padded = [.. image.Select((size, i) => size + pad[i] + pad[i + axes])];
            long[] windows = [.. padded.Select((size, i) => (size - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1)];
            long batch = operands[0].shape[0], taps = new TensorShape(kernel).Count, channels = operands[0].shape[1] / taps;
            Budget.Require(node, operands[0].dtype, [batch, channels, .. padded]);
            if (channels * taps != operands[0].shape[1] || windows.Any(n => n < 1)
                || new TensorShape(windows).Count != operands[0].shape[2])
                throw operands.Fault(
                    $"has columns {new TensorShape(operands[0].shape)}, expected [N, C·{taps}, {string.Join('·', windows)}]");

            // Where each tap of each window lies in the padded image: [kernel…, windows…].
            Tensor place = zeros(1, ScalarType.Int64, operands[0].device);
            for (int i = 0; i < axes; i++)
            {
                Tensor tap = Along(kernel[i], i) * dilation[i], window = Along(windows[i], axes + i) * stride[i];
                place = place * padded[i] + tap + window;
            }

            Tensor sum = zeros([batch, channels, new TensorShape(padded).Count], operands[0].dtype, operands[0].device)
                .index_add(2, place.reshape(-1), operands[0].reshape(batch, channels, -1), 1).reshape([batch, channels, .. padded]);
            for (int i = 0; i < axes; i++)
                sum = sum.narrow(2 + i, pad[i], image[i]);
            return [sum];

            Tensor Along(long size, int axis) =>
                arange(size, ScalarType.Int64).to(place.device).reshape(
                    [.. Enumerable.Range(0, 2 * axes).Select(i => i == axis ? size : 1)]);
        };

        static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];
    }

    // Depth, column, row (DCR): the channels of one pixel's block lie together; CRD: the blocks of one channel do.
    private static OperatorFunction DepthToSpace(OnnxNode node)
    {
        long block = Block(node);
        string mode = node.OneOf("mode", "DCR", "CRD");
        return operands =>
        {
            operands.RequireRank(0, 4, 4);
            (long n, long c, long h, long w) = Sizes(operands[0]);
            if (c % (block * block) != 0)
                throw operands.Fault($"has {c} channels, expected a multiple of {block}²");
            long depth = c / (block * block);
            Tensor parted = mode == "DCR"
                ? operands[0].reshape([n, block, block, depth, h, w]).permute(0, 3, 4, 1, 5, 2)
                : operands[0].reshape([n, depth, block, block, h, w]).permute(0, 1, 4, 2, 5, 3);
            return [parted.reshape(n, depth, h * block, w * block)];
        };
    }

    private static OperatorFunction SpaceToDepth(OnnxNode node)
    {
        long block = Block(node);
        return operands =>
        {
            operands.RequireRank(0, 4, 4);
            (long n, long c, long h, long w) = Sizes(operands[0]);
            if (h % block != 0 || w % block != 0)
                throw operands.Fault($"has {h}×{w} pixels, expected multiples of {block}");
            return
            [
                operands[0].reshape([n, c, h / block, block, w / block, block]).permute(0, 3, 5, 1, 2, 4)
                    .reshape(n, c * block * block, h / block, w / block),
            ];
        };
    }

    private static long Block(OnnxNode node) => node.Within("blocksize", 0, 1, 1 << 20);

    private static (long N, long C, long H, long W) Sizes(Tensor nchw) => (nchw.shape[0], nchw.shape[1], nchw.shape[2], nchw.shape[3]);
}
