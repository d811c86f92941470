using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Resize and Upsample: axis by axis, each a weighted sum of neighbours (<see cref="Interpolation"/>).</summary>
internal static class ResizeOperators
{
    private const long MostResized = 1 << 24;

    public static Operator[] Rows { get; } =
    [
        new("Resize", 10, Resize),
        new("Upsample", 7, Resize),
    ];

    // Scales were an attribute in Upsample 7 and stand at another place since Resize 11, which also has sizes and a region.
    private static OperatorFunction Resize(OnnxNode node)
    {
        Interpolation interpolation = Interpolation.Of(node);
        float[]? attribute = node.Floats("scales");
        long[]? axesAttribute = node.Ints("axes");
        string policy = node.OneOf("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller");
        bool isOld = node.OpType == "Upsample" || node.Opset < 11;
        return operands =>
        {
            Tensor data = operands[0];
            int rank = (int)data.Dimensions;
            int[] axes = axesAttribute is null ? [.. Enumerable.Range(0, rank)] : OperandValues.Axis(node, axesAttribute, rank);
            float[]? scales = attribute ?? NotEmpty(operands.Optional(isOld ? 1 : 2))?.ToFloats();
            long[]? sizes = isOld ? null : NotEmpty(operands.Optional(3))?.ToLongs();
            float[] region = interpolation.Crops && NotEmpty(operands.Optional(1)) is { } roi
                ? roi.ToFloats()
                : [.. axes.Select(_ => 0f), .. axes.Select(_ => 1f)];
            if ((scales is null) == (sizes is null))
                throw operands.Fault("has both scales and sizes or neither, expected one of them");
            if ((scales?.Length ?? sizes!.Length) != axes.Length || region.Length != 2 * axes.Length)
                throw operands.Fault(
                    $"has {scales?.Length ?? sizes!.Length} scales or sizes and a region of {region.Length} numbers for "
                    + $"{axes.Length} axes");

            long[] shape = data.shape;
            var plan = new AxisResize[axes.Length];
            for (int i = 0; i < axes.Length; i++)
            {
                long size = shape[axes[i]];
                float scale = scales?[i] ?? (size == 0 ? 1 : sizes![i] / (float)size);
                long resized = scales is null ? sizes![i] : scale > 0 && scale * (double)size < long.MaxValue ? (long)(scale * size) : -1;
                plan[i] = new AxisResize(axes[i], size, resized, scale, region[i], region[i + axes.Length]);
            }

            if (policy != "stretch" && sizes is not null && plan.Length > 0)
                plan = KeepRatio(plan, policy == "not_larger" ? plan.Min(p => p.Scale) : plan.Max(p => p.Scale));
            foreach (AxisResize axis in plan)
                shape[axis.Axis] = axis.Resized;
            Budget.Require(node, ScalarType.Float32, shape);
            if (plan.Select(p => p.Resized).Append(0).Max() is var longest and > MostResized)
                throw operands.Fault($"is to make {longest} elements along one axis, expected at most {MostResized}");
            if (plan.FirstOrDefault(p => p.Size == 0 && p.Resized > 0) is { } empty)
                throw operands.Fault($"is to make {empty.Resized} elements out of axis {empty.Axis}, which is empty");
            return [new TensorShape(shape).Count == 0 ? zeros(shape, data.dtype, data.device) : interpolation.Apply(data, plan)];
        };

        static Tensor? NotEmpty(Tensor? operand) => operand is null || operand.numel() == 0 ? null : operand;
    }

    // One scale for all axes, the smallest or the largest of those that the sizes ask for.
    private static AxisResize[] KeepRatio(AxisResize[] plan, float scale) =>
        [.. plan.Select(p => p with { Scale = scale, Resized = (long)MathF.Round(scale * p.Size, MidpointRounding.AwayFromZero) })];
}
