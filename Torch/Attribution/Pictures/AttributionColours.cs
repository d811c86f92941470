using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Colours of attribution pictures: for, against, and the way from one to the other through white.</summary>
internal static class AttributionColours
{
    /// <summary>Colour or sign of what speaks for the target, or for the first of two.</summary>
    public static Vec3b For { get; } = new(235, 111, 31);

    /// <summary>Colour or sign of what speaks for the second of two targets.</summary>
    public static Vec3b Second { get; } = new(9, 83, 180);

    /// <summary>Colour or sign of what speaks against a target; it is not evidence for another.</summary>
    public static Vec3b Against { get; } = new(107, 58, 138);

    /// <summary>Colour of a number from −1 (against) over 0 (the background) to 1 (for).</summary>
    /// <param name="value">Number from −1 to 1; beyond it counts as the end.</param>
    /// <param name="positive">Colour of 1.</param>
    /// <param name="negative">Colour of −1.</param>
    /// <param name="background">Colour of 0.</param>
    public static Vec3b Diverging(float value, Vec3b positive, Vec3b negative, Vec3b background)
    {
        float share = float.IsNaN(value) ? 0 : Math.Clamp(Math.Abs(value), 0, 1);
        return Mix(background, value < 0 ? negative : positive, share);
    }

    /// <summary>Mixture of two colours.</summary>
    /// <param name="share">Share of the second, 0 to 1.</param>
    public static Vec3b Mix(Vec3b first, Vec3b second, float share) => new(
        Channel(first.Item0, second.Item0, share), Channel(first.Item1, second.Item1, share), Channel(first.Item2, second.Item2, share));

    private static byte Channel(byte first, byte second, float share) => (byte)(first + (second - first) * share + 0.5f);
}
