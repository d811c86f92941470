namespace CnnOnnx.Torch.Training;

/// <summary>How well a network does on a set of pictures.</summary>
/// <param name="Loss">Mean cross-entropy over the pictures.</param>
internal sealed record Score(double Loss, ConfusionMatrix Confusion)
{
    public double Accuracy => Confusion.Accuracy;
}
