namespace CnnOnnx.Inference;

/// <summary>A tensor that was wanted and cannot be shown.</summary>
public sealed record SkippedTensor(string Name, string Reason);
