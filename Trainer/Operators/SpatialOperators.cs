namespace CnnOnnx.Trainer.Operators;

/// <summary>Rearrangement of pixels, sampling of grids and regions, choice of boxes.</summary>
internal static class SpatialOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
