using System.Globalization;

namespace CnnOnnx.Compare;

/// <summary>Says in words what the figures of a comparison mean.</summary>
internal static class VerdictWriter
{
    // Weights of two trainings are as far apart as random ones, about 1.4; a fault in one channel is far below.
    private const double OtherWeightsFrom = 0.5;

    /// <summary>Writes the verdict.</summary>
    public static ComparisonVerdict Of(
        IReadOnlyList<PairComparison> pairs, InputComparison input, IReadOnlyList<UnpairedTensor> unpaired)
    {
        PairComparison[] layers = [.. pairs.Where(p => p.Pair.Operator.Length > 0)];
        PairComparison[] introduced = [.. layers.Where(p => p.Finding == PairFinding.Introduced)];
        PairComparison[] outside = [.. layers.Where(p => p.Finding != PairFinding.Equal)];
        double[] weights = [.. layers.Select(p => p.Pair.WeightDistance).OfType<double>()];
        int alone = unpaired.Count(u => !u.IsExplained);
        string scope = $"{layers.Length} pairs of tensors" + (alone > 0 ? $", {Tensors(alone)} without a partner" : "");
        if (input.Differences.Count > 0)
            return new(VerdictKind.InputDiffers, $"The networks are not given the same input: {input.Differences[0]}.",
                (input.Differences.Count > 1 ? string.Join("; ", input.Differences.Skip(1)) + ". " : "")
                + (introduced.Length == 0 && layers.Any(p => p.Local is not null)
                    ? "On one and the same input every layer computes the same." : Describe(introduced)),
                introduced.FirstOrDefault()?.Pair);
        if (HasOtherWeights(pairs.Select(p => p.Pair)))
            return new(VerdictKind.OtherWeights, "The same network with other weights: it was trained differently.",
                $"{weights.Count(w => w > OtherWeightsFrom)} of {weights.Length} layers have unrelated weights, so tensors are not "
                    + $"expected to be equal; {scope}.",
                introduced.FirstOrDefault()?.Pair);
        if (outside.Length == 0)
        {
            bool isBitEqual = layers.All(p => p.Cumulative.IsBitEqual);
            PairComparison? largest = layers.MaxBy(p => p.Cumulative.RelativeError);
            return isBitEqual
                ? new(VerdictKind.BitEqual, "The two compute the same, bit by bit.", $"{scope}.", null)
                : new(VerdictKind.Same, "The two compute the same.",
                    $"The largest difference is {Number(largest!.Cumulative.RelativeError)} of '{largest.Pair.B}', "
                        + $"allowed is {Number(largest.Tolerance.Relative)}; {scope}.", null);
        }

        if (introduced.Length == 0)
            return new(VerdictKind.Differs,
                layers.All(p => p.Local is null) ? $"The two differ: '{outside[0].Pair.B}' is the first out of tolerance."
                    : $"The two drift apart: '{outside[0].Pair.B}' is the first out of tolerance, and no layer alone is.",
                $"{outside.Length} of {layers.Length} pairs are out of tolerance, "
                    + $"the last by {Number(layers[^1].Cumulative.RelativeError)}.",
                outside[0].Pair);
        PairComparison first = introduced[0];
        return new(VerdictKind.Differs,
            $"The difference begins at {Node(first)}: {Number(first.Local!.RelativeError)} of its result.",
            $"{Before(layers, first)}{Describe([.. introduced.Skip(1)])}"
            + (first.Effect is { } effect ? $"Alone it changes the output by {Number(effect)}." : ""), first.Pair);
    }

    /// <summary>The same with what is known about the runtime's optimiser, of which runs with every tensor in sight see little.</summary>
    public static ComparisonVerdict With(this ComparisonVerdict verdict, OptimizerFinding? optimizer) => optimizer is null ? verdict
        : optimizer.IsWithin ? verdict with { Detail = $"{verdict.Detail.TrimEnd()} {optimizer}" }
        : verdict with
        {
            Kind = VerdictKind.Differs,
            Headline = optimizer.ToString(),
            Detail = $"With every tensor in sight: {verdict.Headline} {verdict.Detail}",
        };

    /// <summary>Says whether most layers have weights that have nothing to do with each other.</summary>
    public static bool HasOtherWeights(IEnumerable<TensorPair> pairs)
    {
        double[] weights = [.. pairs.Select(p => p.WeightDistance).OfType<double>()];
        return weights.Length > 0 && weights.Count(w => w > OtherWeightsFrom) * 2 > weights.Length;
    }

    private static string Before(PairComparison[] layers, PairComparison first)
    {
        PairComparison[] before = [.. layers.TakeWhile(p => p != first)];
        if (before.Length == 0)
            return "It is the first layer. ";
        if (before.Any(p => p.Finding != PairFinding.Equal))
            return "";
        bool isOne = before.Length == 1;
        return before.All(p => p.Cumulative.IsBitEqual)
            ? $"The {Tensors(before.Length)} before it {(isOne ? "is" : "are")} equal bit by bit. "
            : $"The {Tensors(before.Length)} before it {(isOne ? "agrees" : "agree")} to "
                + $"{Number(before.Max(p => p.Cumulative.RelativeError))}. ";
    }

    private static string Tensors(int count) => count == 1 ? "one tensor" : $"{count} tensors";

    private static string Describe(PairComparison[] more) => more.Length == 0 ? ""
        : $"{more.Length} more layer{(more.Length == 1 ? " adds" : "s add")} a difference: "
            + $"{string.Join(", ", more.Take(3).Select(Node))}{(more.Length > 3 ? ", …" : "")}. ";

    private static string Node(PairComparison pair) => $"{pair.Pair.Operator} '{pair.Pair.Place}'";

    private static string Number(double share) => !double.IsFinite(share) ? "no number"
        : share >= 0.001 ? share.ToString("0.0 %", CultureInfo.InvariantCulture)
        : share.ToString("0.0e+0", CultureInfo.InvariantCulture);
}
