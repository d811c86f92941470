namespace CnnOnnx.Visualizer.Survey;

/// <summary>Where NaN or infinite values first appear in a run, in the order of the graph.</summary>
internal sealed record NonFiniteRecord(string Input, int Index, string Tensor, long Nan, long Inf);
