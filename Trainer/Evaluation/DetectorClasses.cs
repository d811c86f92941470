namespace CnnOnnx.Trainer.Evaluation;

/// <summary>Pairs the classes of a detector with those of a data set, by their names.</summary>
/// <param name="ClassOf">The set's class for each of the detector's, −1 where the set has none; null for the same number.</param>
/// <param name="IsMeasured">True for each class of the set that the detector knows.</param>
/// <param name="Notes">What was assumed and left out, a line each.</param>
internal sealed record DetectorClasses(int[]? ClassOf, bool[] IsMeasured, IReadOnlyList<string> Notes)
{
    private const int MostNamed = 6;

    // Pascal VOC, Darknet and COCO call the same things by these names; spaces do not count.
    private static readonly Dictionary<string, string> Synonyms = new()
    {
        ["aeroplane"] = "airplane",
        ["motorbike"] = "motorcycle",
        ["sofa"] = "couch",
        ["tvmonitor"] = "tv",
    };

    /// <summary>Pairs classes: by name, or by order where the detector names none and has as many.</summary>
    /// <param name="model">The model, for messages.</param>
    /// <param name="labels">Names of the detector's classes; empty where nothing names them.</param>
    /// <param name="count">Number of the detector's classes; null where it is not known.</param>
    /// <param name="classes">Names of the set's classes.</param>
    /// <param name="boxes">Number of boxes of each.</param>
    /// <exception cref="BadInputException">They have no class in common.</exception>
    public static DetectorClasses Pair(string model, IReadOnlyList<string> labels, int? count, string[] classes, int[] boxes)
    {
        bool[] all = [.. classes.Select(_ => true)];
        if (labels.Count == 0)
            return count is null || count == classes.Length
                ? new DetectorClasses(null, all, ["the model names no classes, so they are taken in the data's order"])
                : throw new BadInputException($"{model}: tells {count} classes apart and names none, the data has {classes.Length} "
                    + $"({Some(classes)}); expected as many, or their names (--labels)");
        string[] known = [.. classes.Select(Plain)];
        int[] classOf = [.. labels.Select(label => Array.IndexOf(known, Plain(label)))];
        if (classOf.All(c => c < 0) && labels.Count == 1 && classes.Length == 1)
            return new DetectorClasses([0], all,
                [$"the model's only class '{labels[0]}' is taken for the data's only class '{classes[0]}'"]);
        if (classOf.All(c => c < 0))
            throw new BadInputException($"{model}: finds {Some(labels)}, the data has {Some(classes)}; expected at least one class of the "
                + "same name (--labels gives the model's classes other names)");
        bool[] isMeasured = [.. classes.Select((_, c) => classOf.Contains(c))];
        var notes = new List<string>();
        int[] unknown = [.. Enumerable.Range(0, classes.Length).Where(c => !isMeasured[c])];
        if (unknown.Length > 0)
            notes.Add($"not measured, since the model does not know them: {Some([.. unknown.Select(c => classes[c])])} "
                + (unknown.Sum(c => boxes[c]) is 1 ? "(1 box)" : $"({unknown.Sum(c => boxes[c]):N0} boxes)"));
        string[] other = [.. labels.Where((_, i) => classOf[i] < 0)];
        if (other.Length > 0)
            notes.Add($"left out of what is found, since the data does not know them: {Some(other)}");
        string[] renamed = [.. labels.Where((label, i) => classOf[i] >= 0 && classes[classOf[i]] != label)
            .Select(label => $"{label} = {classes[classOf[labels.ToList().IndexOf(label)]]}")];
        if (renamed.Length > 0)
            notes.Add($"taken for the same: {Some(renamed)}");
        return new DetectorClasses(classOf, isMeasured, notes);
    }

    private static string Plain(string name)
    {
        string plain = string.Concat(name.ToLowerInvariant().Where(char.IsLetterOrDigit));
        return Synonyms.GetValueOrDefault(plain, plain);
    }

    private static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $", … ({names.Count})" : "");
}
