namespace CnnOnnx.Torch.Training;

/// <summary>How well one class is told from the others.</summary>
/// <param name="Pictures">That show the class.</param>
internal sealed record ClassReport(string Class, double Precision, double Recall, double F1, long Pictures)
{
    /// <summary>One row a class.</summary>
    public static ClassReport[] Of(ConfusionMatrix confusion, IReadOnlyList<string> labels) =>
        [.. labels.Select((name, c) => new ClassReport(name, confusion.Precision(c), confusion.Recall(c), confusion.F1(c), confusion.Support(c)))];
}
