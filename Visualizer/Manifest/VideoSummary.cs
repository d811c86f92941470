namespace CnnOnnx.Visualizer.Manifest;

/// <summary>The result of the dump command as JSON, when it makes a video.</summary>
/// <param name="Video">The file.</param>
/// <param name="Tensor">Whose mosaics it shows.</param>
/// <param name="Frames">How many there are.</param>
internal sealed record VideoSummary(string Video, string Tensor, int Frames);
