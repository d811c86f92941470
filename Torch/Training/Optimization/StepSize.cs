namespace CnnOnnx.Torch.Training;

/// <summary>The numbers of one optimizer step.</summary>
/// <param name="Rate">Learning rate of this step.</param>
/// <param name="Step">Counts from 1.</param>
internal readonly record struct StepSize(double Rate, long Step, double Momentum, double WeightDecay);
