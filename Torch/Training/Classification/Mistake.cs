namespace CnnOnnx.Torch.Training;

/// <summary>A picture that a network puts into another class than its own.</summary>
/// <param name="Picture">Index of the picture in what was measured.</param>
/// <param name="Actual">The class that it shows.</param>
/// <param name="Predicted">The class that the network gives it.</param>
/// <param name="Confidence">Probability 0..1 that the network gives to that class.</param>
/// <param name="OfActual">Probability 0..1 that it gives to the actual class.</param>
internal readonly record struct Mistake(int Picture, int Actual, int Predicted, double Confidence, double OfActual)
{
    /// <summary>Most mistakes that are kept: what people look through.</summary>
    public const int MostKept = 36;

    /// <summary>Keeps the mistakes that the network was surest of, the surest first.</summary>
    /// <param name="rows">All answers, right ones among them.</param>
    public static Mistake[] Surest(IEnumerable<Mistake> rows) =>
        [.. rows.Where(row => row.Actual != row.Predicted).OrderByDescending(row => row.Confidence).ThenBy(row => row.Picture)
            .Take(MostKept)];
}
