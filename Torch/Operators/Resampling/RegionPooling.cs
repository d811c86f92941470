using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Pooling of regions of interest to maps of one size: [N, C, H, W] and R regions → [R, C, height, width].</summary>
internal static class RegionPooling
{
    // Along one axis. Each is a few calls of libtorch, and there are as many as regions.
    private const long MostBins = 1 << 12;

    /// <summary>RoiAlign (Mask R-CNN, https://arxiv.org/abs/1703.06870): bilinear samples inside each bin, their mean or maximum.</summary>
    public static OperatorFunction PrepareAlign(OnnxNode node)
    {
        long height = node.Within("output_height", 1, 1, MostBins), width = node.Within("output_width", 1, 1, MostBins),
            samples = node.Within("sampling_ratio", 0, 0);
        float scale = node.Float("spatial_scale", 1);
        string mode = node.OneOf("mode", "avg", "max");
        bool halfPixel = node.Opset >= 16
            && node.OneOf("coordinate_transformation_mode", "half_pixel", "output_half_pixel") == "half_pixel";
        return operands =>
        {
            Tensor images = operands[0];
            float[] regions = Regions(operands, 1, 4);
            long count = regions.Length / 4;
            long[] owner = operands.Longs(2);
            if (owner.Length != count)
                throw operands.Fault($"has {count} regions and {owner.Length} batch indices");
            Budget.Require(node, images.dtype, [count, images.shape[1], height, width]);
            Tensor[] pooled = [.. Enumerable.Range(0, (int)count).Select(i => Align(Image(operands, owner[i]), regions.AsSpan(i * 4, 4)))];
            return [pooled.Length > 0 ? stack(pooled) : zeros([0, images.shape[1], height, width], images.dtype, images.device)];
        };

        Tensor Align(Tensor image, ReadOnlySpan<float> corners)
        {
            (AxisSamples rows, AxisSamples columns) =
                (Along(corners[1], corners[3], height, image.shape[1]), Along(corners[0], corners[2], width, image.shape[2]));
            if (mode == "max")
                Budget.Require(node, image.dtype, image.shape[0], rows.Count, columns.Count);
            return mode == "avg" ? rows.Mean(columns, image) : rows.Max(columns, image);
        }

        AxisSamples Along(float from, float to, long bins, long size)
        {
            float offset = halfPixel ? 0.5f : 0;
            (float start, float end) = (from * scale - offset, to * scale - offset);
            float length = halfPixel ? end - start : Math.Max(end - start, 1);
            float perBin = samples > 0 ? samples : MathF.Ceiling(length / bins);
            // A region that is not finite or far larger than the image would ask for samples without end.
            if (!(perBin * bins <= 1 << 20) || bins * size > 1 << 28)
                throw node.Error($"samples a region from {from} to {to} at {perBin * bins} places");
            return new AxisSamples(start, length / bins, bins, Math.Max(1, (int)perBin), size, isEmpty: perBin < 1);
        }
    }

    /// <summary>
    /// MaxRoiPool (Fast R-CNN, https://arxiv.org/abs/1504.08083): bins on whole pixels, their maximum; an empty bin is 0.
    /// </summary>
    public static OperatorFunction PrepareMax(OnnxNode node)
    {
        long[] size = node.AllWithin("pooled_shape", 1, MostBins) ?? [];
        float scale = node.Float("spatial_scale", 1);
        if (size.Length != 2)
            throw node.Error($"has pooled_shape {new TensorShape(size)}, expected two sizes");
        return operands =>
        {
            Tensor images = operands[0];
            float[] regions = Regions(operands, 1, 5);
            Budget.Require(node, images.dtype, [regions.Length / 5, images.shape[1], .. size]);
            Tensor[] pooled = [.. regions.Chunk(5)
                .Select(r => Pool(Pool(Image(operands, (long)r[0]), 1, r[2], r[4], size[0]), 2, r[1], r[3], size[1]))];
            return [pooled.Length > 0 ? stack(pooled) : zeros([0, images.shape[1], .. size], images.dtype, images.device)];
        };

        // The maximum over a rectangle is the maximum over its columns of the maxima over its rows.
        Tensor Pool(Tensor image, int axis, float from, float to, long bins)
        {
            float start = MathF.Round(from * scale, MidpointRounding.AwayFromZero),
                end = MathF.Round(to * scale, MidpointRounding.AwayFromZero);
            float perBin = Math.Max(end - start + 1, 1) / bins;
            var parts = new Tensor[bins];
            for (long bin = 0; bin < bins; bin++)
            {
                long first = Inside(MathF.Floor(bin * perBin) + start), behind = Inside(MathF.Ceiling((bin + 1) * perBin) + start);
                parts[bin] = behind > first ? image.narrow(axis, first, behind - first).amax([axis]) : zeros_like(image.select(axis, 0));
            }

            return stack(parts, axis);

            long Inside(float at) => (long)Math.Clamp(at, 0, image.shape[axis]);
        }
    }

    private static float[] Regions(Operands operands, int index, long columns)
    {
        operands.RequireRank(0, 4, 4);
        long[] shape = operands[index].shape;
        return shape.Length == 2 && shape[1] == columns
            ? operands[index].ToFloats()
            : throw operands.Fault($"has regions of shape {new TensorShape(shape)}, expected [R, {columns}]");
    }

    private static Tensor Image(Operands operands, long index) => index >= 0 && index < operands[0].shape[0]
        ? operands[0][index]
        : throw operands.Fault($"has a region in image {index} of {operands[0].shape[0]}");
}
