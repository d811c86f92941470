using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// GridSample: values of an image [N, C, spatial…] at the places that a grid [N, out…, axes] names, x first, −1 … 1 from
/// border to border. Torch has it for two and three spatial axes; the rest is sums over neighbours, which works for any.
/// </summary>
internal static class GridSampling
{
    // Neighbours of the base pixel that take part, and what they weigh at the offset t from it.
    private static readonly Dictionary<string, Func<Tensor, (int Step, Tensor Weight)[]>> Neighbours = new()
    {
        ["nearest"] = t => [(0, ones_like(t))],
        ["linear"] = t => [(0, 1 - t), (1, t)],
        ["cubic"] = t => [(-1, Outer(t + 1)), (0, Inner(t)), (1, Inner(1 - t)), (2, Outer(2 - t))],
    };

    private static readonly OrderedDictionary<string, GridSamplePaddingMode> Paddings = new()
    {
        ["zeros"] = GridSamplePaddingMode.Zeros,
        ["border"] = GridSamplePaddingMode.Border,
        ["reflection"] = GridSamplePaddingMode.Reflection,
    };

    // Bicubic convolution (Keys 1981) with a = −0.75.
    private const double A = -0.75;

    public static OperatorFunction Prepare(OnnxNode node)
    {
        // Version 20 shortened the names, since there are images of other ranks too.
        string mode = node.OneOf("mode", "linear", "bilinear", "nearest", "cubic", "bicubic");
        mode = mode.StartsWith("bi", StringComparison.Ordinal) ? mode[2..] : mode;
        string padding = node.OneOf("padding_mode", [.. Paddings.Keys]);
        bool alignCorners = node.Flag("align_corners", false);
        return operands =>
        {
            (Tensor image, Tensor grid) = (operands[0], operands[1].to(operands[0].dtype));
            int axes = (int)image.Dimensions - 2;
            operands.RequireRank(0, 3, 5);
            if (grid.Dimensions != axes + 2 || grid.shape[^1] != axes || grid.shape[0] != image.shape[0] || image.numel() == 0)
                throw operands.Fault(
                    $"has image {new TensorShape(image.shape)} and grid {new TensorShape(grid.shape)}, "
                    + $"expected [N, C, spatial…] and [N, out…, {axes}]");
            long[] shape = [.. image.shape[..2], .. grid.shape[1..^1]];
            Budget.Require(node, image.dtype, shape);
            Budget.Require(node, image.dtype, [.. grid.shape, 1 << (2 * axes)]);
            if (axes is 2 or 3 && mode != "cubic")
            {
                GridSampleMode fast = mode == "nearest" ? GridSampleMode.Nearest : GridSampleMode.Bilinear;
                return [nn.functional.grid_sample(image, grid, fast, Paddings[padding], alignCorners)];
            }

            return [Sample(image, grid, mode, padding, alignCorners).reshape(shape)];
        };
    }

    /// <returns>[N, C, places]</returns>
    private static Tensor Sample(Tensor image, Tensor grid, string mode, string padding, bool alignCorners)
    {
        Tensor pixels = image.flatten(2), places = grid.flatten(1, -2);
        // Sums over the product of the neighbours along each axis: where they lie in the flattened image, what they weigh.
        List<(Tensor Place, Tensor Weight)> terms = [(zeros_like(places.select(2, 0), ScalarType.Int64), ones_like(places.select(2, 0)))];
        for (int axis = 2; axis < image.Dimensions; axis++)
        {
            long size = image.shape[axis];
            Tensor at = places.select(2, image.Dimensions - 1 - axis) + 1;
            at = alignCorners ? at * ((size - 1) / 2.0) : (at * size - 1) / 2;
            Tensor from = (mode == "nearest" ? at.round() : at.floor()).detach();
            (int Step, Tensor Weight)[] neighbours = Neighbours[mode](at - from);
            terms = [.. terms.SelectMany(term => neighbours.Select(neighbour =>
            {
                Tensor index = from.to(ScalarType.Int64) + neighbour.Step;
                Tensor weight = padding == "zeros" ? neighbour.Weight * (index >= 0).logical_and(index < size).to(at.dtype)
                    : neighbour.Weight;
                return (term.Place * size + Inside(index, size, padding, alignCorners), term.Weight * weight);
            }))];
        }

        Tensor? sum = null;
        foreach ((Tensor place, Tensor weight) in terms)
        {
            Tensor term = pixels.gather(2, place.unsqueeze(1).expand(-1, pixels.shape[1], -1)) * weight.unsqueeze(1);
            sum = sum is null ? term : sum + term;
        }

        return sum!;
    }

    // Reflection turns round at the centres of the outer pixels, or at their outer edges when corners are not aligned.
    private static Tensor Inside(Tensor index, long size, string padding, bool alignCorners)
    {
        if (padding == "reflection")
        {
            long period = Math.Max(1, alignCorners ? 2 * (size - 1) : 2 * size);
            Tensor phase = index.remainder(period);
            index = minimum(phase, (alignCorners ? period : period - 1) - phase);
        }

        return index.clamp(0, size - 1);
    }

    private static Tensor Inner(Tensor x) => ((A + 2) * x - (A + 3)) * x * x + 1;

    private static Tensor Outer(Tensor x) => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
}
