using System.Globalization;

namespace CnnOnnx.Onnx;

/// <summary>
/// What <see cref="AttributeLimits"/> does for attributes, for operands whose numbers the model holds itself. They say how much
/// a node makes: ONNX Runtime allocates it, whatever it is, and where the number of elements overflows it ends the process.
/// Numbers that only a run knows are the runtime's to refuse. Bounds of slices, indices and axes are not here: beyond the
/// end means the end, or is an error that both engines report.
/// </summary>
internal static class OperandLimits
{
    // 64 maps of 2048 × 2048, a gigabyte of floats: no exporter writes a constant for more.
    private const double Most = 1 << 28;

    // As for attributes: of what is only widened.
    private const double Widest = AttributeLimits.Widest;

    private static readonly ILookup<string, OperandLimit> Limits = new OperandLimit[]
    {
        new("Pad", 1, -Widest, Widest),
        new("CenterCropPad", 1, 0, Widest),
        new("Tile", 1, 0, Widest) { MostTogether = Most },
        // −1 is not in the specification; exporters write it for "as it is".
        new("Expand", 1, -1, Most) { MostTogether = Most },
        new("ConstantOfShape", 0, 0, Most) { MostTogether = Most },
        new("Upsample", 1, 0, Widest),
        new("Resize", 1, 0, Widest) { Before = 11 },
        new("Resize", 2, 0, Widest),
        new("Resize", 3, 0, Widest),
        new("OneHot", 1, 0, AttributeLimits.Largest),
        new("MaxUnpool", 2, 0, Widest) { MostTogether = Most },
        new("Col2Im", 1, 1, Widest),
        new("Col2Im", 2, 1, Widest),
        new("AffineGrid", 1, 0, Widest) { MostTogether = Most },
    }.ToLookup(limit => limit.OpType);

    /// <exception cref="OnnxException">An operand out of its range.</exception>
    public static void Check(OnnxNode node, ConstantOperands constants)
    {
        if (node.Domain.Length > 0)
            return;
        foreach (OperandLimit limit in Limits[node.OpType])
        {
            if (node.Opset >= limit.Before || constants.Of(node, limit.Input) is not { } numbers)
                continue;
            foreach (double number in numbers)
                if (!(number >= limit.Min && number <= limit.Max))
                    throw new OnnxException(node, $"input {limit.Input} holds {Text(number)}, expected {Text(limit.Min)} to {Text(limit.Max)}");
            if (numbers.Aggregate(1.0, (product, number) => product * Math.Abs(number)) is var together && together > limit.MostTogether)
                throw new OnnxException(node, $"input {limit.Input} asks for {Text(together)} elements, expected at most {Text(limit.MostTogether)}");
        }

        if (node.OpType == "Range" && constants.Of(node, 0) is [var start] && constants.Of(node, 1) is [var end] && constants.Of(node, 2) is [var step]
            && (end - start) / step is var count && count > Most)
            throw new OnnxException(node, $"counts from {Text(start)} to {Text(end)} by {Text(step)}, expected at most {Text(Most)} numbers");
    }

    // A double prints no more than 17 digits by itself.
    private static string Text(double number) => double.IsInteger(number)
        ? ((Int128)number).ToString(CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);
}
