namespace CnnOnnx.Visualizer.Bench;

/// <summary>A stage of a dump, in medians an image.</summary>
/// <param name="Name">See <see cref="BenchResult"/>.</param>
/// <param name="Milliseconds">On the clock.</param>
/// <param name="ProcessorMilliseconds">Of all threads together, waiting that keeps a core busy included.</param>
internal sealed record BenchStage(string Name, double Milliseconds, double ProcessorMilliseconds);
