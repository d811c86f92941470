using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>How a map is laid over a picture.</summary>
public sealed record OverlayOptions
{
    /// <summary>Numbers that are shown; those that the method's paper shows when not given.</summary>
    public AttributionSign? Sign { get; init; }

    /// <summary>Colour of what speaks for the target; blue when nothing is said.</summary>
    public Vec3b For { get; init; } = AttributionColours.For;

    /// <summary>Colour of what speaks against it; purple when nothing is said.</summary>
    public Vec3b Against { get; init; } = AttributionColours.Against;

    /// <summary>Colours of all strengths, such as Turbo or Jet; null for a tint of one colour over the grey picture.</summary>
    public ColormapTypes? Colormap { get; init; }

    /// <summary>Most of the picture that the map may cover, 0 to 1.</summary>
    public double Opacity { get; init; } = 0.85;

    /// <summary>Percentile of the sizes at which the scale ends; null for the largest, or 99.5 of large maps.</summary>
    public double? Percentile { get; init; }

    /// <summary>Keeps the colours of the picture, which then compete with those of the map.</summary>
    public bool KeepsColour { get; init; }
}

/// <summary>Signs of the numbers of a map.</summary>
public enum AttributionSign
{
    /// <summary>For and against.</summary>
    Both,

    /// <summary>Colour or sign of what speaks for the target.</summary>
    Positive,

    /// <summary>Colour or sign of what speaks against it.</summary>
    Negative,
}
