namespace CnnOnnx.Rendering;

/// <summary>From the smallest to the largest value, both included.</summary>
public readonly record struct ValueRange(float Min, float Max)
{
    /// <summary>The largest distance from 0.</summary>
    public float MaxAbsolute => Math.Max(Math.Abs(Min), Math.Abs(Max));
}
