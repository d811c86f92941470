namespace CnnOnnx.Visualizer.Live;

/// <summary>What a live window has shown.</summary>
/// <param name="Frames">That were run.</param>
/// <param name="Layer">The last one: the name of its tensor.</param>
/// <param name="Channel">The last one; null for all.</param>
internal sealed record LiveSummary(int Frames, string Layer, int? Channel);
