namespace CnnOnnx.Torch.Training;

/// <summary>Loss and accuracy on pictures that took no part in the training.</summary>
internal sealed record TestScore(int Epoch, double Loss, double Accuracy);
