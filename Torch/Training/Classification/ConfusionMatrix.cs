namespace CnnOnnx.Torch.Training;

/// <summary>Counts of pictures by their class (rows) and the class that a network gives them (columns).</summary>
internal sealed class ConfusionMatrix(int classes)
{
    private readonly long[,] _counts = new long[classes, classes];

    public int Classes => classes;

    public long this[int actual, int predicted] => _counts[actual, predicted];

    public long Total => Sum(_counts.Cast<long>());

    /// <summary>Share of pictures on the diagonal; NaN when there are none.</summary>
    public double Accuracy => (double)Sum(All.Select(c => _counts[c, c])) / Total;

    private IEnumerable<int> All => Enumerable.Range(0, classes);

    /// <exception cref="BadInputException">The network has more scores than there are classes.</exception>
    public void Add(int actual, int predicted)
    {
        if (predicted >= classes)
            throw new BadInputException(
                $"the network chose score {predicted} of a picture, expected one score for each of {classes} classes; its output may "
                    + "be a map");
        _counts[actual, predicted]++;
    }

    /// <summary>Pictures of a class.</summary>
    public long Support(int c) => Sum(All.Select(predicted => _counts[c, predicted]));

    /// <summary>Share 0..1 of the pictures given the class that have it; 0 when none is given it.</summary>
    public double Precision(int c) => Ratio(_counts[c, c], Sum(All.Select(actual => _counts[actual, c])));

    /// <summary>Share 0..1 of the pictures of the class that are given it; 0 when there are none.</summary>
    public double Recall(int c) => Ratio(_counts[c, c], Support(c));

    /// <summary>Harmonic mean of precision and recall; 0 when both are.</summary>
    public double F1(int c) => Precision(c) + Recall(c) == 0 ? 0 : 2 * Precision(c) * Recall(c) / (Precision(c) + Recall(c));

    /// <summary>Rows of counts, for JSON.</summary>
    public long[][] ToRows() => [.. All.Select(actual => All.Select(predicted => _counts[actual, predicted]).ToArray())];

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private static long Sum(IEnumerable<long> counts) => counts.Sum();
}
