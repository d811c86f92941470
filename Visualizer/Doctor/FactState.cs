namespace CnnOnnx.Visualizer.Doctor;

internal enum FactState
{
    /// <summary>Neither good nor bad.</summary>
    Neutral,
    Works,
    Missing,
}
