using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>Reads two rows of scores as probabilities, side by side.</summary>
internal static class ScoreReader
{
    private const int Shown = 5;

    /// <summary>Says whether a tensor is one row of scores, maybe with axes of size 1 behind.</summary>
    public static bool IsRow(TensorShape shape) => shape.Count > 1 && shape.Dims.Any(size => size == shape.Count);

    /// <summary>The classes that either model thinks most likely, in the first model's order.</summary>
    /// <param name="a">Scores of the first model.</param>
    /// <param name="b">Scores of the second model.</param>
    /// <param name="labels">Names of the classes; null where there are none.</param>
    public static IReadOnlyList<ScorePair> Of(ReadOnlySpan<float> a, ReadOnlySpan<float> b, IReadOnlyList<string>? labels)
    {
        double[] left = Probabilities(a), right = Probabilities(b);
        int bestOfB = Array.IndexOf(right, right.Max());
        int[] top = [.. Enumerable.Range(0, left.Length).OrderByDescending(i => left[i]).Take(Shown)];
        if (!top.Contains(bestOfB) && bestOfB >= 0)
            top[^1] = bestOfB;
        return [.. top.Select(i => new ScorePair(i, LabelOf(i, left.Length, labels), left[i], right[i]))];
    }

    /// <summary>Name of a class; its number where nobody names as many as there are.</summary>
    /// <param name="index">Place of the class, from 0.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="labels">Names; null for none.</param>
    public static string LabelOf(int index, int classes, IReadOnlyList<string>? labels) =>
        labels is not null && labels.Count == classes ? labels[index] : $"class {index}";

    // What is no distribution yet is made one by softmax; what has no finite value has none.
    private static double[] Probabilities(ReadOnlySpan<float> scores)
    {
        double[] values = new double[scores.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = float.IsNaN(scores[i]) ? double.NegativeInfinity : scores[i];
        if (values.All(v => v is >= 0 and <= 1) && Math.Abs(values.Sum() - 1) < 1e-3)
            return values;
        double largest = values.Max();
        double[] powers = [.. values.Select(v => double.IsFinite(largest) ? Math.Exp(v - largest) : 0)];
        double sum = powers.Sum();
        return [.. powers.Select(p => sum == 0 ? 0 : p / sum)];
    }
}
