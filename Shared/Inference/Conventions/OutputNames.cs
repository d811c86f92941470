using CnnOnnx.Onnx;

namespace CnnOnnx.Inference;

/// <summary>Names of a model's classes, and who says so.</summary>
/// <param name="Labels">The names in the order of the outputs.</param>
/// <param name="Source">Origin of the names, in words.</param>
internal sealed record OutputNames(string[] Labels, string Source)
{
    /// <summary>The user gave them, so that the class of the background may be missing or too much.</summary>
    public bool IsGiven { get; private init; }

    /// <summary>Nothing that the file declares tells whether their number is right: the run has to.</summary>
    public bool IsUnchecked { get; private init; }

    /// <summary>What was changed or assumed, in words; null when nothing was.</summary>
    public string? Remark { get; private init; }

    /// <summary>Names that were given, else the card's or the exporter's, else ImageNet's for what looks like a classifier of it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="given">Names that the user gave; null for none.</param>
    /// <returns>Null where nothing names the classes.</returns>
    /// <exception cref="BadInputException">Names were given, and no output has as many.</exception>
    public static OutputNames? Of(OnnxModel model, IReadOnlyList<string>? given)
    {
        int[] counts = [.. model.Graph.Outputs.Select(o => o.Shape is { } dims ? GuessFacts.RowLength(dims) : null).OfType<int>()];
        if (given is not null)
            return Given([.. given], counts, model);
        if (model.Card.Labels is { Length: > 1 } labels)
            return new OutputNames(labels, model.Card.LabelsSource);
        return counts is [1000, ..] && PreprocessingGuess.Of(model) is { IsImageNet: true }
            ? new OutputNames(ClassNames.ImageNet, "assumed to be ImageNet's")
            {
                Remark = "class names: ImageNet's are assumed for 1000 outputs; say --labels FILE for others",
            }
            : null;
    }

    /// <summary>The names for an output of a number of classes; null where they are for another number.</summary>
    public OutputNames? For(int outputs) => ClassNames.Fit(Labels, outputs) is not var (names, remark) || (!IsGiven && remark.Length > 0)
        ? null
        : remark.Length == 0 ? this
        : this with { Labels = names, Remark = remark };

    // Where no output is a row of scores, as of a detector, the names are for whoever reads the boxes.
    private static OutputNames Given(string[] names, int[] counts, OnnxModel model)
    {
        var all = new OutputNames(names, "given") { IsGiven = true };
        return counts.Length == 0 ? all with { IsUnchecked = true }
            : counts.Select(all.For).FirstOrDefault(fitting => fitting is not null)
            ?? throw new BadInputException($"{model.Source}: {names.Length} class names were given, its outputs have "
                + $"{string.Join(" and ", counts.Distinct().Take(4))} scores; expected as many names as scores");
    }
}
