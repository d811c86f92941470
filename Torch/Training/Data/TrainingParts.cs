namespace CnnOnnx.Torch.Training;

/// <summary>The parts of a data set for one training.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Validation">Measured after every epoch; the test part where nothing is held out.</param>
/// <param name="Test">Measured once, at the end; null where the set has none.</param>
internal sealed record TrainingParts(DataPart Train, DataPart Validation, DataPart? Test);
