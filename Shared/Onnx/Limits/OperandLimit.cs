namespace CnnOnnx.Onnx;

/// <summary>The range of an operand that counts or measures something.</summary>
/// <param name="OpType">Of ai.onnx.</param>
/// <param name="Input">Place among the node's inputs.</param>
/// <param name="Min">The smallest number that may stand in it.</param>
/// <param name="Max">The largest one.</param>
internal sealed record OperandLimit(string OpType, int Input, double Min, double Max)
{
    /// <summary>What its numbers may come to when they are multiplied: the elements of the result.</summary>
    public double MostTogether { get; init; } = double.PositiveInfinity;

    /// <summary>Version of the operator set from which on another operand stands there.</summary>
    public long Before { get; init; } = long.MaxValue;
}
