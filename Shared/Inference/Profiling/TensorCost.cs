namespace CnnOnnx.Inference;

/// <summary>What a tensor costs.</summary>
/// <param name="Bytes">That its elements take; null when the runtime did not say.</param>
/// <param name="Milliseconds">Of the node that makes it; null when it was rewritten away.</param>
/// <param name="Provider">That ran the node, such as CPUExecutionProvider.</param>
internal sealed record TensorCost(long? Bytes, double? Milliseconds, string? Provider);
