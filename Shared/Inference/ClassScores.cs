using CnnOnnx.Onnx;

namespace CnnOnnx.Inference;

/// <summary>The classes that a network thinks most likely.</summary>
/// <param name="Tensor">The output that they were read from.</param>
/// <param name="Applied">Function that makes its values probabilities: softmax, exp, or nothing.</param>
/// <param name="Top">The most likely classes, the first one first.</param>
internal sealed record ClassScores(string Tensor, string Applied, ClassScore[] Top)
{
    private const int Shown = 5;

    /// <summary>Null when the card names no classes, or no output has as many values.</summary>
    public static ClassScores? Of(Activations seen, ModelCard card)
    {
        if (card.Labels is not { Length: > 1 } labels)
            return null;
        Activation? output = seen.Outputs.FirstOrDefault(o => o.Shape.Rank > 0 && o.Shape.Count == labels.Length * (long)o.Samples);
        if (output is null)
            return null;
        double[] values = [.. Widen(output.Values[..labels.Length])];
        (string applied, double[] probabilities) = output.Op == "LogSoftmax" ? ("exp", [.. values.Select(Math.Exp)])
            : AreProbabilities(output.Op, values) ? ("nothing", values)
            : ("softmax", Softmax(values));
        return new ClassScores(output.Name, applied, [.. Enumerable.Range(0, labels.Length)
            .OrderByDescending(i => probabilities[i]).Take(Shown)
            .Select(i => new ClassScore(i, labels[i], probabilities[i]))]);
    }

    public override string ToString() =>
        $"{string.Join(", ", Top.Select(c => $"{c.Label} {c.Probability:0.000}"))}"
        + $" (from '{Tensor}'{(Applied == "nothing" ? "" : $", {Applied} applied")})";

    private static bool AreProbabilities(string op, double[] values) =>
        op is "Softmax" or "Sigmoid" || (values.All(v => v is >= 0 and <= 1) && Math.Abs(values.Sum() - 1) < 1e-3);

    private static double[] Softmax(double[] logits)
    {
        double largest = logits.Max();
        double[] powers = [.. logits.Select(v => Math.Exp(v - largest))];
        double sum = powers.Sum();
        return [.. powers.Select(p => p / sum)];
    }

    private static double[] Widen(ReadOnlySpan<float> values)
    {
        double[] wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = values[i];
        return wide;
    }
}

/// <summary>Probability that the network gives a class.</summary>
internal sealed record ClassScore(int Index, string Label, double Probability);
