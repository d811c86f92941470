using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Reductions over axes.</summary>
internal static class ReductionOperators
{
    // The version from which axes are an input.
    private const int SumAxesInput = 13, AxesInput = 18;

    public static Operator[] Rows { get; } =
    [
        .. Reduction("ReduceSum", SumAxesInput, Reductions.Sum),
        .. Reduction("ReduceMean", AxesInput, Reductions.Mean),
        .. Reduction("ReduceProd", AxesInput, Reductions.Product),
        .. Reduction("ReduceMax", AxesInput, Reductions.Max),
        .. Reduction("ReduceMin", AxesInput, Reductions.Min),
        .. Reduction("ReduceL1", AxesInput, Reductions.L1),
        .. Reduction("ReduceL2", AxesInput, Reductions.L2),
        .. Reduction("ReduceLogSum", AxesInput, Reductions.LogSum),
        .. Reduction("ReduceLogSumExp", AxesInput, Reductions.LogSumExp),
        .. Reduction("ReduceSumSquare", AxesInput, Reductions.SumSquare),
        new("ArgMax", 1, node => ArgExtreme(node, (x, axis) => x.argmax(axis, keepdim: true))),
        new("ArgMin", 1, node => ArgExtreme(node, (x, axis) => x.argmin(axis, keepdim: true))),
    ];

    private static Operator[] Reduction(string type, int axesInput, Func<Tensor, long[], bool, Tensor> reduce) =>
    [
        new(type, 1, node => ByAttribute(node, reduce)),
        new(type, axesInput, node => ByInput(node, reduce)),
    ];

    private static OperatorFunction ByAttribute(OnnxNode node, Func<Tensor, long[], bool, Tensor> reduce)
    {
        long[] axes = node.Ints("axes") ?? [];
        bool keep = node.Flag("keepdims", true);
        return operands =>
        {
            long rank = operands[0].dim();
            return [reduce(operands[0], axes.Length == 0 ? Axes.All(rank) : Axes.Normalize(node, axes, rank), keep)];
        };
    }

    private static OperatorFunction ByInput(OnnxNode node, Func<Tensor, long[], bool, Tensor> reduce)
    {
        bool keep = node.Flag("keepdims", true), nothingMeansNone = node.Flag("noop_with_empty_axes", false);
        return operands =>
        {
            long rank = operands[0].dim();
            long[] axes = operands.Optional(1) is null ? [] : operands.Longs(1);
            if (axes.Length == 0 && !nothingMeansNone)
                axes = Axes.All(rank);
            return [reduce(operands[0], Axes.Normalize(node, axes, rank), keep)];
        };
    }

    private static OperatorFunction ArgExtreme(OnnxNode node, Func<Tensor, long, Tensor> find)
    {
        long axis = node.Int("axis", 0);
        bool keep = node.Flag("keepdims", true), last = node.Flag("select_last_index", false);
        return operands =>
        {
            Tensor input = operands[0];
            long along = Axes.Normalize(node, axis, input.dim()), size = input.size((int)along);
            // The last of equal ones is the first from behind.
            Tensor found = last ? size - 1 - find(input.flip(along), along) : find(input, along);
            return [keep ? found : found.squeeze(along)];
        };
    }
}
