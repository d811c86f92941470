using System.Globalization;

namespace CnnOnnx.Onnx;

/// <summary>
/// What <see cref="AttributeLimits"/> does for attributes, for operands whose numbers the model holds itself; their ranges stand in
/// <see cref="OperatorFacts.Limits"/>. They say how much a node makes: ONNX Runtime allocates it, whatever it is, and where the
/// number of elements overflows it ends the process. Numbers that only a run knows are the runtime's to refuse. Bounds of slices,
/// indices and axes are not here: beyond the end means the end, or is an error that both engines report.
/// </summary>
internal static class OperandLimits
{
    /// <exception cref="OnnxException">An operand out of its range.</exception>
    public static void Check(OnnxNode node, ConstantOperands constants)
    {
        if (node.Domain.Length > 0)
            return;
        foreach (OperandLimit limit in OperatorFacts.Of(node).Limits)
        {
            if (node.Opset >= limit.Before)
                continue;
            if (constants.DeclaredBeyond(node, limit.Input) is { } length)
                throw node.Error(
                    $"input {limit.Input} is declared with {length} numbers, expected at most {ConstantOperands.MostDeclared}");
            if (constants.Of(node, limit.Input) is not { } numbers)
                continue;
            foreach (double number in numbers)
                if (!(number >= limit.Min && number <= limit.Max))
                    throw node.Error($"input {limit.Input} holds {Text(number)}, expected {Text(limit.Min)} to {Text(limit.Max)}");
            if (numbers.Aggregate(1.0, (product, number) => product * Math.Abs(number)) is var together && together > limit.MostTogether)
                throw node.Error($"input {limit.Input} asks for {Text(together)} elements, expected at most {Text(limit.MostTogether)}");
        }

        if (node.OpType == "Range" && constants.Of(node, 0) is [var start] && constants.Of(node, 1) is [var end]
            && constants.Of(node, 2) is [var step]
            && (end - start) / step is var count && count > OperandLimit.MostElements)
            throw node.Error(
                $"counts from {Text(start)} to {Text(end)} by {Text(step)}, expected at most {Text(OperandLimit.MostElements)} numbers");
    }

    // A double prints no more than 17 digits by itself.
    private static string Text(double number) => double.IsInteger(number)
        ? ((Int128)number).ToString(CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);
}
