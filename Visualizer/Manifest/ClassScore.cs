namespace CnnOnnx.Visualizer.Manifest;

/// <summary>What the network gives a class.</summary>
internal sealed record ClassScore(int Index, string Label, double Probability);
