using CnnOnnx.Tensors;

namespace CnnOnnx.Rendering;

/// <summary>Maps too large for a picture: every k-th value of a row and of a column.</summary>
internal static class Thinned
{
    /// <summary>Of a map that is drawn, in values.</summary>
    public const int MaxSide = 8192;

    public static bool Needs(FeatureMaps maps) => Math.Max(maps.Width, maps.Height) > MaxSide;

    public static (float[] Values, FeatureMaps Maps) Of(ReadOnlySpan<float> values, FeatureMaps maps)
    {
        int stepX = (maps.Width - 1) / MaxSide + 1, stepY = (maps.Height - 1) / MaxSide + 1;
        FeatureMaps thin = maps with { Offset = 0, Width = (maps.Width - 1) / stepX + 1, Height = (maps.Height - 1) / stepY + 1 };
        float[] kept = new float[thin.Length];
        int to = 0;
        for (int map = 0; map < maps.Count; map++)
            for (int y = 0; y < maps.Height; y += stepY)
                for (int x = 0; x < maps.Width; x += stepX)
                    kept[to++] = values[(map * maps.Height + y) * maps.Width + x];
        return (kept, thin);
    }
}
