using System.Collections.Immutable;
using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>Boxes that a detector found in a picture.</summary>
/// <param name="Picture">Width and height of the picture.</param>
/// <param name="Boxes">The boxes, from the highest score down.</param>
/// <param name="Preprocessing">How the picture became the network's input.</param>
public sealed record Detections(Size Picture, ImmutableArray<DetectedBox> Boxes, InputSpec Preprocessing);

/// <summary>Something that a detector found.</summary>
/// <param name="Box">Upright box in pixels of the picture, within it.</param>
/// <param name="Class">Index of the class, from 0; background does not count.</param>
/// <param name="Label">Name of the class, or "class 7" where it has none.</param>
/// <param name="Score">Score, 0 to 1.</param>
/// <param name="Origin">Elements of the model's outputs that it was made of.</param>
public sealed record DetectedBox(Rect2d Box, int Class, string Label, double Score, DetectionOrigin Origin)
{
    /// <summary>One line, such as "dog 0.91 at 131,220 to 309,541".</summary>
    public override string ToString() =>
        $"{Label} {Score:0.00} at {Box.Left:0},{Box.Top:0} to {Box.Right:0},{Box.Bottom:0}";
}
