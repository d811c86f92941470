namespace CnnOnnx.Torch.Training;

/// <summary>What a training tells after each batch.</summary>
/// <param name="Epoch">Counts from 1.</param>
/// <param name="Pictures">In this batch.</param>
/// <param name="Loss">Mean over the epoch so far.</param>
internal readonly record struct StepReport(int Epoch, int Pictures, double Loss);
