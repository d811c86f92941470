using CnnOnnx.Onnx;

namespace CnnOnnx.Compare;

/// <summary>
/// Weights in sixteen numbers: sums with random signs, from which the distance of two sets of weights can be estimated without keeping
/// them. Achlioptas 2003, "Database-friendly random projections".
/// </summary>
/// <param name="Count">Number of weights.</param>
/// <param name="Norm">Root of the sum of their squares.</param>
/// <param name="Sums">Sums with random signs; the mean of their squares is an estimate of the squared norm.</param>
internal sealed record WeightFingerprint(long Count, double Norm, double[] Sums)
{
    private const int Projections = 16;

    // Eight bits and a fold round by some thousandths of the norm; a trained copy is far beyond.
    private const double SameWithin = 0.05;

    /// <summary>Sums up weights in the order in which they are given.</summary>
    public static WeightFingerprint Of(ReadOnlySpan<float> weights)
    {
        double[] sums = new double[Projections];
        double squares = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double value = weights[i];
            squares += value * value;
            ulong signs = Mix((ulong)i);
            for (int p = 0; p < sums.Length; p++)
                sums[p] += (signs >> p & 1) == 0 ? value : -value;
        }

        return new WeightFingerprint(weights.Length, Math.Sqrt(squares), sums);
    }

    /// <summary>Estimates ‖a − b‖ / max(‖a‖, ‖b‖): 0 for equal weights, about 1.4 for unrelated ones; infinite for other counts.</summary>
    public double DistanceTo(WeightFingerprint other)
    {
        if (Count != other.Count)
            return double.PositiveInfinity;
        double squares = Sums.Zip(other.Sums, (a, b) => (a - b) * (a - b)).Average();
        double norm = Math.Max(Norm, other.Norm);
        return norm == 0 ? 0 : Math.Sqrt(squares) / norm;
    }

    /// <summary>Says whether the other weights are these, rounded, folded or quantised.</summary>
    public bool IsSameAs(WeightFingerprint other) => Norm > 0 && DistanceTo(other) < SameWithin;

    /// <summary>Reads a node's weights, with what is folded behind them.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">A node of it.</param>
    /// <param name="folded">Affine nodes behind it that scale its outputs channel by channel.</param>
    /// <returns>Null where no operand is a constant of at least two numbers.</returns>
    public static WeightFingerprint? Of(OnnxGraph graph, OnnxNode node, IReadOnlyList<OnnxNode> folded)
    {
        int place = Enumerable.Range(0, node.Inputs.Length)
            .FirstOrDefault(i => i != 0 && node.HasInput(i) && IsLarge(ConstantExpression.Of(graph, node.Inputs[i])), -1);
        if (place < 0 && node.Inputs.Length == 2 && IsLarge(ConstantExpression.Of(graph, node.Inputs[0])))
            place = 0;
        if (place < 0 || ConstantExpression.Of(graph, node.Inputs[place]) is not { HasData: true } weights)
            return null;
        // A quantised operator has scale and zero point behind its weights.
        float[] values = weights.Load();
        long outputs = weights.Shape.Rank > 0 ? weights.Shape[0] : 1;
        if (node.OpType.StartsWith("QLinear", StringComparison.Ordinal))
            Scale(values, outputs, Values(graph, node, place + 1), Values(graph, node, place + 2));
        if (IsInputsFirst(node) && weights.Shape.Rank == 2)
        {
            values = Transposed(values, (int)weights.Shape[0], (int)weights.Shape[1]);
            outputs = weights.Shape[1];
        }

        foreach (OnnxNode behind in folded)
            if (ScaleOf(graph, behind) is { } scale)
                Scale(values, outputs, scale, null);
        return Of(values);
    }

    /// <summary>Factors that an affine node multiplies channels with; null for one that only adds.</summary>
    private static float[]? ScaleOf(OnnxGraph graph, OnnxNode node)
    {
        if (node.OpType == "BatchNormalization")
        {
            float[]? gamma = Values(graph, node, 1), variance = Values(graph, node, 4);
            float epsilon = node.Float("epsilon", 1e-5f);
            return gamma is null || variance is null ? null
                : [.. gamma.Zip(variance, (g, v) => g / MathF.Sqrt(v + epsilon))];
        }

        float[]? operand = Values(graph, node, 1) ?? Values(graph, node, 0);
        return node.OpType switch
        {
            "Mul" => operand,
            "Div" => operand is null ? null : Array.ConvertAll(operand, value => 1 / value),
            _ => null,
        };
    }

    private static void Scale(float[] values, long outputs, float[]? scale, float[]? zero)
    {
        if (scale is null || outputs == 0 || (scale.Length != 1 && scale.Length != outputs))
            return;
        long inner = values.Length / outputs;
        for (int i = 0; i < values.Length; i++)
        {
            long channel = i / inner;
            float offset = zero is null || zero.Length == 0 ? 0 : zero[zero.Length == 1 ? 0 : channel];
            values[i] = (values[i] - offset) * scale[scale.Length == 1 ? 0 : channel];
        }
    }

    private static float[] Transposed(float[] values, int rows, int columns)
    {
        float[] turned = new float[values.Length];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                turned[c * rows + r] = values[r * columns + c];
        return turned;
    }

    private static bool IsInputsFirst(OnnxNode node) => node.OpType.EndsWith("MatMul", StringComparison.Ordinal)
        || node.OpType == "MatMulInteger" || (node.OpType == "Gemm" && node.Int("transB", 0) == 0);

    private static bool IsLarge(ConstantExpression? constant) => constant is { HasData: true, Shape.Count: > 1 };

    private static float[]? Values(OnnxGraph graph, OnnxNode node, int input) =>
        node.HasInput(input) && ConstantExpression.Of(graph, node.Inputs[input]) is { HasData: true } constant ? constant.Load() : null;

    // SplitMix64: sixteen signs that depend on the place alone.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }
}
