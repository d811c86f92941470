using CnnOnnx.Imaging;
using CnnOnnx.Inference;

namespace CnnOnnx.Compare;

/// <summary>Compares what two networks are given, before anything is said about the networks.</summary>
internal static class InputComparer
{
    // A picture that is decoded and scaled twice in one way is equal to the bit, up to the rounding of another element type.
    private const double SameWithin = 1e-6;

    /// <summary>Compares the inputs of two runs.</summary>
    public static InputComparison Between(Activations a, Activations b, IReadOnlyList<TensorPair> pairs, PairedValues values)
    {
        List<string> differences = [];
        foreach (TensorPair pair in pairs.Where(p => p.Operator.Length == 0))
        {
            Activation? left = a.Inputs.FirstOrDefault(i => i.Name == pair.A), right = b.Inputs.FirstOrDefault(i => i.Name == pair.B);
            if (left is null || right is null)
                continue;
            differences.AddRange(Differences(left, right, values));
        }

        if (differences.Count > 0 && a.Preprocessing is { } first && b.Preprocessing is { } second)
            differences.InsertRange(0, InWords(first, second));
        return new InputComparison(differences, a.Preprocessing, b.Preprocessing);
    }

    /// <summary>Differences between two inputs, in words; nothing when they are equal up to rounding.</summary>
    public static List<string> Differences(SideTensor left, SideTensor right, PairedValues values)
    {
        if (!values.TryRead(left, right, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y))
            return [$"'{left.Name}' is {left.Shape} in A and {right.Shape} in B"];
        var meter = new PairMeter();
        meter.Add(x, y, new PairTolerance(SameWithin, 0));
        PairMetrics off = meter.Result();
        bool isEqual = off.RelativeError <= Math.Max(SameWithin, Tolerances.Of(left.ElementType, right.ElementType, false).Relative / 10);
        return isEqual ? [] : [$"the values of '{left.Name}' differ by {off.RelativeError:0.0 %} of their size"
            + (off.Cosine > 0.99999 ? " (a factor)" : "")];
    }

    private static IEnumerable<string> InWords(InputSpec a, InputSpec b)
    {
        if (a.Size != b.Size)
            yield return $"A sees {a.Width}×{a.Height} pixels, B {b.Width}×{b.Height}";
        if (a.Channels != b.Channels)
            yield return
                $"A takes its channels as {a.Channels.ToString().ToLowerInvariant()}, B as {b.Channels.ToString().ToLowerInvariant()}";
        if (a.Resize != b.Resize)
            yield return
                $"A's picture is fitted by {a.Resize.ToString().ToLowerInvariant()}, B's by {b.Resize.ToString().ToLowerInvariant()}";
        if (a.Range != b.Range)
            yield return $"A's values go to {a.Range}, B's to {b.Range}";
        if (!a.Mean.SequenceEqual(b.Mean))
            yield return $"the mean that is taken off is [{string.Join(", ", a.Mean)}] in A and [{string.Join(", ", b.Mean)}] in B";
        if (!a.Std.SequenceEqual(b.Std))
            yield return $"the deviation that is divided by is [{string.Join(", ", a.Std)}] in A and [{string.Join(", ", b.Std)}] in B";
    }
}
