using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Along which axis, and from which end, Scan walks through each of its sequences.</summary>
internal sealed record ScanAxes(long[]? Axes, long[]? Directions)
{
    public static ScanAxes Of(OnnxNode node, string prefix, int count)
    {
        var axes = new ScanAxes(node.Ints(prefix + "_axes"), node.Ints(prefix + "_directions"));
        return (axes.Axes?.Length ?? count) == count && (axes.Directions?.Length ?? count) == count
            ? axes
            : throw node.Error(
                $"has {axes.Axes?.Length} {prefix}_axes and {axes.Directions?.Length} {prefix}_directions, expected {count}");
    }

    /// <summary>The sequence with its axis in front, first element first.</summary>
    public Tensor Forward(Operands operands, Tensor sequence, int index)
    {
        Tensor first = sequence.movedim([OperandValues.Axis(operands.Node, Axes?[index] ?? 0, sequence.Dimensions)], [0]);
        return IsReverse(index) ? first.flip(0) : first;
    }

    /// <summary>Stacked elements put where the sequence has its axis.</summary>
    public Tensor Backward(Operands operands, Tensor stacked, int index)
    {
        Tensor ordered = IsReverse(index) ? stacked.flip(0) : stacked;
        return ordered.movedim([0], [OperandValues.Axis(operands.Node, Axes?[index] ?? 0, stacked.Dimensions)]);
    }

    private bool IsReverse(int index) => Directions?[index] == 1;
}
