namespace CnnOnnx.Visualizer.Manifest;

/// <summary>The result of the dump command as JSON.</summary>
internal sealed record DumpSummary(string Model, string Device, DumpSummary.Entry[] Inputs)
{
    /// <param name="Input">As it was given.</param>
    /// <param name="Folder">Where its files are; null when there was a fault.</param>
    /// <param name="Tensors">How many were drawn.</param>
    /// <param name="Skipped">How many could not be.</param>
    /// <param name="Scores">When the model card names classes.</param>
    /// <param name="Resumed">The dump is that of an earlier run.</param>
    /// <param name="Fault">Why there is no dump.</param>
    internal sealed record Entry(string Input, string? Folder, int Tensors, int Skipped, ClassScores? Scores, bool Resumed, string? Fault);
}
