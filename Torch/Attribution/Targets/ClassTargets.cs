namespace CnnOnnx.Torch.Attribution;

/// <summary>Makes targets of classes: one score of a classifier, or the mean of a class's scores where it wins on a map.</summary>
internal static class ClassTargets
{
    /// <summary>The class that wins; on a map, the one that wins in the most places.</summary>
    public static AttributionTarget Top(ClassOutput output, TargetScene scene, LabelIndex labels)
    {
        ClassReading reading = ClassReading.Of(output, scene, labels)
            ?? throw new BadInputException($"'{output.Logits}' has no numbers in this run, so no class wins");
        return Of(reading.Ranked[0].Index, output, scene, labels);
    }

    /// <summary>A class by its index.</summary>
    public static AttributionTarget Of(int index, ClassOutput output, TargetScene scene, LabelIndex labels)
    {
        if (output.Map is not var (rows, columns))
            return Single(index, output, labels);
        // One number cannot stand for a map: the places at which the class wins do, or all when it wins nowhere.
        int height = (int)output.Shape[rows], width = (int)output.Shape[columns];
        (int Row, int Column)[] all = [.. from row in Enumerable.Range(0, height) from column in Enumerable.Range(0, width)
                                          select (row, column)];
        int[]? winners = ClassReading.WinnersOf(output, scene);
        (int Row, int Column)[] won = winners is null ? [] : [.. all.Where(place => winners[place.Row * width + place.Column] == index)];
        (int Row, int Column)[] taken = won.Length > 0 ? won : all;
        string where = won.Length > 0 ? $"the {won.Length} of {all.Length} places where it wins" : "all places, since it wins at none";
        return new AttributionTarget(labels.Short(index), $"mean score of {labels.Describe(index)} over {where}, {output.Where}",
            Mean(taken, output, index));
    }

    /// <summary>Mean of the scores of a class over places of its map.</summary>
    public static TargetTerm[] Mean(IReadOnlyList<(int Row, int Column)> places, ClassOutput output, int index) =>
        [.. places.Select(place => new TargetTerm(output.Logits, output.IndexOf(index, place.Row, place.Column), 1f / places.Count))];

    private static AttributionTarget Single(int index, ClassOutput output, LabelIndex labels)
    {
        string kind = output.Behind is null ? "score" : "logit";
        if (output.Classes > 1 || labels.Count != 2)
            return new AttributionTarget(labels.Short(index), $"{kind} of {labels.Describe(index)} {output.Where}",
                [new TargetTerm(output.Logits, output.IndexOf(index), 1)]);
        // One score for two classes speaks for the second, and against the first.
        return new AttributionTarget(labels.Short(index),
            $"{(index == 1 ? "" : "negative ")}{kind} for {labels.Describe(index)}, one score for two classes {output.Where}",
            [new TargetTerm(output.Logits, output.IndexOf(0), index == 1 ? 1 : -1)]);
    }
}
