using System.Globalization;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>The classes that a network thinks most likely, or its largest outputs where nothing names the classes.</summary>
/// <param name="Tensor">Name of the output that they were read from.</param>
/// <param name="Applied">Function that makes its values probabilities: softmax, exp, or nothing.</param>
/// <param name="Top">The five most likely classes, the first one first.</param>
public sealed record ClassScores(string Tensor, string Applied, ClassScore[] Top)
{
    private const int Shown = 5;

    private const string Unchanged = "nothing";

    /// <summary>Origin of the class names, in words; null where nothing names them.</summary>
    public string? Names { get; init; }

    /// <summary>Null when no output is a row of numbers.</summary>
    /// <exception cref="BadInputException">The names were given, and no output has as many.</exception>
    internal static ClassScores? Of(Activations seen, OutputNames? names)
    {
        Activation[] outputs = [.. seen.Outputs];
        if (names is not null && outputs.FirstOrDefault(o => CountOf(o) is { } count && names.For(count) is not null) is { } named)
            return Of(named, names.For(CountOf(named)!.Value));
        Activation? row = outputs.FirstOrDefault(IsRow);
        if (row is not null && names is { IsUnchecked: true })
            throw new BadInputException($"{names.Labels.Length} class names were given, output '{row.Name}' has {CountOf(row)} scores; "
                + "expected as many names as scores");
        return row is null ? null : Of(row, null);
    }

    /// <summary>One line, such as "tabby 54.0 %, tiger cat 12.3 % (from 'prob', softmax applied)".</summary>
    public override string ToString() =>
        $"{(Names is null ? "largest outputs: " : "")}{string.Join(", ", Top.Select(c => c.ToString()))}"
        + $" (from '{Tensor}'{(Applied == Unchanged ? "" : $", {Applied} applied")})";

    private static ClassScores Of(Activation output, OutputNames? names)
    {
        int count = CountOf(output)!.Value;
        double[] values = [.. Widen(output.Values[..count])];
        (string applied, double[]? probabilities) = output.Op == "LogSoftmax" ? ("exp", [.. values.Select(Math.Exp)])
            : AreProbabilities(output.Op, values) ? (Unchanged, values)
            // Without names nobody knows whether these are classes.
            : names is null ? (Unchanged, null)
            : ("softmax", Softmax(values));
        return new ClassScores(output.Name, applied, [.. Enumerable.Range(0, count)
            .OrderByDescending(i => values[i]).Take(Shown)
            .Select(i => new ClassScore(i, names?.Labels[i], probabilities?[i], values[i]))])
        {
            Names = names?.Source,
        };
    }

    // Numbers that an output has for one picture.
    private static int? CountOf(Activation output) => output is { Shape.Rank: > 0, Samples: > 0 }
        && output.Shape.Count % output.Samples == 0
        && output.Shape.Count / output.Samples is > 1 and <= int.MaxValue and var count ? (int)count : null;

    private static bool IsRow(Activation output) =>
        CountOf(output) is not null && GuessFacts.RowLength([.. output.Shape.Dims.Select(size => new Dimension(size))]) is not null;

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

/// <summary>One output of a network, as the score of a class.</summary>
/// <param name="Index">Place among the outputs, from 0.</param>
/// <param name="Label">Name of the class; null where nothing names it.</param>
/// <param name="Probability">Probability that the network gives the class; null where the numbers are none and have no names.</param>
/// <param name="Value">The output itself.</param>
public sealed record ClassScore(int Index, string? Label, double? Probability, double Value)
{
    /// <summary>Name and probability, such as "tabby 54.0 %", or index and value, such as "281: 12.3".</summary>
    public override string ToString()
    {
        string number = Probability is { } share
            ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %")
            : Value.ToString("G4", CultureInfo.InvariantCulture);
        return Label is null ? $"{Index}: {number}" : $"{Label} {number}";
    }
}
