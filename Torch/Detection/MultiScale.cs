namespace CnnOnnx.Torch.Detection;

/// <summary>Sides of the inputs that a detector learns from by turns.</summary>
internal static class MultiScale
{
    /// <summary>Sides from one side divided by a factor to one multiplied by it, in steps; the side itself for a factor of 1.</summary>
    /// <param name="side">Side of the input in pixels, a multiple of the step.</param>
    /// <param name="factor">Factor, at least 1.</param>
    /// <param name="step">Pixels that every side is a multiple of.</param>
    public static IReadOnlyList<int> SidesOf(int side, double factor, int step)
    {
        int least = Math.Max(1, (int)Math.Ceiling(side / factor / step)), most = Math.Max(least, (int)(side * factor / step));
        return [.. Enumerable.Range(least, most - least + 1).Select(steps => steps * step)];
    }
}
