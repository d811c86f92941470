using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Brings numbers to 0..1.</summary>
internal static class Scaling
{
    /// <summary>All numbers together: (m − min) / (max − min + epsilon).</summary>
    public static Tensor ToUnit(Tensor map, double epsilon)
    {
        Tensor from = map - map.min();
        return from / (from.max() + epsilon);
    }

    /// <summary>Each of the maps [n, H, W] alone.</summary>
    public static Tensor EachToUnit(Tensor maps, double epsilon)
    {
        Tensor from = maps - maps.amin([1, 2], keepdim: true);
        return from / (from.amax([1, 2], keepdim: true) + epsilon);
    }
}
