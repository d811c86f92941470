using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Sorting, selecting and counting.</summary>
internal static class OrderingOperators
{
    public static Operator[] Rows { get; } =
    [
        new("CumSum", 11, CumSum),
        new("NonZero", 9, NonZero),
        new("TopK", 1, TopK),
        new("Unique", 11, Unique),
    ];

    private static OperatorFunction CumSum(OnnxNode node)
    {
        bool exclusive = node.Flag("exclusive", false), reverse = node.Flag("reverse", false);
        return operands =>
        {
            int axis = OperandValues.Axis(node, operands.Long(1), (int)operands[0].Dimensions);
            Tensor summed = reverse ? operands[0].flip(axis) : operands[0];
            long size = summed.shape[axis];
            // Shifted before it is summed: taking the element off the sum again would round, and fail on infinities.
            if (exclusive && size > 0)
                summed = cat([zeros_like(summed.narrow(axis, 0, 1)), summed.narrow(axis, 0, size - 1)], axis);
            summed = summed.cumsum(axis, summed.dtype);
            return [reverse ? summed.flip(axis) : summed];
        };
    }

    // [rank, count]: a column for each element that is not zero. A scalar counts as a vector of one.
    private static OperatorFunction NonZero(OnnxNode _) => operands =>
        [(operands[0].Dimensions == 0 ? operands[0].reshape(1) : operands[0]).nonzero().t().contiguous()];

    // Of equal elements the one with the lower index comes first, hence a stable sort.
    private static OperatorFunction TopK(OnnxNode node)
    {
        long axis = node.Int("axis", -1);
        bool largest = node.Flag("largest", true);
        long? attribute = node.HasAttribute("k") ? node.Int("k", 0) : null;
        return operands =>
        {
            int along = OperandValues.Axis(node, axis, (int)operands[0].Dimensions);
            long k = attribute ?? operands.Long(1), size = operands[0].shape[along];
            if (k < 0 || k > size)
                throw node.Error($"asks for {k} elements of axis {along}, which has {size}");
            (Tensor values, Tensor indices) = operands[0].sort(along, descending: largest, stable: true);
            return [values.narrow(along, 0, k), indices.narrow(along, 0, k)];
        };
    }

    // Results: the distinct elements (or slices of an axis), where each is first, which of them each element is, how often.
    private static OperatorFunction Unique(OnnxNode node)
    {
        bool sorted = node.Flag("sorted", true);
        long? axis = node.HasAttribute("axis") ? node.Int("axis", 0) : null;
        return operands =>
        {
            Tensor data = axis is null ? operands[0].reshape(-1) : operands[0];
            int along = OperandValues.Axis(node, axis ?? 0, (int)data.Dimensions);
            (_, Tensor? inverse, Tensor? counts) =
                unique(data.detach(), sorted: true, return_inverse: true, return_counts: true, dim: along);
            // In the order of their values, equal elements still stand in the order in which they came.
            (_, Tensor places) = inverse!.sort(0, stable: true);
            Tensor first = places[counts!.cumsum(0) - counts];
            Tensor values = data.index_select(along, first);
            if (sorted)
                return [values, first, inverse, counts];
            Tensor order = first.argsort();
            return [values.index_select(along, order), first[order], order.argsort()[inverse], counts[order]];
        };
    }
}
